"""What could be better in a mail as one person gets it. Nothing here keeps it from being sent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from campaigns.content.in_html import Found, Link, found_in
from campaigns.content.render import Rendered
from campaigns.content.spam_words import disliked_in

CLIPPED_AT = 102 * 1024
"""Bytes of HTML after which Gmail hides the rest, and with it the link to unsubscribe."""
NEAR = 0.8
SIZE = "size"
"""Key of the hint about it."""
SUBJECT_ON_PHONES, SUBJECT_LONG = 40, 70
"""Characters: what phones show at least, and what hardly any mail program shows."""
MOST_LINKS = 40
LITTLE_TEXT = 100
"""Characters per image."""
LARGE_IMAGE, HUGE_IMAGE = 300_000, 1_000_000
MOST_ALIKE = 5
"""Hints of one kind about single links or images; the others are counted."""
SHORTENERS = frozenset(
    {"bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly", "shorturl.at"}
    | {"t.co", "t.ly", "tiny.cc", "tinyurl.com"}
)
SAYS_NOTHING = frozenset(
    ("click", "click here", "click this link", "here", "this link", "link", "read more", "more", "learn more")
)
ADDRESS_LIKE = re.compile(r"^(?:https?://|www\.)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?$", re.IGNORECASE)
SHOUTED = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{3,}(?:[\s,!-]+[A-ZÀ-ÖØ-Þ]{3,}){4,}\b")
"""Five words in a row, each of three capitals or more."""


class Level(StrEnum):
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Hint:
    text: str
    level: Level = Level.INFO
    place: str = ""
    key: str = ""
    """The same for the same finding in another person's mail, whose numbers and names may differ."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known beside the mail itself."""

    own_url: str = ""
    """Where tracked links lead first; what leads there is ours, and says nothing of the target."""
    places: Mapping[str, str] | None = None
    """Address of a link or an image → where it stands in the content."""
    image_bytes: Mapping[str, int] | None = None

    def place(self, url: str) -> str:
        return (self.places or {}).get(url, "")


NOTHING_MORE = About()


def hints_of(rendered: Rendered, *, about: About = NOTHING_MORE, found: Found | None = None) -> list[Hint]:
    """The weightiest first. `found` spares reading the HTML again."""
    found = found or found_in(rendered.html)
    links = [one for one in found.links if not (about.own_url and one.url.startswith(about.own_url))]
    hints = [
        *_size(len(rendered.html.encode())),
        *_subject(rendered.subject),
        *_preheader(rendered.preheader, rendered.subject),
        *_words(found.words, rendered.subject),
        *_images(found, about),
        *_links(links, about),
    ]
    if len({one.url for one in found.links}) > MOST_LINKS:
        text = f"More than {MOST_LINKS} links: some filters dislike that, and readers lose their way."
        hints.append(Hint(text, key="links"))
    return sorted(hints, key=lambda hint: hint.level != Level.WARNING)


def _size(n: int) -> Iterator[Hint]:
    share = n / CLIPPED_AT
    said = f"{n / 1024:,.0f} KB of HTML, {100 * share:.0f} % of the 102 KB that Gmail shows"
    if share > 1:
        text = f"{said}: it hides the end, with the link to unsubscribe, behind “View entire message”."
        yield Hint(text, Level.WARNING, key=SIZE)
    elif share > NEAR:
        yield Hint(f"{said}. Longer names or more items would pass it.", key=SIZE)


def _subject(subject: str) -> Iterator[Hint]:
    if len(subject) > SUBJECT_ON_PHONES:
        level = Level.WARNING if len(subject) > SUBJECT_LONG else Level.INFO
        yield Hint(f"The subject has {len(subject)} characters; {_phones(subject)}", level, "subject", "length")
    letters = [one for one in subject if one.isalpha()]
    if len(letters) >= 8 and sum(map(str.isupper, letters)) > 0.7 * len(letters):
        text = "The subject is in capitals: it reads as shouting, and filters dislike it."
        yield Hint(text, Level.WARNING, "subject", "capitals")
    if subject.count("!") > 1:
        text = "More than one exclamation mark in the subject: some filters dislike that."
        yield Hint(text, place="subject", key="exclaims")
    for one in disliked_in(subject):
        text = f"Some filters dislike “{one.phrase}” in a subject: it {one.why}."
        yield Hint(text, place="subject", key=one.phrase.casefold())


