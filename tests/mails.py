"""What holds for every mail that a test makes, whatever it is about."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import urlsplit

RAW = ("{{", "}}", "{%", "%}", "*|", "|*")
SCHEMES = ("http", "https", "mailto", "tel")
LONGEST_LINE = 998


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, value or "") for name, value in attrs if name in ("href", "src")]


def faults(source: bytes) -> list[str]:
    """What is wrong with a message as bytes; empty for one that is sound."""
    parsed: EmailMessage = message_from_bytes(source, policy=policy.default)
    found = [f"defect: {defect!r}" for part in parsed.walk() for defect in part.defects]
    found += ["a line is too long" for line in source.split(b"\r\n") if len(line) > LONGEST_LINE]
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
    return [
        f"<{tag}> leads to “{address[:60]}”"
        for tag, address in reader.found
        if not (address.startswith("data:image/") and tag == "img")
        and not (urlsplit(address).scheme in SCHEMES and (urlsplit(address).netloc or urlsplit(address).path))
    ]
