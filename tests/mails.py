"""What holds for every mail that a test makes, whatever it is about."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from html.parser import HTMLParser
from urllib.parse import urlsplit

import dkim
from django.urls import reverse

from campaigns import links
from campaigns.channels.dkim import record_of
from campaigns.visitor_links import read_confirm

RAW = ("{{", "}}", "{%", "%}", "*|", "|*")
SCHEMES = ("http", "https", "mailto", "tel")
LONGEST_LINE = 998
ONE_CLICK = "List-Unsubscribe=One-Click"
COVERED = {b"from", b"to", b"subject", b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post"}
SIGNED: dict[str, tuple[Callable[[str], object], ...]] = {
    "campaigns:click": (links.read_click, links.read_mail),
    "campaigns:open": (links.read_mail,),
    "campaigns:unsubscribe": (links.read_unsubscribe,),
}
"""Our own addresses in mails, and what reads their tokens."""
LEAVING: dict[str, Callable[[str], object]] = {
    "campaigns:unsubscribe": links.read_unsubscribe,
    # Who never agreed says no to being asked.
    "campaigns:confirm": partial(read_confirm, now=datetime.min.replace(tzinfo=UTC)),
}
PublicKey = Callable[[str, str], str]
"""Domain and selector → the key as it stands in DNS."""


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, value or "") for name, value in attrs if name in ("href", "src")]


def faults(source: bytes, *, is_campaign: bool = False, key_of: PublicKey | None = None) -> list[str]:
    """What is wrong with a message as bytes; empty for one that is sound. `key_of` looks up keys of signatures."""
    parsed: EmailMessage = message_from_bytes(source, policy=policy.default)
    found = [f"defect: {defect!r}" for part in parsed.walk() for defect in part.defects]
    found += _of_lines(source) + _of_leaving(parsed, is_campaign=is_campaign) + _of_signature(source, key_of)
    found += [f"no {name}" for name in ("From", "To", "Subject", "Date", "Message-ID") if not parsed[name]]
    bodies = {kind: parsed.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
    for kind, part in bodies.items():
        content = part.get_content() if part else ""
        found += [] if content.strip() else [f"no {kind} part"]
        found += [f"{raw} in the {kind} part" for raw in RAW if raw in content]
    html = bodies["html"]
    found += _of_addresses(html.get_content() if html else "")
    return found + [f"{raw} in the subject" for raw in RAW if raw in str(parsed["Subject"])]


def _of_addresses(html: str) -> list[str]:
    reader = _Addresses()
    reader.feed(html)
    ours = [
        (token, reads)
        for _, address in reader.found
        for name, reads in SIGNED.items()
        if (token := _token(address, name))
    ]
    unsigned = [token for token, reads in ours if not any(_is_signed(token, read) for read in reads)]
    return [f"nobody signed the link {token[:60]}" for token in unsigned] + [
        f"<{tag}> leads to “{address[:60]}”"
        for tag, address in reader.found
        if not (address.startswith("data:image/") and tag == "img")
        and not (urlsplit(address).scheme in SCHEMES and (urlsplit(address).netloc or urlsplit(address).path))
    ]


def _is_signed(token: str, read: Callable[[str], object]) -> bool:
    try:
        read(token)
    except links.BadLink:
        return False
    return True


def _of_lines(source: bytes) -> list[str]:
    found = ["a line is too long" for line in source.split(b"\r\n") if len(line) > LONGEST_LINE]
    if not source.count(b"\r\n") == source.count(b"\n") == source.count(b"\r"):
        found.append("a line end is no CRLF")
    return found + (["a NUL"] if b"\0" in source else [])


def _of_leaving(parsed: EmailMessage, *, is_campaign: bool) -> list[str]:
    """RFC 8058: both headers or none, of a campaign both, and the address is one that we signed."""
    leave, how = parsed.get_all("List-Unsubscribe", []), parsed.get_all("List-Unsubscribe-Post", [])
    if not leave and not how and not is_campaign:
        return []
    if len(leave) != 1 or [str(one) for one in how] != [ONE_CLICK]:
        return [f"List-Unsubscribe {leave}, List-Unsubscribe-Post {how}"]
    address = str(leave[0]).removeprefix("<").removesuffix(">")
    if any(_is_signed(_token(address, route), read) for route, read in LEAVING.items()):
        return []
    return [f"nobody signed the address to unsubscribe: {address[:80]}"]


def _of_signature(source: bytes, key_of: PublicKey | None) -> list[str]:
    head = source.partition(b"\r\n\r\n")[0]
    signature = re.search(rb"^DKIM-Signature:((?:[^\r\n]|\r\n[ \t])*)", head, re.MULTILINE)
    if signature is None:
        return []
    tags = dict(one.strip().split(b"=", 1) for one in re.sub(rb"\s", b"", signature[1]).split(b";"))
    names = tags[b"h"].split(b":")
    found = [f"the signature leaves out {name.decode()}" for name in COVERED - set(names) if _stands(name, head)]
    found += [] if names.count(b"from") == 2 else ["a second From could be added"]
    if key_of is None:
        return [*found, "it is signed, and nobody knows with what"]
    key = key_of(tags[b"d"].decode(), tags[b"s"].decode())
    is_good = dkim.verify(source, dnsfunc=lambda name, timeout=5: record_of(key).encode())
    return found if is_good else [*found, "the signature does not verify"]


def _stands(name: bytes, head: bytes) -> bool:
    return bool(re.search(rb"^" + name + rb":", head, re.MULTILINE | re.IGNORECASE))


def _token(address: str, name: str) -> str:
    """Of one of our own addresses; empty of any other."""
    lead, _, rest = reverse(name, args=["TOKEN"]).partition("TOKEN")
    path = urlsplit(address).path
    return path[len(lead) : len(path) - len(rest)] if path.startswith(lead) and path.endswith(rest) else ""
