"""Reading an address strictly: what two programs could read differently is refused."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

import idna

from cdp.common.outbound_errors import OutboundRefused
from cdp.common.outbound_guard import Address, is_public

LONGEST = 8_000
PORTS = {"http": 80, "https": 443}
_whole = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?")
_authority = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_unusable = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]")
_label = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_numeric = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.ASCII)
_escape = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)


@dataclass(frozen=True)
class Target:
    """An address in parts: where to connect and what to ask for there."""

    scheme: str
    host: str
    """Lower case, ASCII; an IPv6 address without brackets."""
    port: int
    path: str
    """With the query; begins with a slash."""

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host_header}{self.path}"

    @property
    def has_dots(self) -> bool:
        """Whether a server could read its path as leading upwards."""
        path = self.path.partition("?")[0].lower().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/")
        return any(part in {".", ".."} for part in path.split("/"))


def read_target(url: str) -> Target:
    if len(url) > LONGEST:
        raise OutboundRefused(f"The address is longer than {LONGEST:,} characters.")
    if _unusable.search(url):
        raise OutboundRefused("The address holds a space, a backslash or an invisible character.")
    found = _whole.fullmatch(url)
    if found is None or found["scheme"].lower() not in PORTS:
        raise OutboundRefused("The address must begin with http:// or https://.")
    scheme = found["scheme"].lower()
    if "@" in found["authority"]:
        raise OutboundRefused("The address holds a user name or password; put them into a header.")
    parts = _authority.fullmatch(found["authority"])
    if parts is None:
        raise OutboundRefused("The address has no host that can be read.")
    port = int(parts["port"] or PORTS[scheme])
    if not 0 < port < 65536:
        raise OutboundRefused("The address has a port that does not exist.")
    return Target(scheme, _host(parts["host"]), port, _path(found["rest"]))


def literal(host: str) -> Address | None:
    """The address, if the host is one and no name."""
    try:
        return IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        return None


def check_public(target: Target, *, ports: frozenset[int]) -> None:
    """What can be said before the name is looked up."""
    if target.port not in ports:
        raise OutboundRefused(f"Port {target.port} is not asked; only {', '.join(map(str, sorted(ports)))}.")
    address = literal(target.host)
    if address is not None and not is_public(address):
        raise OutboundRefused("The address is private or reserved, and such addresses are not asked.")
    if address is None and (target.host.endswith(".localhost") or "." not in target.host):
        raise OutboundRefused("The host is a name of the own network, and such hosts are not asked.")


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return IPv6Address(text[1:-1]).compressed
        except AddressValueError as error:
            raise OutboundRefused("The address has an IPv6 host that cannot be read.") from error
    name = _ascii(text).lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_label.fullmatch(label) for label in labels):
        raise OutboundRefused("The host's name holds something that names of hosts do not hold.")
    # Decimal, octal and hexadecimal spellings mean different hosts to different programs.
    if _numeric.fullmatch(labels[-1]) and literal(name) is None:
        raise OutboundRefused("The host is a number; write IPv4 addresses as four plain decimal numbers.")
    return name


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return ".".join(label if label.isascii() else idna.alabel(label.lower()).decode() for label in name.split("."))
    except idna.IDNAError as error:
        raise OutboundRefused("The host's name holds a character that names of hosts do not hold.") from error


def _path(rest: str) -> str:
    path = rest if rest.startswith("/") else f"/{rest}"
    return quote(_escape.sub("%25", path), safe="%/?:@!$&'()*+,;=-._~")
