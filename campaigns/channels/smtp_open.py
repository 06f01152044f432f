"""From nothing to a connection on which mail can be handed over: greeting, encryption, sign-in."""

import base64
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

import certifi

from campaigns.channels.smtp_line import Broken, CannotConnect, Line, Reply


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True)
class Server:
    """Equal ones share kept connections, so all that matters for one is here."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    hello: str = "localhost"
    """What we call ourselves."""
    connect_s: float = 10.0
    reply_s: float = 60.0


@dataclass
class Link:
    """A connection that is ready, and what the server can do."""

    line: Line
    abilities: dict[str, str]
    """Keyword of EHLO in capitals → what stands after it."""
    is_fresh: bool = True
    """Nothing was sent over it yet."""

    def can(self, ability: str) -> bool:
        return ability in self.abilities

    def quit(self) -> None:
        """Politely, without waiting for the answer."""
        try:
            self.line.send(b"QUIT\r\n")
        except Broken:
            pass
        finally:
            self.line.close()


def open_link(server: Server, *, tls: ssl.SSLContext | None = None) -> Link:
    """Raises CannotConnect."""
    tls = tls or trusted()
    line = _dialled(server, tls)
    try:
        greeting = line.reply()
        if not greeting.is_good:
            raise CannotConnect(f"The server greets with: {greeting}")
        abilities = _hello(line, server)
        if server.security == Security.STARTTLS:
            abilities = _encrypted(line, server, abilities, tls)
        if server.username:
            _sign_in(line, server, abilities)
    except Broken as error:
        line.close()
        raise CannotConnect(str(error)) from error
    except CannotConnect:
        line.close()
        raise
    return Link(line, abilities)


@cache
def trusted() -> ssl.SSLContext:
    """The system's authorities and Mozilla's. Read once: that takes long."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _dialled(server: Server, tls: ssl.SSLContext) -> Line:
    try:
        connected = socket.create_connection((server.host, server.port), timeout=server.connect_s)
    except TimeoutError as error:
        raise CannotConnect(
            f"{server.host} did not answer on port {server.port} within {server.connect_s:g} s."
        ) from error
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CannotConnect(f"No connection to {server.host}, port {server.port}: {why}.") from error
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = Line(connected, reply_s=server.reply_s)
    if server.security == Security.TLS:
        try:
            line.start_tls(tls, server.host)
        except CannotConnect:
            line.close()
            raise
    return line


def _hello(line: Line, server: Server) -> dict[str, str]:
    reply = line.ask(f"EHLO {server.hello}")
    if reply.is_good:
        words = (one.partition(" ") for one in reply.lines[1:])
        return {word.upper(): rest for word, _, rest in words}
    reply = line.ask(f"HELO {server.hello}")
    if not reply.is_good:
        raise CannotConnect(f"The server does not want to hear us: {reply}")
    return {}


def _encrypted(line: Line, server: Server, abilities: dict[str, str], tls: ssl.SSLContext) -> dict[str, str]:
    if "STARTTLS" not in abilities:
        raise CannotConnect("The server offers no STARTTLS, so nothing was sent. Choose another port or encryption.")
    reply = line.ask("STARTTLS")
    if not reply.is_good:
        raise CannotConnect(f"The server refuses STARTTLS: {reply}")
    line.start_tls(tls, server.host)
    return _hello(line, server)


def _sign_in(line: Line, server: Server, abilities: dict[str, str]) -> None:
    ways = abilities.get("AUTH", "").upper().split()
    if server.security == Security.NONE and not is_this_machine(server.host):
        raise CannotConnect("A password is sent over an encrypted connection alone. Choose STARTTLS or TLS.")
    if "PLAIN" in ways:
        reply = line.ask(f"AUTH PLAIN {_coded(f'{chr(0)}{server.username}{chr(0)}{server.password}')}")
    elif "LOGIN" in ways:
        reply = _login(line, server)
    else:
        raise CannotConnect("The server takes no password here (it offers neither AUTH PLAIN nor AUTH LOGIN).")
    if not reply.is_good:
        raise CannotConnect(f"The server refuses the user name and password: {reply}")


def _login(line: Line, server: Server) -> Reply:
    reply = line.ask("AUTH LOGIN")
    for word in (server.username, server.password):
        if reply.code != 334:
            break
        reply = line.ask(_coded(word))
    return reply


def is_this_machine(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"}


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
