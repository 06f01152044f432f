"""Which pairs are worth comparing: those that share one of several complementary keys.

A rule sorts the records by its key, within a key by a second order, and pairs each record with its next neighbours:
all of a small block, only the nearest of a common value (the sorted neighbourhood of Hernández & Stolfo 1995, "The
merge/purge problem for large databases"). The work is bounded by records × rules × window whatever the data.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
ALL_PAIRS_UP_TO = 1500
"""So few records are all compared with each other."""
NEIGHBOURS = 4
"""In a block larger than the rule's window a record meets so many next ones."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` of each of `records` (-1: none); `order` sorts records of one key so that likely doubles are neighbours."""

    name: str
    records: NDArray[np.int32]
    key: Keys
    order: Keys
    window: int


def candidate_pairs(rules: Iterable[Rule], *, size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Distinct pairs a < b of record indices below `size`, sorted."""
    if size <= ALL_PAIRS_UP_TO:
        a, b = np.triu_indices(size, 1)
        return a.astype(np.int32), b.astype(np.int32)
    found = np.empty(0, np.int64)
    for rule in rules:
        found = _united(found, _pairs_of(rule, size))
    return (found // size).astype(np.int32), (found % size).astype(np.int32)


def _pairs_of(rule: Rule, size: int) -> Keys:
    """Pairs as a × size + b, sorted and distinct."""
    has = np.flatnonzero(rule.key >= 0)
    rank = has[np.lexsort((rule.records[has], rule.order[has], rule.key[has]))]
    key, record = rule.key[rank], rule.records[rank].astype(np.int64)
    small = _block_sizes(key) <= rule.window
    found = []
    for step in range(1, rule.window + 1):
        same = np.flatnonzero((key[step:] == key[:-step]) & (small[step:] | (step <= NEIGHBOURS)))
        if not len(same):
            break
        one, two = record[same], record[same + step]
        pairs = np.minimum(one, two) * size + np.maximum(one, two)
        found.append(pairs[one != two])
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _block_sizes(key: Keys) -> Keys:
    """For each place of a sorted array, how many have its key."""
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(key)))
    return np.repeat(sizes, sizes)


def _united(one: Keys, two: Keys) -> Keys:
    """Both are sorted and distinct; a stable sort of two runs is a merge."""
    if not len(one) or not len(two):
        return one if len(one) else two
    both = np.concatenate([one, two])
    both.sort(kind="stable")
    return both[np.append(True, both[1:] != both[:-1])]  # type: ignore[no-any-return]
