"""The one way out: requests to addresses that people typed, never to this machine or the network it stands in.

A name is looked up once, every address it has is checked, and the socket connects to the checked one, while TLS
verifies the name. Redirects are followed by hand, each checked like the first address. Time and size are capped in all.
"""

import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import TracebackType
from urllib.parse import urljoin

import certifi
import httpcore
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cdp.common.outbound_body import read_body
from cdp.common.outbound_errors import OutboundError, OutboundFailed, OutboundRefused
from cdp.common.outbound_network import Deadline, Dial, Network, Resolver, dial, look_up
from cdp.common.outbound_target import Target, check_public, read_target

__all__ = [
    "Client",
    "Limits",
    "OutboundError",
    "OutboundFailed",
    "OutboundRefused",
    "Policy",
    "Received",
    "check_headers",
    "open_client",
    "policy_by_settings",
]

USER_AGENT = "Tributary"
METHODS = frozenset({"GET", "HEAD", "POST"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
OURS = frozenset(
    {
        "host",
        "user-agent",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "cookie",
        "expect",
        "trailer",
        "te",
    }
    | {"connection", "keep-alive", "upgrade", "proxy-authorization", "proxy-connection"}
)
"""Headers that the client writes itself, or that nobody writes."""
_name = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_value = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]{0,3998}[\x21-\x7e])?|", re.ASCII)


@dataclass(frozen=True)
class Limits:
    """How long and how much, over all redirects."""

    total_s: float = 10.0
    connect_s: float = 3.0
    most_bytes: int = 1_000_000
    is_cut: bool = False
    """A larger body is read up to the cap and no further, instead of refused."""
    redirects: int = 3


@dataclass(frozen=True)
class Policy:
    """What may be asked besides the public internet on `ports`: addresses that begin like one of `own`."""

    own: tuple[str, ...] = ()
    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})

    @cached_property
    def prefixes(self) -> tuple[Target, ...]:
        return tuple(map(read_target, self.own))

    def is_own(self, target: Target) -> bool:
        return not target.has_dots and any(_covers(prefix, target) for prefix in self.prefixes)


@dataclass(frozen=True)
class Received:
    status: int
    headers: Mapping[str, str]
    """By name in lower case; of several of one name the last."""
    body: bytes
    url: str
    """Where it came from, after redirects."""
    redirects: int
    took_s: float


@dataclass(frozen=True)
class _Request:
    method: str
    target: Target
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Client:
    """Keeps connections open, each to the address it was checked for, until it is closed. Threads may share it."""

    def __init__(
        self,
        policy: Policy,
        *,
        resolver: Resolver = look_up,
        dial: Dial = dial,
        tls: ssl.SSLContext | None = None,
        most_connections: int = 32,
    ) -> None:
        self._policy = policy
        self._deadline = Deadline()
        tls = tls or trusted()

        def pool(*, is_guarded: bool) -> httpcore.ConnectionPool:
            network = Network(deadline=self._deadline, resolver=resolver, dial=dial, is_guarded=is_guarded)
            return httpcore.ConnectionPool(
                ssl_context=tls,
                max_connections=most_connections,
                keepalive_expiry=5,
                network_backend=network,
            )

        # Two pools: a connection that was allowed for one path of an own host is never used for another host's rules.
        self._guarded, self._own = pool(is_guarded=True), pool(is_guarded=False)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._guarded.close()
        self._own.close()

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits = Limits()) -> Received:
        return self.send("GET", url, headers=headers, limits=limits)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limits: Limits = Limits(),
    ) -> Received:
        """The answer, whatever its status. Raises OutboundRefused or OutboundFailed."""
        if method not in METHODS:
            raise OutboundRefused(f"Only {', '.join(sorted(METHODS))} can be asked.")
        request = _Request(method, read_target(url), check_headers(headers or {}), body)
        began = time.monotonic()
        self._deadline.at = began + limits.total_s
        try:
            received = self._follow(request, limits)
        finally:
            self._deadline.at = float("inf")
        return replace(received, took_s=time.monotonic() - began)

    def _follow(self, request: _Request, limits: Limits) -> Received:
        for done in range(limits.redirects + 1):
            received = self._ask(request, limits)
            where = received.headers.get("location", "")
            if received.status not in REDIRECTS or not where or not limits.redirects:
                return replace(received, redirects=done)
            request = _redirected(request, received.status, where)
        raise OutboundFailed(f"It redirects more than {limits.redirects} times.", permanent=True)

    def _ask(self, request: _Request, limits: Limits) -> Received:
        pool = self._own
        if not self._policy.is_own(request.target):
            check_public(request.target, ports=self._policy.ports)
            pool = self._guarded
        try:
            return self._received(pool, request, limits)
        except httpcore.RemoteProtocolError as error:
            # A kept connection may be closed just as it is used; what changes nothing is asked again, once.
            if request.method == "POST" or "without sending" not in str(error):
                raise _failed(error, limits) from error
        except NETWORK as error:
            raise _failed(error, limits) from error
        try:
            return self._received(pool, request, limits)
        except NETWORK as error:
            raise _failed(error, limits) from error

    def _received(self, pool: httpcore.ConnectionPool, request: _Request, limits: Limits) -> Received:
        left = self._deadline.left()
        target = request.target
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        times = {"connect": min(left, limits.connect_s), "read": left, "write": left, "pool": left}
        headers = [("Host", target.host_header), ("User-Agent", USER_AGENT), ("Accept-Encoding", "gzip")]
        with pool.stream(
            request.method,
            url,
            headers=headers + list(request.headers.items()),
            content=request.body if request.method == "POST" else None,
            extensions={"timeout": times},
        ) as response:
            got = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            body = b""
            if request.method != "HEAD" and response.status not in REDIRECTS:
                body = read_body(
                    response.iter_stream(),
                    encoding=got.get("content-encoding", ""),
                    most_bytes=limits.most_bytes,
                    is_cut=limits.is_cut,
                )
        return Received(response.status, got, body, target.url, redirects=0, took_s=0.0)