def _phones(subject: str) -> str:
    return f"phones show about {SUBJECT_ON_PHONES}: “{subject[:SUBJECT_ON_PHONES].rstrip()}…”"


def _preheader(preheader: str, subject: str) -> Iterator[Hint]:
    if not preheader.strip():
        text = "There is no preheader: beside the subject mail programs show the first words of the mail instead."
        yield Hint(text, place="preheader", key="none")
    elif _bare(preheader) == _bare(subject):
        yield Hint("The preheader repeats the subject; it could say something more.", place="preheader", key="repeats")


def _words(words: str, subject: str) -> Iterator[Hint]:
    if shouted := SHOUTED.search(words):
        yield Hint(f"Words in capitals read as shouting: “{shouted.group()[:60]}”.", key="capitals")
    if "!!" in words:
        yield Hint("Exclamation marks in a row: some filters dislike them.", key="exclaims")
    of_subject = {one.phrase.casefold() for one in disliked_in(subject)}
    for one in disliked_in(words)[:MOST_ALIKE]:
        if one.phrase.casefold() not in of_subject:
            yield Hint(f"Some filters dislike “{one.phrase}”: it {one.why}.", key=one.phrase.casefold())


def _images(found: Found, about: About) -> Iterator[Hint]:
    pictures = [one for one in found.pictures if not one.is_tiny]
    silent = {one.url: one for one in pictures if one.alt is None or (one.is_link and not one.alt.strip())}
    for url in list(silent)[:MOST_ALIKE]:
        why = "who does not load images, or cannot see them, learns nothing"
        yield Hint(
            f"An image has no words in its place ({_short(url)}): {why}.", Level.WARNING, about.place(url), f"alt {url}"
        )
    if len(silent) > MOST_ALIKE:
        yield Hint(f"{len(silent) - MOST_ALIKE} more images have no words in their place.", Level.WARNING, key="alt")
    if pictures and len(found.words) < LITTLE_TEXT * len(pictures) and len(found.words) < 10 * LITTLE_TEXT:
        counted = "one image" if len(pictures) == 1 else f"{len(pictures)} images"
        said = f"Much image, little text: {counted} to {len(found.words):,} characters"
        yield Hint(f"{said}. Some filters dislike that, and many people do not load images.", key="text")
    for url, n in (about.image_bytes or {}).items():
        if n > LARGE_IMAGE and any(one.url == url for one in pictures):
            level = Level.WARNING if n > HUGE_IMAGE else Level.INFO
            yield Hint(
                f"An image has {n / 1e6:.1f} MB ({_short(url)}): slow on a phone.",
                level,
                about.place(url),
                f"large {url}",
            )


def _links(links: list[Link], about: About) -> Iterator[Hint]:
    vague = {one.url: one for one in links if _bare(one.text) in SAYS_NOTHING and not one.has_image}
    for one in list(vague.values())[:MOST_ALIKE]:
        text = f"“{one.text}” does not say where the link leads: worse for who hears it read out, and filters know it."
        yield Hint(text, place=about.place(one.url), key=f"vague {one.text}")
    urls = list(dict.fromkeys(one.url for one in links))
    open_ones = [url for url in urls if url.lower().startswith("http://")]
    for url in open_ones[:MOST_ALIKE]:
        text = f"{_short(url)} is http: readable on its way. Does it answer to https?"
        yield Hint(text, place=about.place(url), key=f"http {_host(url)}")
    for url in urls:
        if (host := _host(url)) in SHORTENERS:
            text = f"{host} hides where the link leads; filters distrust it. The long address is better."
            yield Hint(text, Level.WARNING, about.place(url), f"short {host}")
    for one in links:
        if ADDRESS_LIKE.match(one.text) and _host(one.text) != _host(one.url) and _host(one.url):
            text = (
                f"The link shows “{one.text[:60]}” and leads to {_host(one.url)}: that is how fraud looks to filters."
            )
            yield Hint(text, Level.WARNING, about.place(one.url), f"fraud {_host(one.url)}")


def _host(url: str) -> str:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _short(url: str) -> str:
    return url if len(url) <= 60 else f"{url[:57]}…"


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text).casefold().split())
