"""What a check found, beside whom it concerns: kept as JSON with the check, so that the page needs nothing else."""

from dataclasses import dataclass, field

import msgspec

from campaigns.content.blocks import Problem
from campaigns.models import Check

Inside = list[tuple[str, int]]
"""The branches that lead there: key of the split, number of the branch."""


@dataclass(frozen=True)
class Branch:
    rule: str
    """In English; “Everybody else” of the last."""
    says: str
    """What it holds, in a few words."""


@dataclass(frozen=True)
class Split:
    key: str
    place: str
    name: str
    inside: Inside
    branches: list[Branch]


@dataclass(frozen=True)
class Token:
    source: str
    path: str
    """What it names."""
    place: str
    label: str
    inside: Inside
    has_default: bool
    means_nothing: bool
    offer: str
    """Key of the offer that those were given who read it; empty: everybody in the branch reads it."""
    tried: dict[str, list[int]] | None = None
    """Of what a feed says: how it is seen by the few people it was tried with."""


@dataclass(frozen=True)
class Grid:
    block: str
    name: str
    inside: Inside
    fallback: str
    limit: int
    tried: dict[str, list[int]] | None = None


@dataclass(frozen=True)
class Offer:
    key: str
    name: str
    place: str
    has_without: bool


@dataclass(frozen=True)
class Feed:
    key: str
    name: str
    place: str
    block: str
    tried: list[int]
    failed: list[int]
    why: str
    """Of the first that failed."""
    has_stand_in: bool
    """A fallback of the feed, or words of the block."""


@dataclass(frozen=True)
class Link:
    url: str
    kind: str
    place: str
    verdict: str
    words: str
    status: int | None
    n_bytes: int | None
    profile_id: int | None


@dataclass(frozen=True)
class Named:
    """Something of the sample, with those it concerns."""

    text: str
    place: str
    level: str
    n: int
    ids: list[int]


@dataclass(frozen=True)
class Sample:
    n: int = 0
    mails: int = 0
    """Different ones, as far as they were told apart."""
    largest: list[tuple[int, int]] = field(default_factory=list)
    """Bytes of HTML, and whose."""
    median: float = 0
    clipped: list[int] = field(default_factory=list)
    unmade: list[Named] = field(default_factory=list)
    hints: list[Named] = field(default_factory=list)


@dataclass(frozen=True)
class Broken:
    """A place that makes the mail impossible for some, with what it says for one of them."""

    place: str
    why: str
    profile_id: int


@dataclass
class Result:
    problems: list[Problem] = field(default_factory=list)
    why_not: str = ""
    """The mail could not be tried at all."""
    blocks: dict[str, str] = field(default_factory=dict)
    """Id → what the block is called."""
    splits: list[Split] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    feeds: list[Feed] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    sample: Sample = field(default_factory=Sample)
    links: list[Link] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    """Keys of the offers and feeds in it."""


def kept(result: Result) -> dict[str, object]:
    made: dict[str, object] = msgspec.to_builtins(result)
    return made


def result_of(check: Check) -> Result:
    return msgspec.convert(check.result, Result)