NETWORK = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, TimeoutError)


def _failed(error: Exception, limits: Limits) -> OutboundFailed:
    if isinstance(error, httpcore.ConnectTimeout):
        return OutboundFailed(f"No connection within {limits.connect_s:g} s.", permanent=False, is_unsent=True)
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return OutboundFailed(f"No whole answer within {limits.total_s:g} s.", permanent=False)
    if isinstance(error, httpcore.ProtocolError):
        return OutboundFailed("The host does not answer as HTTP demands.", permanent=False)
    is_unsent = isinstance(error, httpcore.ConnectError)
    return OutboundFailed("The connection failed or broke.", permanent=False, is_unsent=is_unsent)


def _redirected(request: _Request, status: int, where: str) -> _Request:
    """Where a redirect leads. To another host go no headers (they may hold secrets) and no body."""
    # Header bytes were read as Latin-1; addresses in them are UTF-8, where they are not ASCII.
    where = where if where.isascii() else where.encode("latin-1").decode("utf-8", "replace")
    try:
        target = read_target(urljoin(request.target.url, where))
    except ValueError as error:
        raise OutboundRefused("It redirects to something that is no address.") from error
    is_same = target.origin == request.target.origin
    if request.target.scheme == "https" and target.scheme == "http":
        raise OutboundRefused("It redirects from https to http, where anybody on the way could read along.")
    if status in {301, 302, 303}:
        method = "HEAD" if request.method == "HEAD" else "GET"
        return _Request(method, target, request.headers if is_same else {})
    if request.method == "POST" and not is_same:
        raise OutboundRefused("It redirects what was to be posted to another host.")
    return _Request(request.method, target, request.headers if is_same else {}, request.body)


def check_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, if they can be sent as they are: none that the client writes, no line breaks."""
    for name, value in headers.items():
        if not _name.fullmatch(name):
            raise OutboundRefused("A header's name holds a character that such names do not hold.")
        if name.lower() in OURS:
            raise OutboundRefused(f"The header {name} cannot be set.")
        if not _value.fullmatch(value):
            raise OutboundRefused(f"The header {name} holds a line break or a character outside ASCII, or is too long.")
    return dict(headers)


def _covers(prefix: Target, target: Target) -> bool:
    return prefix.origin == target.origin and target.path.startswith(prefix.path)


@cache
def trusted() -> ssl.SSLContext:
    """The system's authorities (also those of SSL_CERT_FILE) and Mozilla's. Read once: that takes long."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def policy_by_settings() -> Policy:
    policy = Policy(tuple(settings.OUTBOUND_OWN), frozenset(settings.OUTBOUND_PORTS))
    try:
        policy.prefixes  # noqa: B018  # read now: a mistake in the settings is no refusal of what is asked
    except OutboundRefused as error:
        raise ImproperlyConfigured(f"OUTBOUND_OWN holds something that is no address. {error}") from error
    return policy


def open_client(*, most_connections: int = 32) -> Client:
    """A client by the settings. Use it in `with`, for one batch."""
    return Client(policy_by_settings(), most_connections=most_connections)
