"""Search over the documentation: the sections that hold every word, those that name it in a heading first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt

from cdp.help.contents import entries, files
from cdp.help.library import text_of
from cdp.help.markdown import plain, slug

MOST_WORDS, MOST_FOUND = 8, 40
AROUND = 90
"""Characters of the excerpt before and after the first hit."""
IN_TITLE, IN_HEADING, MOST_COUNTED = 50, 20, 10


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    heading: str
    """Empty above the first heading of a page."""
    anchor: str
    text: str


@dataclass(frozen=True)
class Piece:
    text: str
    is_hit: bool


@dataclass(frozen=True)
class Found:
    section: Section
    excerpt: tuple[Piece, ...]


def search(query: str) -> list[Found]:
    words = query.lower().split()[:MOST_WORDS]
    if not words:
        return []
    rated = [(_rate(one, words), one) for one in _all()]
    hits = sorted((pair for pair in rated if pair[0]), key=lambda pair: -pair[0])
    return [Found(one, _excerpt(one.text, words)) for _, one in hits[:MOST_FOUND]]


def _rate(section: Section, words: Sequence[str]) -> int:
    """0 where a word is missing."""
    title, heading, text = section.title.lower(), section.heading.lower(), section.text.lower()
    total = 0
    for word in words:
        rate = IN_HEADING * (word in heading) + min(text.count(word), MOST_COUNTED)
        rate += IN_TITLE * (word in title and not heading)
        if not rate and word not in title:
            return 0
        total += rate
    return total


def _excerpt(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    pattern = re.compile("(" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE)
    first = pattern.search(text)
    start = max(0, first.start() - AROUND) if first else 0
    end = (first.end() if first else 0) + AROUND
    shown = ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
    return tuple(Piece(part, index % 2 == 1) for index, part in enumerate(pattern.split(shown)) if part)


def _all() -> list[Section]:
    known = files()
    order = [one.name for one in entries()]
    return [section for name in order for section in _sections(name, known[name], known[name].stat().st_mtime_ns)]


@lru_cache(maxsize=128)
def _sections(name: str, path: Path, changed_at: int) -> tuple[Section, ...]:
    return tuple(_split(name, text_of(path)))


def _split(name: str, text: str) -> Iterator[Section]:
    """By headings; tables and code count as text."""
    title, heading, anchor = name, "", ""
    said: list[str] = []
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and before is not None and before.type == "heading_open":
            if before.tag == "h1":
                title = plain(token)
                continue
            yield Section(name, title, heading, anchor, " ".join(said))
            heading, said = plain(token), []
            anchor = slug(heading)
        elif token.type == "inline":
            said.append(plain(token))
        elif token.type in ("fence", "code_block"):
            said.append(" ".join(token.content.split()))
    yield Section(name, title, heading, anchor, " ".join(said))
