"""Which pairs are worth comparing: those that share one of several complementary keys.

A rule sorts the records by its key, within a key by a second order, and pairs each record with its next neighbours:
all of a small block, only the nearest of a common value (the sorted neighbourhood of Hernández & Stolfo 1995, "The
merge/purge problem for large databases"). In a large file a key is shared by more people than in a small one, so the
blocks in which all meet are made smaller, those of the rules with the most pairs first, until all fit a budget.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
ALL_PAIRS_UP_TO = 1500
"""So few records are all compared with each other."""
MOST_PAIRS, PAIRS_PER_RECORD = 8_000_000, 8
"""The budget is the larger of the two. A pair that several rules find counts for each."""


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


REACHES = tuple(
    Reach(*one) for one in ((20, 4), (20, 3), (16, 3), (13, 2), (10, 2), (8, 2), (6, 1), (4, 1), (3, 1), (2, 1), (2, 0))
)
"""From the widest to the one with the fewest pairs."""


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

    def pairs(self, reach: Reach, size: int) -> Keys:
        """As a × size + b with a < b."""
        meets = self.meets(reach)
        first = np.repeat(np.arange(len(meets), dtype=np.int32), meets)
        step = np.arange(len(first), dtype=np.int64) - np.repeat(np.cumsum(meets, dtype=np.int64) - meets, meets) + 1
        one, two = self.records[first], self.records[first + step]
        pairs = np.minimum(one, two).astype(np.int64) * size + np.maximum(one, two)
        return pairs[one != two]


def candidate_pairs(rules: Iterable[Rule], *, size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Distinct pairs a < b of record indices below `size`, sorted."""
    if size <= ALL_PAIRS_UP_TO:
        a, b = np.triu_indices(size, 1)
        return a.astype(np.int32), b.astype(np.int32)
    blocks = [Blocks.of(rule) for rule in rules]
    reaches = widest(blocks, budget=max(MOST_PAIRS, PAIRS_PER_RECORD * size))
    found = [one.pairs(reach, size) for one, reach in zip(blocks, reaches, strict=True)]
    return _distinct(np.concatenate([np.empty(0, np.int64), *found]), size)


def widest(blocks: Sequence[Blocks], *, budget: int) -> list[Reach]:
    """For each rule. All have an equal share; what a rule with few pairs leaves over goes to those with more, and last
    to those of the last resort."""
    reaches = [REACHES[-1]] * len(blocks)
    order = sorted(range(len(blocks)), key=lambda rule: (blocks[rule].is_last_resort, blocks[rule].count(REACHES[0])))
    for place, rule in enumerate(order):
        share = budget // (len(blocks) - place)
        reaches[rule] = next((one for one in REACHES if blocks[rule].count(one) <= share), REACHES[-1])
        budget -= blocks[rule].count(reaches[rule])
    return reaches


def _distinct(found: Keys, size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    found.sort()
    found = found[np.append(True, found[1:] != found[:-1])] if len(found) else found
    return (found // size).astype(np.int32), (found % size).astype(np.int32)
