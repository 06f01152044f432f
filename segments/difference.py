"""Makes memberships equal to the rule, for everybody or for given people, and says who changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from cdp.common.copying import Cursor, copy_rows
from cdp.rules.sql import Sql, fill
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import Node, Scope
from segments.models import Cause, MembershipChange, Segment, SegmentSize

CHANGE_COLUMNS = ("segment_id", "profile_id", "kind", "cause", "at", "entered_at")
Kind = MembershipChange.Kind


@dataclass(frozen=True)
class Difference:
    """Profile ids of those who entered and left."""

    entered: tuple[int, ...]
    left: Mapping[int, datetime]
    """Since when each had been in."""

    @property
    def changed(self) -> tuple[int, ...]:
        return (*self.entered, *self.left)


def everyone(segment: Segment, node: Node, *, cause: Cause, scope: Scope) -> Difference:
    """The caller holds the segment's lock. Large hashes: `not in` over many people must not spill."""
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '128MB'")
    found = _apply(segment.pk, node, scope)
    return _settle(segment, found, causes={}, otherwise=cause, now=scope.now)


def some(segment: Segment, node: Node, *, causes: Mapping[int, Cause], scope: Scope) -> Difference:
    """For the profiles of `causes` only. The caller holds the segment's lock."""
    found = _apply(segment.pk, node, replace(scope, ids=sorted(causes)))
    return _settle(segment, found, causes=causes, otherwise=Cause.REPAIR, now=scope.now)


def _apply(segment_id: int, node: Node, scope: Scope) -> Difference:
    narrowed = Sql("") if scope.ids is None else Sql(" and m.profile_id = any(%s)", (list(scope.ids),))
    sql = fill(
        "with target as materialized ({members}),"
        " gone as (delete from segments_membership m where m.segment_id = {segment}{narrowed}"
        " and not exists (select 1 from target t where t.id = m.profile_id)"
        " returning m.profile_id, m.entered_at),"
        " come as (insert into segments_membership (profile_id, segment_id, entered_at)"
        " select id, {segment}, {now} from target on conflict do nothing returning profile_id)"
        " select profile_id, null::timestamptz from come union all select profile_id, entered_at from gone",
        members=members_sql(node, scope),
        segment=segment_id,
        narrowed=narrowed,
        now=scope.now,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        rows = cursor.fetchall()
    return Difference(
        entered=tuple(profile_id for profile_id, entered_at in rows if entered_at is None),
        left={profile_id: entered_at for profile_id, entered_at in rows if entered_at is not None},
    )


def _settle(
    segment: Segment, found: Difference, *, causes: Mapping[int, Cause], otherwise: Cause, now: datetime
) -> Difference:
    rows = [
        (segment.pk, profile_id, kind.value, causes.get(profile_id, otherwise).value, now, found.left.get(profile_id))
        for kind, ids in ((Kind.ENTERED, found.entered), (Kind.LEFT, found.left))
        for profile_id in ids
    ]
    with connection.cursor() as cursor:
        _come_back(cursor, segment.pk, [one for one in found.entered if causes.get(one) is Cause.UNMERGE])
        copy_rows(cursor, "segments_membershipchange", CHANGE_COLUMNS, rows)
    segment.size += len(found.entered) - len(found.left)
    segment.as_of = now
    segment.save(update_fields=["size", "as_of"])
    if rows:
        _note_size(segment, now)
    return found


def _come_back(cursor: Cursor, segment_id: int, profile_ids: Sequence[int]) -> None:
    """Whom a merge took out and an un-merge brings back was never away."""
    if not profile_ids:
        return
    cursor.execute(
        "update segments_membership m set entered_at = c.entered_at from (select distinct on (profile_id) profile_id,"
        " cause, entered_at from segments_membershipchange where segment_id = %s and profile_id = any(%s)"
        " order by profile_id, at desc, id desc) c"
        " where m.segment_id = %s and m.profile_id = c.profile_id and c.cause = %s and c.entered_at is not null",
        [segment_id, list(profile_ids), segment_id, Cause.MERGE.value],
    )


def _note_size(segment: Segment, now: datetime) -> None:
    SegmentSize.objects.update_or_create(
        segment_id=segment.pk,
        at=now.replace(minute=0, second=0, microsecond=0),
        defaults={"size": segment.size},
    )
