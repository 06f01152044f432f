"""Sockets for the outbound client: the name is looked up once, its addresses are checked, and one of them is dialled.

There is no moment in which a second look-up could say something else: the checked address is what the socket
connects to. The name is used for TLS (SNI, certificate) and the Host header alone.
"""

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from cdp.common.outbound_errors import OutboundFailed
from cdp.common.outbound_guard import checked
from cdp.common.outbound_target import literal

Resolver = Callable[[str, int], Sequence[str]]
Dial = Callable[[str, int, float], socket.socket]
"""Address, port, seconds → a connected socket."""
TRIED = 3
"""Addresses of a host that are dialled before it counts as away."""
_lookups = threading.BoundedSemaphore(64)


class Deadline(threading.local):
    """When the request of this thread must have ended."""

    at = float("inf")

    def left(self, most_s: float | None = None) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if most_s is None else min(left, most_s)


def look_up(host: str, port: int) -> list[str]:
    """What the system's resolver says: each address once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def dial(address: str, port: int, timeout_s: float) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.settimeout(timeout_s)
        found.connect((address, port))
    except BaseException:
        found.close()
        raise
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


class Network(httpcore.NetworkBackend):
    """What httpcore connects through. `is_guarded` false leaves the addresses of own hosts unchecked."""

    def __init__(self, *, deadline: Deadline, resolver: Resolver, dial: Dial, is_guarded: bool) -> None:
        self._deadline = deadline
        self._resolver = resolver
        self._dial = dial
        self._is_guarded = is_guarded

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        until = time.monotonic() + self._deadline.left(timeout)
        addresses = self._addresses(host, port, until=until)
        refused: OSError | None = None
        for address in addresses[:TRIED]:
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                return Stream(self._dial(address, port, left), self._deadline)
            except TimeoutError:
                break
            except OSError as error:
                refused = error
        if refused is None:
            raise httpcore.ConnectTimeout
        raise httpcore.ConnectError from refused

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        raise OutboundFailed("Sockets of this machine are not asked.", permanent=True)

    def _addresses(self, host: str, port: int, *, until: float) -> list[str]:
        answers = [host] if literal(host) else looked_up(self._resolver, host, port, until=until)
        return [str(one) for one in checked(answers)] if self._is_guarded else list(answers)


def looked_up(resolver: Resolver, host: str, port: int, *, until: float) -> Sequence[str]:
    """In a thread of its own: the system's look-up knows no time-out."""
    done: list[Sequence[str] | OSError] = []
    if not _lookups.acquire(timeout=max(0.0, until - time.monotonic())):
        raise httpcore.ConnectTimeout

    def ask() -> None:
        try:
            done.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            done.append(error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, "no such name"))
        finally:
            _lookups.release()

    asking = threading.Thread(target=ask, daemon=True, name="look-up")
    asking.start()
    asking.join(max(0.0, until - time.monotonic()))
    if not done:
        raise httpcore.ConnectTimeout
    if isinstance(done[0], OSError):
        is_permanent = getattr(done[0], "errno", None) == socket.EAI_NONAME
        raise OutboundFailed("The host's name cannot be found.", permanent=is_permanent, is_unsent=True) from done[0]
    return done[0]


class Stream(httpcore.NetworkStream):
    """A socket whose every step ends by the deadline of the thread's request."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._deadline.left(timeout))
        try:
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except OSError as error:
            raise httpcore.ReadError from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        try:
            while rest:
                self._socket.settimeout(self._deadline.left(timeout))
                rest = rest[self._socket.send(rest) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error
        except OSError as error:
            raise httpcore.WriteError from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(self._deadline.left(timeout))
            return Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname), self._deadline)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout from error
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise OutboundFailed(
                "The host's certificate is not valid for its name.", permanent=True, is_unsent=True
            ) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError from error

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _is_readable(self._socket)
        if info == "server_addr":
            return self._socket.getpeername()
        return None


def _is_readable(kept: socket.socket) -> bool:
    """An idle connection with something to read was closed by the other side, or is out of step."""
    if kept.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(kept.fileno(), select.POLLIN)
    return bool(poll.poll(0))
