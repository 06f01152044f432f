"""Writes what matching found: candidate pairs, links by likeness, and what they mean for a steward.

Pairs that a steward decided are never touched. A fuzzy link stands exactly for a pair that matching linked; a candidate
is `linked` where such a link counts, `open` where a steward should look, and `left` otherwise.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor, copy_rows, numbers, texts
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
    """The undecided candidates with any of these records are these now. One that stays keeps its id and its standing:
    a steward may be looking at it."""
    ids = numbers(record_ids)
    cursor.execute(
        "select record_a, record_b, id, state from identity_candidate where record_a = any(%s::bigint[])"
        " union select record_a, record_b, id, state from identity_candidate where record_b = any(%s::bigint[])",
        [ids, ids],
    )
    there = {(a, b): (id_, state) for a, b, id_, state in cursor.fetchall()}
    open_ids = {pair: id_ for pair, (id_, state) in there.items() if state in UNDECIDED}
    gone = open_ids.keys() - {one.pair for one in found}
    if gone:
        cursor.execute(
            "delete from identity_candidate where id = any(%s::bigint[]) and state in %s",
            [numbers(open_ids[pair] for pair in gone), UNDECIDED],
        )
    _update(cursor, [(open_ids[one.pair], one) for one in found if one.pair in open_ids], model_id=model_id)
    copy_rows(
        cursor,
        "identity_candidate",
        _COLUMNS,
        [
            (*one.pair, *_weighed(one), State.LEFT.value, "", model_id, now, one.may_merge, False, False)
            for one in found
            if one.pair not in there
        ],
    )


def _weighed(one: Weighted) -> tuple[float, float, str]:
    return one.weight, one.probability, json.dumps(one.evidence)


def _update(cursor: Cursor, found: Sequence[tuple[int, Weighted]], *, model_id: int | None) -> None:
    if not found:
        return
    told = [_weighed(one) for _, one in found]
    cursor.execute(
        "update identity_candidate c set weight = n.weight, probability = n.probability, evidence = n.evidence,"
        " may_merge = n.may_merge, model_id = %s from unnest(%s::bigint[], %s::float8[], %s::float8[], %s::jsonb[],"
        " %s::bool[]) n(id, weight, probability, evidence, may_merge) where c.id = n.id and c.state in %s",
        [
            model_id,
            numbers(id_ for id_, _ in found),
            [weight for weight, _, _ in told],
            [probability for _, probability, _ in told],
            texts([evidence for _, _, evidence in told]),
            [one.may_merge for _, one in found],
            UNDECIDED,
        ],
    )


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
