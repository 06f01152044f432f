"""Which pairs are worth comparing: those that share one of several complementary keys.

A rule sorts the records by its key, within a key by a second order, and pairs each record with its next neighbours:
all of a small block, only the nearest of a common value (the sorted neighbourhood of Hernández & Stolfo 1995, "The
merge/purge problem for large databases"). In a large file a key is shared by more people than in a small one, so the
blocks in which all meet are made smaller until the pairs fit a budget.
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
    """All of a block of up to `window` records meet, of a larger one the `near` next; `last_resort` of those rules."""

    window: int
    near: int
    last_resort: int


REACHES = (
    *(Reach(20, 4, 4), Reach(20, 4, 2), Reach(20, 4, 1), Reach(20, 3, 0), Reach(14, 3, 0), Reach(10, 2, 0)),
    *(Reach(7, 2, 0), Reach(5, 1, 0), Reach(3, 1, 0), Reach(2, 1, 0)),
)
"""From the widest to the one for which any file has few enough pairs."""


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
        if self.is_last_resort:
            return np.minimum(self.follow, reach.last_resort)
        return np.where(self.sizes <= reach.window, self.follow, np.minimum(self.follow, reach.near))

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
    reach = widest(blocks, budget=max(MOST_PAIRS, PAIRS_PER_RECORD * size))
    found = np.concatenate([np.empty(0, np.int64), *(one.pairs(reach, size) for one in blocks)])
    found.sort()
    found = found[np.append(True, found[1:] != found[:-1])] if len(found) else found
    return (found // size).astype(np.int32), (found % size).astype(np.int32)


def widest(blocks: Sequence[Blocks], *, budget: int) -> Reach:
    return next(
        (reach for reach in REACHES if sum(int(one.meets(reach).sum()) for one in blocks) <= budget), REACHES[-1]
    )
