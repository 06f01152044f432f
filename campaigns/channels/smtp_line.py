"""One connection to a mail server: commands go out, replies come in, each within its time. RFC 5321."""

import select
import socket
import ssl
from typing import Final, NamedTuple

LONGEST_REPLY: Final = 65_536
MOST_BYTES: Final = 65_536
CLOSING: Final = 421
"""The server is about to hang up."""


class CannotConnect(Exception):
    """No usable connection to the mail server. The message says why, in its words where it has some."""


class Broken(Exception):
    """The connection broke, or the server said something that is no SMTP."""

    def __init__(self, why: str, *, sent: int = 0) -> None:
        super().__init__(why)
        self.sent = sent
        """How many bytes of what was being sent can have arrived, at most."""


class Reply(NamedTuple):
    code: int
    lines: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_for_ever(self) -> bool:
        return self.code >= 500

    def __str__(self) -> str:
        """In the server's words, fit to be shown."""
        return printable(f"{self.code} {' '.join(self.lines)}".strip())


class Line:
    """Reads ahead as far as the server speaks, which pipelining lives on."""

    def __init__(self, connected: socket.socket, *, reply_s: float) -> None:
        self._socket = connected
        self._heard = b""
        connected.settimeout(reply_s)

    def send(self, data: bytes) -> None:
        """An error of a call to send means that nothing of what it was given left, also under TLS, where a record
        that was cut off cannot be read. So `sent` of Broken is exact."""
        view, at = memoryview(data), 0
        try:
            while at < len(data):
                at += self._socket.send(view[at : at + MOST_BYTES])
        except OSError as error:
            raise Broken(_why(error), sent=at) from error

    def reply(self) -> Reply:
        words: list[str] = []
        size = 0
        while True:
            line = self._line()
            size += len(line)
            code = line[:3]
            if not code.isdigit() or line[3:4] not in (b" ", b"-", b"") or size > LONGEST_REPLY:
                raise Broken("The server's answer is no SMTP.")
            words.append(line[4:].decode("utf-8", "replace").strip())
            if line[3:4] != b"-":
                return Reply(int(code), tuple(words))

    def ask(self, command: str) -> Reply:
        self.send(command.encode() + b"\r\n")
        return self.reply()

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """What was said before belongs to nobody: a man in the middle may have written it."""
        if self._heard:
            raise CannotConnect("The server spoke before encryption had begun, which an honest one does not.")
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise CannotConnect(f"The server's certificate is not valid for {host}: {error.verify_message}.") from error
        except OSError as error:
            raise CannotConnect(f"No encryption with the server: {_why(error)}") from error

    def close(self) -> None:
        self._socket.close()

    @property
    def is_idle(self) -> bool:
        """Nothing came that nobody asked for: not the end of the connection, not a word before it."""
        if self._heard or self._socket.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        return not poll.poll(0)

    def _line(self) -> bytes:
        while (end := self._heard.find(b"\n")) < 0:
            if len(self._heard) > LONGEST_REPLY:
                raise Broken("The server's answer is no SMTP.")
            try:
                more = self._socket.recv(MOST_BYTES)
            except OSError as error:
                raise Broken(_why(error)) from error
            if not more:
                raise Broken("The server closed the connection.")
            self._heard += more
        line, self._heard = self._heard[:end], self._heard[end + 1 :]
        return line.rstrip(b"\r")


def printable(text: str) -> str:
    if text.isprintable():
        return text[:500]
    return "".join(character if character.isprintable() else " " for character in text)[:500]


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "The server did not answer in time."
    return f"The connection broke: {error.strerror or error}."
