"""A mail as bytes: multipart/alternative by hand, because the standard library's way makes only 600 a second."""

import base64
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from uuid import UUID

from campaigns.content.render import Rendered

LINE = 76


def mime(rendered: Rendered, *, ref: UUID, sender: str, recipient: str, unsubscribe_url: str, now: datetime) -> bytes:
    boundary = f"=_{ref.hex}"
    headers = (
        ("From", _address(sender)),
        ("To", _address(recipient)),
        ("Subject", _words(rendered.subject)),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{ref}@{_domain(sender)}>"),
        ("List-Unsubscribe", f"<{_one_line(unsubscribe_url)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")
    parts = (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n".encode()
        + _base64(text)
        for kind, text in (("plain", rendered.text), ("html", rendered.html))
    )
    return head + b"\r\n" + b"".join(parts) + f"--{boundary}--\r\n".encode()


def _base64(text: str) -> bytes:
    coded = base64.b64encode(text.encode("utf-8", "replace"))
    return b"".join(coded[at : at + LINE] + b"\r\n" for at in range(0, len(coded), LINE))


def _words(text: str) -> str:
    """RFC 2047 where needed, folded; no line end of the text survives."""
    clean = _one_line(text)
    return clean if clean.isascii() and len(clean) < LINE - 10 else Header(clean, "utf-8").encode(linesep="\r\n")


def _address(text: str) -> str:
    name, address = parseaddr(_one_line(text))
    return formataddr((name, address))


def _domain(sender: str) -> str:
    return parseaddr(_one_line(sender))[1].rpartition("@")[2] or "localhost"


def _one_line(text: str) -> str:
    return " ".join(text.split())
