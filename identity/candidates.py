"""Writes what matching found: candidate pairs, links by likeness, and what they mean for a steward.

Pairs that a steward decided are never touched. A fuzzy link stands exactly for a pair that matching linked; a candidate
is `linked` where such a link counts, `open` where a steward should look, and `left` otherwise.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor, copy_rows, numbers
from identity.models import Candidate

Pair = tuple[int, int]
State = Candidate.State
FLOOR = 0.05
"""Pairs less probable than this are not kept: one in twenty is far below any threshold a steward would choose, and
there are only about as many pairs above as there are doubles."""
UNDECIDED = (State.OPEN, State.LINKED, State.LEFT)
_COLUMNS = (
    *("record_a", "record_b", "weight", "probability", "evidence", "state", "decided_by", "model_id", "found_at"),
    *("may_merge", "is_exact", "is_audit"),
)


@dataclass(frozen=True, slots=True)
class Weighted:
    """A pair as matching weighed it, record a < record b."""

    pair: Pair
    weight: float
    probability: float
    may_merge: bool
    evidence: list[dict[str, Any]]


@dataclass(slots=True)
class Relinked:
    """Links that came and went."""

    added: set[Pair] = field(default_factory=set)
    removed: set[Pair] = field(default_factory=set)

    @property
    def records(self) -> set[int]:
        return {record for pairs in (self.added, self.removed) for pair in pairs for record in pair}


def touching(cursor: Cursor, record_ids: Iterable[int]) -> set[Pair]:
    """Pairs with one of these records: candidates, and links by likeness."""
    wanted = numbers(record_ids)
    cursor.execute(
        "select record_a, record_b from identity_candidate where record_a = any(%s::bigint[])"
        " union select record_a, record_b from identity_candidate where record_b = any(%s::bigint[])"
        " union select record_a, record_b from identity_link where record_a = any(%s::bigint[]) and kind = 'fuzzy'"
        " union select record_a, record_b from identity_link where record_b = any(%s::bigint[]) and kind = 'fuzzy'",
        [wanted] * 4,
    )
    return set(cursor.fetchall())


def replace(
    cursor: Cursor, record_ids: Iterable[int], found: Sequence[Weighted], *, model_id: int | None, now: datetime
) -> None:
    """The undecided candidates with any of these records are these now. A check that was asked for stays one."""
    wanted = numbers(record_ids)
    cursor.execute(
        "delete from identity_candidate where state in %s and (record_a = any(%s::bigint[])"
        " or record_b = any(%s::bigint[])) returning record_a, record_b, is_audit",
        [UNDECIDED, wanted, wanted],
    )
    audits = {(a, b) for a, b, is_audit in cursor.fetchall() if is_audit}
    cursor.execute(
        "select record_a, record_b from identity_candidate where record_a = any(%s::bigint[])"
        " union select record_a, record_b from identity_candidate where record_b = any(%s::bigint[])",
        [wanted, wanted],
    )
    decided = set(cursor.fetchall())
    copy_rows(
        cursor,
        "identity_candidate",
        _COLUMNS,
        [
            (*_weighed(one), State.LEFT.value, "", model_id, now, one.may_merge, False, one.pair in audits)
            for one in found
            if one.pair not in decided
        ],
    )


def _weighed(one: Weighted) -> tuple[int, int, float, float, str]:
    return *one.pair, one.weight, one.probability, json.dumps(one.evidence)


def likely(cursor: Cursor, record_ids: Iterable[int], *, link: float, most: int) -> set[Pair]:
    """Undecided pairs that are probable enough to be linked, from these records on through others. At most about so
    many: who is connected with thousands is no person."""
    found: set[Pair] = set()
    seen: set[int] = set()
    frontier = set(record_ids)
    while frontier and len(found) < most:
        wanted = numbers(sorted(frontier))
        seen |= frontier
        cursor.execute(
            "select record_a, record_b from identity_candidate where record_a = any(%s::bigint[])"
            " and may_merge and probability >= %s and state in %s"
            " union select record_a, record_b from identity_candidate where record_b = any(%s::bigint[])"
            " and may_merge and probability >= %s and state in %s",
            [wanted, link, UNDECIDED, wanted, link, UNDECIDED],
        )
        pairs = set(cursor.fetchall())
        found |= pairs
        frontier = {record for pair in pairs for record in pair} - seen
    return found


def relink(cursor: Cursor, record_ids: Iterable[int], wanted: dict[Pair, float], *, now: datetime) -> Relinked:
    """The fuzzy links between these records are these now, pair → bits. A pair's link by hand stays instead."""
    ids = numbers(record_ids)
    cursor.execute(
        "select record_a, record_b, kind from identity_link"
        " where record_a = any(%s::bigint[]) and record_b = any(%s::bigint[])",
        [ids, ids],
    )
    kinds = {(a, b): kind for a, b, kind in cursor.fetchall()}
    there = {pair for pair, kind in kinds.items() if kind == "fuzzy"}
    done = Relinked(wanted.keys() - kinds.keys(), there - wanted.keys())
    if done.removed:
        cursor.execute(
            "delete from identity_link l using unnest(%s::bigint[], %s::bigint[]) n(a, b)"
            " where l.record_a = n.a and l.record_b = n.b and l.kind = 'fuzzy'",
            _sides(done.removed),
        )
    copy_rows(
        cursor,
        "identity_link",
        ("record_a", "record_b", "kind", "weight", "by", "at", "dropped_for"),
        [(*pair, "fuzzy", wanted[pair], "system", now, "") for pair in sorted(done.added)],
    )
    return done


def across(cursor: Cursor, pairs: Collection[Pair]) -> set[int]:
    """The records of those pairs that are in two profiles."""
    cursor.execute(
        "select n.a, n.b from unnest(%s::bigint[], %s::bigint[]) n(a, b) join profiles_record x on x.id = n.a"
        " join profiles_record y on y.id = n.b where x.profile_id <> y.profile_id",
        _sides(pairs),
    )
    return {record for pair in cursor.fetchall() for record in pair}


def _sides(pairs: Collection[Pair]) -> list[str]:
    ordered = sorted(pairs)
    return [numbers(a for a, _ in ordered), numbers(b for _, b in ordered)]
