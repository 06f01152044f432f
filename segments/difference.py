"""Makes memberships equal to what rules give, for everybody or for given people, and says who changed."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cdp.common.copying import Cursor, copy_rows, numbers
from cdp.rules.sql import Sql, fill, join
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import Node, Scope
from segments.models import Cause, MembershipChange

CHANGE_COLUMNS = ("segment_id", "profile_id", "kind", "cause", "at", "entered_at")
Kind = MembershipChange.Kind
Pair = tuple[int, int]
"""(segment, profile)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One person entered or left one segment. `since`: of who left, since when they had been in."""

    segment_id: int
    profile_id: int
    is_in: bool
    cause: Cause
    at: datetime
    since: datetime | None = None


def everyone(cursor: Cursor, segment_id: int, node: Node, *, cause: Cause, scope: Scope) -> list[Change]:
    """Writes memberships; telling it (`tell`) is the caller's, who holds the segment's lock.

    Large hashes: `not in` over many people must not spill.
    """
    cursor.execute("set local work_mem = '128MB'")
    sql = fill(
        "with target as materialized ({members}),"
        " gone as (delete from segments_membership m where m.segment_id = {segment}"
        " and not exists (select 1 from target t where t.id = m.profile_id)"
        " returning m.profile_id, m.entered_at),"
        " come as (insert into segments_membership (profile_id, segment_id, entered_at)"
        " select id, {segment}, {now} from target on conflict do nothing returning profile_id)"
        " select profile_id, null::timestamptz from come union all select profile_id, entered_at from gone",
        members=members_sql(node, scope),
        segment=segment_id,
        now=scope.now,
    )
    cursor.execute(sql.text, sql.values)
    return [
        Change(segment_id, profile_id, since is None, cause, scope.now, since)
        for profile_id, since in cursor.fetchall()
    ]


def current(cursor: Cursor, pairs: Mapping[int, Collection[int]]) -> dict[Pair, datetime]:
    """Of these profiles of each segment, those who are in, and since when."""
    profile_ids = sorted(set().union(*pairs.values()))
    cursor.execute(
        "select segment_id, profile_id, entered_at from segments_membership where profile_id = any(%s::bigint[])"
        " and segment_id = any(%s::bigint[])",
        [numbers(profile_ids), numbers(pairs)],
    )
    return {(segment, profile): since for segment, profile, since in cursor.fetchall() if profile in pairs[segment]}


def apply(cursor: Cursor, changes: Sequence[Change]) -> None:
    """Writes memberships and their news, so that the segments built on these see both."""
    back = _away_by_merge(cursor, [one for one in changes if one.is_in and one.cause is Cause.UNMERGE])
    entered = [
        (one.profile_id, one.segment_id, back.get((one.segment_id, one.profile_id), one.at))
        for one in changes
        if one.is_in
    ]
    copy_rows(cursor, "segments_membership", ("profile_id", "segment_id", "entered_at"), entered)
    left: dict[int, list[int]] = {}
    for one in changes:
        if not one.is_in:
            left.setdefault(one.segment_id, []).append(one.profile_id)
    if left:
        each = [
            Sql("(segment_id = %s and profile_id = any(%s::bigint[]))", (k, numbers(ids))) for k, ids in left.items()
        ]
        gone = join(" or ", each)
        cursor.execute(f"delete from segments_membership where {gone.text}", gone.values)
    tell(cursor, changes)


def tell(cursor: Cursor, changes: Sequence[Change]) -> None:
    rows = [(one.segment_id, one.profile_id, _kind(one), one.cause.value, one.at, one.since) for one in changes]
    copy_rows(cursor, "segments_membershipchange", CHANGE_COLUMNS, rows)


def note(cursor: Cursor, changes: Sequence[Change], *, segment_ids: Iterable[int], now: datetime) -> None:
    """In the sizes; these segments are now right for `now`. The caller holds their locks."""
    grown = Counter(dict.fromkeys(segment_ids, 0))
    for one in changes:
        grown[one.segment_id] += 1 if one.is_in else -1
    cursor.execute(
        "update segments_segment s set size = s.size + n.grown, as_of = greatest(s.as_of, %s)"
        " from unnest(%s::bigint[], %s::bigint[]) n (id, grown) where s.id = n.id",
        [now, numbers(grown), numbers(grown.values())],
    )
    if latest := {one.segment_id: one.at for one in changes}:
        _note_sizes(cursor, latest)


def _note_sizes(cursor: Cursor, latest: Mapping[int, datetime]) -> None:
    """The size at the end of each hour."""
    hours = [at.replace(minute=0, second=0, microsecond=0) for at in latest.values()]
    cursor.execute(
        "insert into segments_segmentsize (segment_id, at, size) select s.id, n.at, s.size from segments_segment s"
        " join unnest(%s::bigint[], %s::timestamptz[]) n (id, at) on n.id = s.id"
        " on conflict (segment_id, at) do update set size = excluded.size",
        [numbers(latest), hours],
    )


def _kind(change: Change) -> str:
    return Kind.ENTERED.value if change.is_in else Kind.LEFT.value


def _away_by_merge(cursor: Cursor, changes: Sequence[Change]) -> dict[Pair, datetime]:
    """Whom a merge took out and an un-merge brings back was never away: since when they had been in."""
    if not changes:
        return {}
    cursor.execute(
        "select distinct on (segment_id, profile_id) segment_id, profile_id, cause, entered_at"
        " from segments_membershipchange where profile_id = any(%s::bigint[]) and segment_id = any(%s::bigint[])"
        " order by segment_id, profile_id, at desc, id desc",
        [numbers({one.profile_id for one in changes}), numbers({one.segment_id for one in changes})],
    )
    return {
        (segment, profile): since
        for segment, profile, cause, since in cursor.fetchall()
        if cause == Cause.MERGE.value and since is not None
    }
