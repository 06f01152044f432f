"""Which branches a person gets, and what those need: nothing is fetched or given for what is not shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from campaigns.content.compile import Compiled
from campaigns.content.splits import Split
from campaigns.content.tokens import Branch


@dataclass(frozen=True)
class Wanted:
    lists: tuple[str, ...]
    """Product blocks, by id."""
    offers: dict[str, str]
    """Offer block → the key of its offer."""
    feeds: dict[str, str]
    """Feed block → the key of its feed."""
    named_offers: frozenset[str]
    """Those that texts name, as in {{ offers.spring.code }}."""
    named_feeds: frozenset[str]


def choices(splits: Sequence[Split], *, holds: Sequence[bool], forced: Mapping[str, int] = {}) -> list[int]:
    """The branch of each split: the one that is `forced`, if there is such; the first whose rule holds; the last."""
    return [
        forced[one.key] if 0 <= forced.get(one.key, -1) <= len(one.rules) else _branch(one.rules, holds)
        for one in splits
    ]


def _branch(rules: Sequence[int], holds: Sequence[bool]) -> int:
    for number, rule in enumerate(rules):
        if holds[rule]:
            return number
    return len(rules)


def reached(splits: Sequence[Split], taken: Sequence[int]) -> dict[str, int]:
    """Key of split → branch, of those that no branch of another leaves out."""
    found: dict[str, int] = {}
    for one, number in zip(splits, taken, strict=True):
        if all(found.get(outer.split) == outer.number for outer in one.inside):
            found[one.key] = number
    return found


class Branching(NamedTuple):
    """Which branches a person gets: by split, and by key of those that are reached."""

    taken: Sequence[int]
    reached: dict[str, int]


def branching(splits: Sequence[Split], *, holds: Sequence[bool], forced: Mapping[str, int] = {}) -> Branching:
    taken = choices(splits, holds=holds, forced=forced)
    return Branching(taken, reached(splits, taken))


def wanted(compiled: Compiled, *, holds: Sequence[bool], forced: Mapping[str, int] = {}) -> Wanted:
    """What must be in the context of this person before rendering."""
    found = reached(compiled.splits, choices(compiled.splits, holds=holds, forced=forced))

    def is_reached(inside: Iterable[Branch]) -> bool:
        return all(found.get(outer.split) == outer.number for outer in inside)

    paths = {token.path[:2] for token in compiled.tokens if is_reached(token.inside) and len(token.path) > 1}
    return Wanted(
        lists=tuple(use.block for use in compiled.lists if is_reached(use.inside)),
        offers={
            use.block: use.keys[found[use.split] if use.split else 0]
            for use in compiled.offers
            if is_reached(use.inside)
        },
        feeds={use.block: use.key for use in compiled.feeds if is_reached(use.inside)},
        named_offers=frozenset(path[1] for path in paths if path[0] == "offers"),
        named_feeds=frozenset(path[1] for path in paths if path[0] == "feeds"),
    )
