"""Which pairs are worth comparing: those that share one of several complementary keys.

A rule sorts the records by its key, within a key by a second order, and pairs each record with its next neighbours:
all of a small block, only the nearest of a common value (the sorted neighbourhood of Hernández & Stolfo 1995, "The
merge/purge problem for large databases"). In a large file a key is shared by more people than in a small one, so the
blocks in which all meet are made smaller, where that loses least, until all pairs fit a budget.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
ALL_PAIRS_UP_TO = 1500
"""So few records are all compared with each other."""
MOST_PAIRS, PAIRS_PER_RECORD = 8_000_000, 10
"""The budget is the larger of the two. A pair that several rules find counts for each."""
LOOKED_AT = 1000
"""Pairs of each rule and reach that are looked at to see what they are worth."""
Worth = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]
"""How likely pairs are one person, roughly."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` of each of `records` (-1: none); `order` sorts records of one key so that likely doubles are neighbours."""

    name: str
    records: NDArray[np.int32]
    key: Keys
    order: Keys
    is_last_resort: bool = False
    """Neighbours in an alphabetical order: they find what no other rule finds, at many pairs for each."""


@dataclass(frozen=True, slots=True)
class Reach:
    """All of a block of up to `window` records meet; in a larger one each meets the `near` next."""

    window: int
    near: int


REACHES = tuple(Reach(*one) for one in ((20, 4), (20, 2), (12, 2), (7, 2), (7, 1), (4, 1), (2, 1), (2, 0), (0, 0)))
"""From the widest to none at all; each has all pairs of those after it."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A rule's records in its order, with how many of the same key follow each, and how many have it at all."""

    records: NDArray[np.int32]
    follow: NDArray[np.int32]
    sizes: NDArray[np.int32]
    is_last_resort: bool

    @classmethod
    def of(cls, rule: Rule) -> "Blocks":
        has = np.flatnonzero(rule.key >= 0)
        rank = has[np.lexsort((rule.records[has], rule.order[has], rule.key[has]))]
        key = rule.key[rank]
        starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.empty(0, np.int64)
        sizes = np.diff(np.append(starts, len(key)))
        follow = np.repeat(starts + sizes, sizes) - np.arange(len(key)) - 1
        return cls(
            rule.records[rank], follow.astype(np.int32), np.repeat(sizes, sizes).astype(np.int32), rule.is_last_resort
        )

    def meets(self, reach: Reach) -> NDArray[np.int32]:
        """How many of the next each record meets."""
        near = np.minimum(self.follow, reach.near)
        return near if self.is_last_resort else np.where(self.sizes <= reach.window, self.follow, near)

    def count(self, reach: Reach) -> int:
        return int(self.meets(reach).sum())

    def some_between(self, wide: Reach, narrow: Reach) -> tuple[Keys, Keys]:
        """Some of the pairs that the one has and the other has not."""
        most, least = self.meets(wide), self.meets(narrow)
        first = np.flatnonzero(most > least)
        first = first[:: max(len(first) // LOOKED_AT, 1)]
        step = least[first] + 1 + np.arange(len(first)) % (most[first] - least[first])
        return self.records[first].astype(np.int64), self.records[first + step].astype(np.int64)

    def pairs(self, reach: Reach, size: int) -> Keys:
        """As a × size + b with a < b."""
        meets = self.meets(reach)
        first = np.repeat(np.arange(len(meets), dtype=np.int32), meets)
        step = np.arange(len(first), dtype=np.int64) - np.repeat(np.cumsum(meets, dtype=np.int64) - meets, meets) + 1
        one, two = self.records[first], self.records[first + step]
        pairs = np.minimum(one, two).astype(np.int64) * size + np.maximum(one, two)
        return pairs[one != two]  # type: ignore[no-any-return]


def candidate_pairs(rules: Iterable[Rule], *, size: int, worth: Worth) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Distinct pairs a < b of record indices below `size`, sorted."""
    if size <= ALL_PAIRS_UP_TO:
        a, b = np.triu_indices(size, 1)
        return a.astype(np.int32), b.astype(np.int32)
    blocks = [Blocks.of(rule) for rule in rules]
    reaches = widest(blocks, budget=max(MOST_PAIRS, PAIRS_PER_RECORD * size), worth=worth)
    found = [one.pairs(reach, size) for one, reach in zip(blocks, reaches, strict=True)]
    return _distinct(np.concatenate([np.empty(0, np.int64), *found]), size)


def widest(blocks: Sequence[Blocks], *, budget: int, worth: Worth) -> list[Reach]:
    """For each rule, so that the pairs left out are the least likely ones."""
    if sum(one.count(REACHES[0]) for one in blocks) <= budget:
        return [REACHES[0]] * len(blocks)
    levels = [len(REACHES) - 1] * len(blocks)
    is_full = [False] * len(blocks)
    for _, negative_level, rule, count in sorted(_steps(blocks, worth)):
        is_full[rule] |= count > budget
        if not is_full[rule]:
            levels[rule] = -negative_level
            budget -= count
    return [REACHES[level] for level in levels]


def _steps(blocks: Sequence[Blocks], worth: Worth) -> Iterator[tuple[float, int, int, int]]:
    """What each reach of each rule adds to the next narrower: how unlikely the pairs are, and how many. Who wants the
    wider must take the narrower, so that is worth as much at least."""
    for rule, one in enumerate(blocks):
        best = 0.0
        for level, (wide, narrow) in enumerate(pairwise(REACHES)):
            a, b = one.some_between(wide, narrow)
            best = max(best, float(worth(a, b).mean())) if len(a) else best
            yield -best, -level, rule, one.count(wide) - one.count(narrow)


def _distinct(found: Keys, size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    found.sort()
    found = found[np.append(True, found[1:] != found[:-1])] if len(found) else found
    return (found // size).astype(np.int32), (found % size).astype(np.int32)
