"""What other thresholds would do, from the stored candidates: fast enough for a slider.

Counts of pairs are exact for thresholds above `candidates.FLOOR`. Groups are the components of the pairs that would be
linked; the last guard, by which a single weak bridge breaks, needs all records at hand and speaks only when the rules
are applied. Groups it broke under the present thresholds stay broken here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cdp.common.copying import Cursor
from identity.models import Candidate
from identity.rules import Fuzzy

Pair = tuple[int, int]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stored:
    """Candidates side by side, without those whose records share an identifier: they are together anyway."""

    a: Ints
    b: Ints
    probability: NDArray[np.float64]
    may_merge: Bools
    state: NDArray[np.object_]
    link: float
    """The threshold in force."""

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, slots=True)
class Changes:
    """`made`: groups of records of which none was in a group; `broken`: groups of which nothing is left together;
    `changed`: others that have other members now. Samples are (record, record)."""

    linked: int
    asked: int
    left: int
    made: int
    broken: int
    changed: int
    newly_linked: int
    no_longer_linked: int
    sample_linked: Sequence[Pair]
    sample_unlinked: Sequence[Pair]


def load(cursor: Cursor, *, link: float) -> Stored:
    """`link`: the threshold in force."""
    cursor.execute(
        "select coalesce(array_agg(record_a order by id), '{}'), coalesce(array_agg(record_b order by id), '{}'),"
        " coalesce(array_agg(probability order by id), '{}'), coalesce(array_agg(may_merge order by id), '{}'),"
        " coalesce(array_agg(state order by id), '{}') from identity_candidate where not is_exact"
    )
    a, b, probability, may_merge, state = cursor.fetchone()
    numbers = np.array(a, np.int64), np.array(b, np.int64), np.array(probability, np.float64)
    return Stored(*numbers, np.array(may_merge, bool), np.array(state, object), link)


def what_if(stored: Stored, draft: Fuzzy, *, samples: int = 10, seed: int = 0) -> Changes:
    """What `draft` would make of the pairs; decisions of stewards stay."""
    state = stored.state
    is_same = state == Candidate.State.SAME.value
    is_free = ~is_same & (state != Candidate.State.DIFFERENT.value) & (state != Candidate.State.LATER.value)
    before = state == Candidate.State.LINKED.value
    is_cut = is_free & stored.may_merge & (stored.probability >= stored.link) & ~before
    after = is_free & stored.may_merge & (stored.probability >= draft.link) & ~is_cut & draft.is_on
    after &= _within(stored, after | is_same, draft.largest)
    asked = is_free & ~after & (stored.probability >= draft.review) & draft.is_on
    came, went = after & ~before, before & ~after
    made, broken, changed = _groups(stored, before | is_same, after | is_same)
    random = np.random.default_rng(seed)
    return Changes(
        int(after.sum()),
        int(asked.sum()),
        int((is_free & ~after & ~asked).sum()),
        *(made, broken, changed, int(came.sum()), int(went.sum())),
        _sample(stored, came, samples, random),
        _sample(stored, went, samples, random),
    )


def _within(stored: Stored, linked: Bools, largest: int) -> Bools:
    """Of the pairs, those in groups that are not too large."""
    _, label, index = _labels(stored, linked)
    return (np.bincount(label)[label[index]] <= largest) if len(stored) else linked


def _groups(stored: Stored, before: Bools, after: Bools) -> tuple[int, int, int]:
    """Groups made, broken and changed."""
    if not len(stored):
        return 0, 0, 0
    _, old, _ = _labels(stored, before)
    _, new, _ = _labels(stored, after)
    old_size, new_size = np.bincount(old), np.bincount(new)
    was, now = old_size[old] > 1, new_size[new] > 1
    some_was = np.bincount(new, was, minlength=len(new_size)) > 0
    some_now = np.bincount(old, now, minlength=len(old_size)) > 0
    made = int(((new_size > 1) & ~some_was).sum())
    broken = int(((old_size > 1) & ~some_now).sum())
    same = _count_same(old, new, old_size, new_size)
    return made, broken, int((old_size > 1).sum()) - broken - same


def _count_same(old: Ints, new: Ints, old_size: Ints, new_size: Ints) -> int:
    """Groups of two or more with the same members before and after."""
    _, first, counts = np.unique(old * (int(new.max()) + 1) + new, return_index=True, return_counts=True)
    one, other = old[first], new[first]
    return int(((counts == old_size[one]) & (counts == new_size[other]) & (counts > 1)).sum())


def _labels(stored: Stored, linked: Bools) -> tuple[Ints, Ints, Ints]:
    """Records; the number of each one's group; where among them the first record of each pair is."""
    records, places = np.unique(np.stack([stored.a, stored.b]), return_inverse=True)
    a, b = places.reshape(2, -1)
    edges = np.ones(int(linked.sum()), np.int8), (a[linked], b[linked])
    label = connected_components(coo_array(edges, shape=(len(records), len(records))), directed=False)[1]
    return records, label.astype(np.int64), a


def _sample(stored: Stored, chosen: Bools, most: int, random: np.random.Generator) -> list[Pair]:
    rows = np.flatnonzero(chosen)
    rows = np.sort(random.choice(rows, size=min(most, len(rows)), replace=False))
    return list(zip(stored.a[rows].tolist(), stored.b[rows].tolist(), strict=True))
