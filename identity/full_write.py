"""Writes what a full pass found, component by component, each batch in one transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cdp.common.copying import Cursor, numbers
from identity import candidates
from identity.candidates import UNDECIDED, Pair, Weighted
from identity.incremental import lock_matching
from identity.judge import Judge
from identity.locks import lock_identity
from identity.models import Merge
from identity.regroup import regroup
from identity.rules import Rules
from identity.standing import restate

Records = NDArray[np.int64]
BATCH = 500
"""Records per transaction of writing: the pipeline waits for one of them at most."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs worth keeping, as rows of `judge`; `is_linked` those that are of one group."""

    judge: Judge
    a: Records
    b: Records
    weight: NDArray[np.float64]
    may_merge: NDArray[np.bool_]
    is_linked: NDArray[np.bool_]

    @property
    def records(self) -> Records:
        """(pairs, 2) ids"""
        return np.stack([self.judge.ids[self.a], self.judge.ids[self.b]], axis=1)


@dataclass(frozen=True, slots=True)
class Written:
    """What one batch did."""

    share: float
    """How much of all is done."""
    linked: int
    unlinked: int
    merges: int


def write(cursor: Cursor, found: Pairs | None, rules: Rules, *, clock: Callable[[], datetime]) -> Iterator[Written]:
    """By components of all pairs that were there or were found. Between two batches the caller may stop."""
    pairs = np.empty((0, 2), np.int64) if found is None else found.records
    records, label = _components(np.concatenate([_earlier(cursor), pairs]))
    order = np.argsort(label, kind="stable")
    of_pair = label[np.searchsorted(records, pairs[:, 0])]
    pair_order = np.argsort(of_pair, kind="stable")
    numbered = np.arange(int(label.max(initial=-1)) + 2)
    ends, pair_ends = np.searchsorted(label[order], numbered), np.searchsorted(of_pair[pair_order], numbered)
    for first, last in _batches(ends):
        members = records[order[ends[first] : ends[last]]]
        rows = pair_order[pair_ends[first] : pair_ends[last]]
        linked, unlinked, merges = _write_batch(cursor, found, members, rows, rules, now=clock())
        yield Written(float(ends[last] / len(records)), linked, unlinked, merges)


def _earlier(cursor: Cursor) -> Records:
    cursor.execute(
        "select record_a, record_b from identity_candidate where state in %s"
        " union select record_a, record_b from identity_link where kind = 'fuzzy'",
        [UNDECIDED],
    )
    return np.array(cursor.fetchall(), np.int64).reshape(-1, 2)


def _components(pairs: Records) -> tuple[Records, Records]:
    """Records, ascending, and the number of each one's component."""
    records, places = np.unique(pairs, return_inverse=True)
    a, b = places.reshape(-1, 2).T
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(records), len(records)))
    label = connected_components(graph, directed=False)[1] if len(records) else np.empty(0, np.int64)
    return records, label.astype(np.int64)


def _batches(ends: Records) -> Iterator[tuple[int, int]]:
    """Ranges [first, last) of components that hold about a batch of records; `ends[i]` come before component i."""
    first = 0
    while first < len(ends) - 1:
        last = max(int(np.searchsorted(ends, ends[first] + BATCH, side="right")) - 1, first + 1)
        yield first, last
        first = last


def _write_batch(
    cursor: Cursor, found: Pairs | None, members: Records, rows: Records, rules: Rules, *, now: datetime
) -> tuple[int, int, int]:
    """Links added, links removed, entries in the ledger."""
    ids, merges = members.tolist(), 0
    with transaction.atomic():
        lock_matching(cursor)
        lock_identity(cursor)
        cursor.execute("select id from profiles_record where id = any(%s::bigint[]) order by id", [numbers(ids)])
        there = np.array([record_id for (record_id,) in cursor.fetchall()], np.int64)
        weighted, wanted = _told(found, rows, there) if found is not None else ([], {})
        model_id = found.judge.model_id if found is not None else None
        candidates.replace(cursor, ids, weighted, model_id=model_id, now=now)
        done = candidates.relink(cursor, ids, wanted, now=now)
        moved = candidates.across(cursor, done.added) | {record for pair in done.removed for record in pair}
        if moved:
            merges = len(regroup(cursor, moved, how=Merge.How.FUZZY, by="system", now=now, rules=rules).merge_ids)
        restate(cursor, ids, rules)
    return len(done.added), len(done.removed), merges


def _told(found: Pairs, rows: Records, there: Records) -> tuple[list[Weighted], dict[Pair, float]]:
    """The pairs of a batch whose records are both still there, and those to be linked."""
    ids = found.judge.ids
    rows = rows[np.isin(ids[found.a[rows]], there) & np.isin(ids[found.b[rows]], there)]
    weighted = found.judge.told(found.a[rows], found.b[rows], found.weight[rows], found.may_merge[rows])
    linked = found.is_linked[rows].tolist()
    return weighted, {one.pair: one.weight for one, is_linked in zip(weighted, linked, strict=True) if is_linked}
