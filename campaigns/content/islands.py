"""Liquid in a text, told apart from what stands around it, and put back after Markdown, MJML or CSS were at work."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from liquid.token import TOKEN_CONTENT, TOKEN_OUTPUT

from campaigns.content.liquid import ISLANDS

T = TypeVar("T")


@dataclass(frozen=True)
class Island:
    """One output or tag, as it was written."""

    source: str
    offset: int
    is_output: bool


@dataclass(frozen=True)
class To:
    """A link: its target, with words where Liquid was."""

    target: str


@dataclass(frozen=True)
class Src:
    """The address of an image, likewise."""

    target: str


@dataclass(frozen=True)
class Styled:
    """An output in a style, where only the letters of a colour or a measure may stand."""

    island: Island


Mark = Island | To | Src | Styled


def split(source: str) -> Iterator[str | Island]:
    """Text and Liquid in turn. A tag with `-` trims its neighbours, so it stands with them."""
    for found in ISLANDS.finditer(source):
        if found.lastgroup == TOKEN_CONTENT:
            yield found.group()
        else:
            is_output = found.lastgroup == TOKEN_OUTPUT and not _trims(found.group())
            yield Island(found.group(), found.start(), is_output)


def _trims(source: str) -> bool:
    return source.startswith("{{-") or source.endswith("-}}")


@dataclass
class Words(Generic[T]):
    """Opaque words, each standing for something that others must not touch."""

    prefix: str
    meant: list[T] = field(default_factory=list)

    @classmethod
    def absent_from(cls, text: str) -> "Words[T]":
        """With a prefix that does not stand in the text."""
        prefix, n = "zqx", 0
        while prefix in text.lower():
            n += 1
            prefix = f"zqx{chr(97 + n % 26) * (n // 26 + 1)}x"
        return cls(prefix)

    def word(self, meaning: T) -> str:
        self.meant.append(meaning)
        return f"{self.prefix}{len(self.meant) - 1}q"

    def resolve(self, text: str) -> Iterator[str | T]:
        """The text in pieces, each word replaced by what it stands for."""
        for n, piece in enumerate(re.split(rf"{self.prefix}(\d+)q", text)):
            if n % 2:
                yield self.meant[int(piece)]
            elif piece:
                yield piece
