"""What stewards say between two sets of records: links, separations, decisions on pairs. Plain rows, no groups."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor, numbers
from identity.models import Candidate


@dataclass(frozen=True, slots=True)
class Cut:
    """Two sets of records that are to be two people; `merge_id` is the merge that this undoes."""

    ours: Sequence[int]
    theirs: Sequence[int]
    merge_id: int | None = None


def link(cursor: Cursor, one: int, other: int, *, by: str, now: datetime) -> None:
    cursor.execute(
        "insert into identity_link (record_a, record_b, kind, weight, by, at, dropped_for)"
        " values (%s, %s, 'manual', 0, %s, %s, '') on conflict (record_a, record_b)"
        " do update set kind = 'manual', by = excluded.by, at = excluded.at",
        [min(one, other), max(one, other), by, now],
    )


_CROSSING = "((record_a = any(%s) and record_b = any(%s)) or (record_a = any(%s) and record_b = any(%s)))"


def _crossing(ours: Sequence[int], theirs: Sequence[int]) -> list[list[int]]:
    return [list(ours), list(theirs), list(theirs), list(ours)]


def cut_links(cursor: Cursor, cut: Cut) -> list[dict[str, Any]]:
    cursor.execute(
        f"delete from identity_link where {_CROSSING} returning record_a, record_b, kind, weight, by, at",
        _crossing(cut.ours, cut.theirs),
    )
    names = ("a", "b", "kind", "weight", "by", "at")
    return [dict(zip(names, (*row[:5], row[5].isoformat()), strict=True)) for row in cursor.fetchall()]


def restore_links(cursor: Cursor, links: Sequence[dict[str, Any]], existing: Collection[int]) -> None:
    for one in links:
        if {one["a"], one["b"]} <= set(existing):
            cursor.execute(
                "insert into identity_link (record_a, record_b, kind, weight, by, at, dropped_for)"
                " values (%s, %s, %s, %s, %s, %s, '') on conflict do nothing",
                [one["a"], one["b"], one["kind"], one["weight"], one["by"], one["at"]],
            )


def decide(
    cursor: Cursor, ours: Sequence[int], theirs: Sequence[int], state: Candidate.State, *, by: str, now: datetime | None
) -> None:
    """Pairs between them that were found alike are decided by this."""
    cursor.execute(
        f"update identity_candidate set state = %s, decided_by = %s, decided_at = %s where {_CROSSING}",
        [state.value, by, now, *_crossing(ours, theirs)],
    )


def separate(cursor: Cursor, cut: Cut, links: list[dict[str, Any]], *, by: str, now: datetime) -> int:
    cursor.execute(
        "insert into identity_separation (by, at, merge_id, links) values (%s, %s, %s, %s) returning id",
        [by, now, cut.merge_id, json.dumps(links)],
    )
    separation = int(cursor.fetchone()[0])
    for side, records in enumerate((cut.ours, cut.theirs)):
        cursor.execute(
            "insert into identity_apart (separation_id, side, record_id) select %s, %s, unnest(%s::bigint[])",
            [separation, side, numbers(records)],
        )
    return separation


def forget_separations(cursor: Cursor, ours: Sequence[int], theirs: Sequence[int]) -> None:
    cursor.execute(
        "with between as (select distinct a.separation_id id from identity_apart a join identity_apart b"
        " on b.separation_id = a.separation_id and b.side <> a.side"
        " where a.record_id = any(%s::bigint[]) and b.record_id = any(%s::bigint[])),"
        " gone as (delete from identity_apart where separation_id in (select id from between))"
        " delete from identity_separation where id in (select id from between)",
        [numbers(ours), numbers(theirs)],
    )
