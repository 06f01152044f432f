"""Servers of the test's own, on this machine: one that answers as told, one that must never be reached."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cdp.common.outbound import Client, Policy

PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
Answers = Callable[[str], bytes | Iterable[bytes]]
"""The request's text → the answer's bytes, or parts of them to be sent one after the other."""


def answer(body: bytes = b"{}", *, status: str = "200 OK", headers: Sequence[str] = ()) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Answering:
    """Listens on 127.0.0.1 until left. `requests` holds what was asked, `n_connections` how often it was dialled."""

    def __init__(self, answers: Answers, *, tls: ssl.SSLContext | None = None) -> None:
        self._answers = answers
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.requests: list[str] = []
        self.n_connections = 0
        self.is_left = threading.Event()

    def __enter__(self) -> "Answering":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_left.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while not self.is_left.is_set():
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            self.n_connections += 1
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        with contextlib.suppress(OSError), connected:
            if self._tls:
                connected = self._tls.wrap_socket(connected, server_side=True)
            while request := self._read(connected):
                self.requests.append(request)
                given = self._answers(request)
                for part in [given] if isinstance(given, bytes) else given:
                    connected.sendall(part)

    def _read(self, connected: socket.socket) -> str:
        got = b""
        while b"\r\n\r\n" not in got:
            part = connected.recv(65536)
            if not part:
                return ""
            got += part
        head, _, body = got.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += connected.recv(65536)
        return (head + b"\r\n\r\n" + body).decode("latin-1")


class Canary:
    """Listens on every address of this machine. Whoever connects has got where nobody may."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port: int = self._listening.getsockname()[1]
        self._listening.settimeout(0)

    def __enter__(self) -> "Canary":
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    @property
    def n_reached(self) -> int:
        """Connections are made by the kernel before they are accepted: none can be missed."""
        n = 0
        while True:
            try:
                self._listening.accept()[0].close()
            except BlockingIOError:
                return n
            n += 1


class Roads:
    """A network in which public addresses lead to servers of the test; who was dialled is written down."""

    def __init__(self, leads: Mapping[str, int]) -> None:
        self._leads = leads
        self.dialled: list[tuple[str, int]] = []

    def dial(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.dialled.append((address, port))
        if address not in self._leads:
            raise OSError(f"nothing leads to {address}")
        return socket.create_connection(("127.0.0.1", self._leads[address]), timeout_s)


class Names:
    """A resolver that answers from lists: each look-up takes the next answer, the last one stays."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {name: list(lists) for name, lists in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        lists = self._answers.get(host)
        if lists is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return lists.pop(0) if len(lists) > 1 else lists[0]


@contextlib.contextmanager
def world(
    answers: Answers, *, names: Mapping[str, Sequence[Sequence[str]]] | None = None, policy: Policy | None = None
) -> Iterator[tuple[Client, Answering, Roads]]:
    """A client for whom good.test is a public host, and the server that stands there."""
    with Answering(answers) as server:
        roads = Roads({PUBLIC: server.port, OTHER_PUBLIC: server.port})
        resolver = Names({"good.test": [[PUBLIC]], "other.test": [[OTHER_PUBLIC]], **(names or {})})
        with Client(policy or Policy(), resolver=resolver, dial=roads.dial) as client:
            yield client, server, roads
