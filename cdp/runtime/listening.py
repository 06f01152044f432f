"""The one socket the product answers on, opened by the supervisor and handed to the web processes."""

import errno
import socket
from dataclasses import dataclass

from cdp.runtime.problem import RuntimeProblem

BACKLOG = 2048
HIGHEST_PORT = 65_535


class CannotListen(RuntimeProblem):
    """The address cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Listening:
    socket: socket.socket
    host: str

    @property
    def fd(self) -> int:
        return self.socket.fileno()

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def url(self) -> str:
        """What a person opens: a wildcard address is shown as the machine itself."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    @property
    def own_url(self) -> str:
        return f"{self.url}/healthz"


def listen(host: str, port: int) -> Listening:
    if not 0 <= port <= HIGHEST_PORT:
        raise CannotListen(f"There is no port {port}. Choose one up to {HIGHEST_PORT}: make run PORT=8000")
    try:
        facts = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise CannotListen(f"There is no address {host} port {port} on this machine. Set HOST and PORT.") from error
    opened = socket.socket(facts[0], facts[1])
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(facts[4])
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise CannotListen(why_not(host, port, error)) from error
    return Listening(socket=opened, host=host)


def why_not(host: str, port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. Choose another one: make run PORT={port + 1}"
    if number == errno.EACCES:
        return f"You may not listen on port {port}. Choose one above 1024: make run PORT=8000"
    if number == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine. Set HOST to one that is, or to 127.0.0.1."
    return f"Cannot listen on {host}:{port}: {error}"
