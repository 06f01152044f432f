"""Feeds as content knows them: what mails ask of them, and what comes back. Whoever keeps feeds declares how."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.content.tokens import Token


@dataclass(frozen=True)
class Wanted:
    """What one recipient's mail asks of a feed. The context is the plain dictionary the mail is rendered with."""

    feed: str
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What stands in the mail. None: nothing does, and blocks show their words for that case."""

    value: Any | None
    why: str = ""
    """Empty for a good answer; else what failed, in a sentence without personal data (also where the value is an
    older answer or the fallback)."""
    source: str = "asked"
    """asked, cache, stale, fallback or none."""


AskFeeds = Callable[[Sequence[Wanted], datetime], Sequence[Answer]]
"""An answer for each, in their order. Not inside a transaction."""


@dataclass(frozen=True)
class Feeding:
    ask: AskFeeds
    tokens: Callable[[Collection[str]], Iterable[Token]]
    """What the addresses of feeds, by their keys, ask of a person."""


_declared: list[Feeding] = []


def declare(feeding: Feeding) -> None:
    _declared[:] = [feeding]


def declared() -> Feeding:
    return _declared[0]
