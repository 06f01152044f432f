"""Proof S13: whatever stands in names, subjects, addresses and texts, a mail has our headers and no others, and its
signature verifies."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import links
from campaigns.channels.base import Message
from campaigns.channels.dkim import Signer, new_key
from campaigns.channels.smtp_letter import Letter, letter_of, sender_in
from campaigns.content.render import Rendered
from campaigns.mime import mime
from tests.mails import faults

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REF = UUID(int=7)
PEM, PUBLIC = new_key()
SIGNER = Signer("example.com", "t1", PEM)
OURS = [
    *("DKIM-Signature", "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("MIME-Version", "Content-Type"),
]
ENDS = ("\r\n", "\n", "\r", "\r\n\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00", "\x1c", "\x1e", "\t\r\n ")
INJECTED = (
    "Bcc: evil@example.net",
    "Subject: other",
    "Content-Type: text/html",
    "\r\n<script>",
    "From: evil@example.net",
)
STRANGE = (
    "🌊" * 60,
    "é" * 300,
    "שלום עולם ‮evil‬",
    "مرحبا",
    "=?utf-8?b?QmNjOiBldmls?=",
    '"quoted" \\ back',
    "a" * 2000,
    "a " * 900,
    ",;:<>()[]@",
    "\ud800 alone",
    "ﷺ" * 80,
    "e\u0301" * 100,
    "日本語" * 60,
    "",
)
HOSTILE = [f"Hi{end}{line}" for end in ENDS for line in INJECTED] + list(STRANGE)


def made(**told: str) -> bytes:
    subject, text = told.get("subject", "Hi"), told.get("text", "Hello")
    rendered = Rendered(
        subject=subject,
        preheader="",
        html=f"<p>{text.replace('<', '').replace('>', '')}.</p>",
        text=f"{text}.",
        branches={},
    )
    url = links.unsubscribe_url("https://x.example", REF) + told.get("unsubscribe address", "")
    source = mime(
        rendered,
        ref=REF,
        sender=f"{told.get('sender name', 'Shop')} <shop@example.com>",
        recipient=told.get("recipient", "ada@example.org"),
        unsubscribe_url=url,
        now=NOW,
    )
    return SIGNER.signed(source, now=NOW)


def wrong(source: bytes) -> list[str]:
    found = faults(source, is_campaign=True, key_of=lambda domain, selector: PUBLIC)
    names = [
        line.split(b":")[0].decode()
        for line in source.partition(b"\r\n\r\n")[0].split(b"\r\n")
        if line[:1] not in b" \t"
    ]
    return found + ([f"headers: {names}"] if names != OURS else [])


@pytest.mark.parametrize("told", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("field", ["sender name", "subject", "text"])
def test_hostile_words_stay_words(field: str, told: str) -> None:
    source = made(**{field: told})
    assert [one for one in wrong(source) if told or one != "no Subject"] == []
    parsed = message_from_bytes(source, policy=policy.default)
    if field == "text":
        body = parsed.get_body(("plain",))
        assert body is not None
        assert body.get_content().split() == f"{told.encode('utf-8', 'replace').decode()}.".split()


@pytest.mark.parametrize("told", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_addresses_add_no_header(told: str) -> None:
    """They may be no address, which the channel says; they are no second header either."""
    source = made(recipient=f"ada@example.org{told}")
    assert [one for one in wrong(source) if one.startswith(("headers", "a line", "the signature"))] == []
    letter = letter_of(Message(REF, 1, None, f"ada@example.org{told}", "Hi", source))
    assert not isinstance(letter, Letter) or not set("\r\n<> \0") & set(letter.recipient)


@settings(max_examples=100, deadline=None)
@given(name=st.text(max_size=200), subject=st.text(max_size=300), text=st.text(max_size=300))
def test_any_words_at_all(name: str, subject: str, text: str) -> None:
    source = made(**{"sender name": name, "subject": subject or "Hi", "text": text})
    found = [one for one in wrong(source) if " in the " not in one and not one.startswith(("no Subject", "no plain"))]
    assert found == []


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("Shop <shop@example.com>", "shop@example.com"),
        ('"Evil <evil@example.net>" <shop@example.com>', "shop@example.com"),
        ("Zoë 🌊 <zoe@bücher.example>", "zoe@xn--bcher-kva.example"),
        ("shop@example.com", "shop@example.com"),
        ("Shop, Inc. <shop@example.com>", "shop@example.com"),
        ('"Shop, Inc." <shop@example.com>', "shop@example.com"),
        ("evil@example.net, Shop <shop@example.com>", "shop@example.com"),
    ],
)
def test_the_envelope_has_the_address_that_the_header_shows(sender: str, address: str) -> None:
    rendered = Rendered(subject="Hi", preheader="", html="<p>x</p>", text="x", branches={})
    url = links.unsubscribe_url("https://x.example", REF)
    source = mime(rendered, ref=REF, sender=sender, recipient="a@x.org", unsubscribe_url=url, now=NOW)
    assert sender_in(source) == address
    (shown,) = message_from_bytes(source, policy=policy.default)["From"].addresses
    assert shown.addr_spec == address
