"""Signatures verify by an implementation that is not ours, and break when anything they cover is changed."""

import re
from datetime import UTC, datetime

import dkim
import pytest

from campaigns.channels.dkim import Signer, new_key, record_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEM, PUBLIC = new_key()
SIGNER = Signer("example.com", "t1", PEM)
HEAD = (
    b"From: Shop <shop@example.com>\r\nTo: ada@example.org\r\nSubject: Hi\r\nDate: Sun, 1 Mar 2026 00:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\nList-Unsubscribe: <https://x.example/u>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)


def verifies(source: bytes) -> bool:
    """By dkimpy."""

    def looked_up(name: bytes, timeout: float = 5) -> bytes:
        assert name == b"t1._domainkey.example.com."
        return record_of(PUBLIC).encode()

    return bool(dkim.verify(source, dnsfunc=looked_up))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n\r\n",
        b"Hello\r\n",
        b"Hello",
        b"Hello \t \r\n\r\n  there  \r\n\r\n\r\n",
        b"tab\there\r\n \r\n\t\r\n",
        b"\r\nfirst line empty",
        b"caf\xc3\xa9 \xf0\x9f\x8c\x8a\r\n",
        b"x" * 5000 + b"\r\n",
    ],
)
def test_any_body(body: bytes) -> None:
    assert verifies(SIGNER.signed(HEAD + b"\r\n" + body, now=NOW))


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: =?utf-8?b?8J+Mig==?=\r\n =?utf-8?b?8J+Mig==?=\r\n",
        b"Subject:no space\r\n",
        b"Subject:   many   spaces  \t \r\n",
        b"Subject: \r\n",
        b"SUBJECT: loud\r\n",
        b"Reply-To: a@example.com\r\nReply-To: b@example.com\r\n",
    ],
)
def test_any_header(header: bytes) -> None:
    assert verifies(SIGNER.signed(HEAD.replace(b"Subject: Hi\r\n", header) + b"\r\nHello\r\n", now=NOW))


@pytest.mark.parametrize(
    "change",
    [
        (b"shop@", b"evil@"),
        (b"Subject: Hi", b"Subject: Ho"),
        (b"x.example/u", b"x.example/v"),
        (b"One-Click", b"One-Clack"),
        (b"Hello", b"Hallo"),
        (b"From: ", b"From: evil@example.net\r\nFrom: "),
        (b"To: ", b"To: evil@example.net\r\nTo: "),
        (b"Subject: ", b"Subject: Other\r\nSubject: "),
        (b"List-Unsubscribe: ", b"List-Unsubscribe: <https://evil.example>\r\nList-Unsubscribe: "),
    ],
)
def test_what_is_changed_or_added_breaks_it(change: tuple[bytes, bytes]) -> None:
    signed = SIGNER.signed(HEAD + b"\r\nHello\r\n", now=NOW)
    assert verifies(signed)
    assert not verifies(signed.replace(*change, 1))


def test_which_headers_are_covered() -> None:
    signed = SIGNER.signed(HEAD + b"\r\nHello\r\n", now=NOW)
    found = re.search(rb"h=([^;]*);", signed)
    assert found
    names = re.sub(rb"\s", b"", found[1]).split(b":")
    assert names.count(b"from") == 2
    needed = {b"to", b"subject", b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post"}
    assert needed <= set(names)
    assert all(len(line) < 80 for line in signed.split(b"\r\n\r\n")[0].split(b"\r\n"))
