"""A mail server for tests: takes what it is sent, and does at each step what the test tells it to."""

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ABILITIES = ("PIPELINING", "SIZE 10000000", "8BITMIME")


class HangUp(Exception):
    """Raised by a rule: the connection is closed without a word."""


@dataclass(frozen=True)
class Step:
    """CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, FIRST (bytes of a content), CONTENT, RSET or QUIT."""

    verb: str
    said: str
    number: int
    """How many of this verb there were over all connections, this one included."""
    connection: int


Rule = Callable[[Step], str | None]
"""What is answered instead of the usual."""


@dataclass
class MailServer:
    rule: Rule = lambda step: None
    abilities: tuple[str, ...] = ABILITIES
    tls: ssl.SSLContext | None = None
    is_tls_at_once: bool = False
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Envelope sender, envelope recipient, content without dots."""
    steps: list[Step] = field(default_factory=list)
    connections: int = 0
    most_waiting: int = 0
    """Commands that had arrived before the first of them was answered, at most."""
    port: int = 0

    def __post_init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def verbs(self) -> list[str]:
        return [step.verb for step in self.steps]

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits on it
        self._listening.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # replies to pipelined commands are small
            self._open.append(connected)
            threading.Thread(target=self._serve, args=(connected, self.connections), daemon=True).start()

    def _serve(self, connected: socket.socket, number: int) -> None:
        try:
            _Session(self, connected, number).run()
        except (HangUp, OSError, ssl.SSLError):
            pass
        finally:
            connected.close()

    def step(self, verb: str, said: str, connection: int) -> str | None:
        with self._lock:
            self._counts[verb] += 1
            step = Step(verb, said, self._counts[verb], connection)
            self.steps.append(step)
        return self.rule(step)


class _Session:
    def __init__(self, server: MailServer, connected: socket.socket, number: int) -> None:
        self.server, self.socket, self.number = server, connected, number
        self.buffer = b""
        self.sender = self.recipient = ""

    def run(self) -> None:
        if self.server.is_tls_at_once:
            self._encrypt()
        self.answer("CONNECT", "", "220 mail.test ESMTP")
        while line := self._line():
            self.server.most_waiting = max(self.server.most_waiting, self.buffer.count(b"\r\n") + 1)
            verb, _, rest = line.partition(" ")
            if getattr(self, f"on_{verb.lower()}", self.on_unknown)(rest) is False:
                return

    def answer(self, verb: str, said: str, usual: str) -> str:
        return self.say(self.server.step(verb, said, self.number) or usual)

    def say(self, reply: str) -> str:
        self.socket.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise HangUp
        return reply

    def on_unknown(self, rest: str) -> None:
        self.answer("UNKNOWN", rest, "500 What?")

    def on_ehlo(self, rest: str) -> None:
        abilities = [one for one in self.server.abilities if one != "STARTTLS" or not self._is_encrypted]
        lines = ["mail.test", *abilities]
        reply = "\r\n".join(f"250{'-' if at < len(lines) - 1 else ' '}{line}" for at, line in enumerate(lines))
        self.answer("EHLO", rest, reply)

    def on_helo(self, rest: str) -> None:
        self.answer("HELO", rest, "250 mail.test")

    def on_starttls(self, rest: str) -> None:
        if self.answer("STARTTLS", rest, "220 Go ahead").startswith("220"):
            self._encrypt()

    def on_auth(self, rest: str) -> None:
        if rest == "LOGIN":
            words = []
            for prompt in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
                self.socket.sendall(prompt)
                words.append(self._line())
            rest = "LOGIN " + " ".join(words)
        self.answer("AUTH", rest, "235 Welcome")

    def on_rset(self, rest: str) -> None:
        self.sender = self.recipient = ""
        self.answer("RSET", rest, "250 Flushed")

    def on_mail(self, rest: str) -> None:
        if self.sender:
            self.answer("MAIL", rest, "503 Nested MAIL")
        elif self.answer("MAIL", rest, "250 Ok").startswith("250"):
            self.sender = rest

    def on_rcpt(self, rest: str) -> None:
        usual = "250 Ok" if self.sender else "503 Need MAIL"
        if self.answer("RCPT", rest, usual).startswith("250"):
            self.recipient = rest

    def on_data(self, rest: str) -> None:
        usual = "354 Go on" if self.recipient else "503 Need RCPT"
        if not self.answer("DATA", rest, usual).startswith("354"):
            return
        self.server.step("FIRST", "", self.number)
        content = []
        while (line := self._raw_line()) != b".\r\n":
            content.append(line[1:] if line.startswith(b".") else line)
        envelope = (_path(self.sender), _path(self.recipient))
        self.sender = self.recipient = ""
        usual = f"250 Ok: queued as {len(self.server.taken) + 1}" if envelope[1] else "554 No recipients"
        reply = self.server.step("CONTENT", envelope[1], self.number) or usual
        if reply.startswith("250"):
            self.server.taken.append((*envelope, b"".join(content)))
        self.say(reply)

    def on_quit(self, rest: str) -> bool:
        self.answer("QUIT", rest, "221 Bye")
        return False

    _is_encrypted = False

    def _encrypt(self) -> None:
        assert self.server.tls
        self.socket = self.server.tls.wrap_socket(self.socket, server_side=True)
        self._is_encrypted = True

    def _line(self) -> str:
        return self._raw_line().rstrip(b"\r\n").decode()

    def _raw_line(self) -> bytes:
        while b"\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise HangUp
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n"


def _path(said: str) -> str:
    return said.partition("<")[2].partition(">")[0]


@contextmanager
def mail_server(
    rule: Rule = lambda step: None,
    *,
    abilities: tuple[str, ...] = ABILITIES,
    tls: ssl.SSLContext | None = None,
    is_tls_at_once: bool = False,
) -> Iterator[MailServer]:
    server = MailServer(rule, abilities, tls, is_tls_at_once)
    try:
        yield server
    finally:
        server.stop()
