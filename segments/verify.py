"""Compares memberships with what the rules give, tells faults apart from what is merely not yet caught up, repairs.

A difference is no fault while news of the person still waits, or while the clock alone explains it: the refresh deals
with both within a second. What remains under the segment's lock was missed. It is put right by the refresh too, with
the cause `repair`, and an alarm is raised: a row of Fault.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from cdp.common.copying import numbers
from cdp.profiles.touched import EVERYBODY
from cdp.rules.cuts import wanted_cuts
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import published
from cdp.rules.parse import parse
from cdp.rules.sets import crossing
from cdp.rules.sql import Sql, fill
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import Node, Scope
from segments import facts
from segments.models import Cause, Fault, Segment
from segments.refresh import READER

EXAMPLES = 20
LIVE = Q(pace=Segment.Pace.LIVE) | Q(kind=Segment.Kind.STATIC)
log = logging.getLogger(__name__)


class NotChecked(Exception):
    """There is nothing to compare with now: the segment is archived, waits for a full refresh, or is refreshed on a
    schedule, which puts everything right each time."""


@dataclass(frozen=True)
class Verified:
    missing: frozenset[int] = frozenset()
    """Profile ids of those who should have been in and were not."""
    extra: frozenset[int] = frozenset()
    """Of those who were in and should not have been."""
    waiting: int = 0
    """Differences that the refresh has not yet come to."""

    @property
    def faults(self) -> int:
        return len(self.missing) + len(self.extra)


def check(segment_id: int, *, now: datetime, zone: ZoneInfo) -> Verified:
    """Everybody is compared without a lock; only those who differ again, under it. Raises RuleError, NotChecked."""
    node = parse(_checkable(segment_id, lock=False).rule)
    differing = _differing(segment_id, node, _scope(node, now, zone, None))
    with transaction.atomic():
        segment = _checkable(segment_id, lock=True)
        node, now = parse(segment.rule), max(now, segment.as_of or now)
        found = _faults(segment, node, differing, scope=_scope(node, now, zone, sorted(differing)))
        if found.faults:
            _raise_alarm(segment_id, found, now=now)
        Segment.objects.filter(pk=segment_id).update(checked_at=now)
    return found


def checkable() -> list[int]:
    """Ids of the segments that are kept right from second to second; the one checked longest ago first."""
    rows = Segment.objects.filter(LIVE, archived_at=None, is_stale=False, as_of__isnull=False)
    return list(rows.order_by(F("checked_at").asc(nulls_first=True), "id").values_list("id", flat=True))


def check_or_log(segment_id: int, *, now: datetime, zone: ZoneInfo) -> Verified | None:
    """Of many: one that cannot be checked holds up no other. Its own page says what is wrong with its rule."""
    try:
        return check(segment_id, now=now, zone=zone)
    except (NotChecked, RuleError, DatabaseError, Segment.DoesNotExist) as error:
        log.warning("Segment %s was not checked: %s", segment_id, type(error).__name__)
        return None


def _checkable(segment_id: int, *, lock: bool) -> Segment:
    rows = Segment.objects.select_for_update() if lock else Segment.objects.all()
    segment = rows.get(pk=segment_id)
    if segment.archived_at or segment.is_stale or segment.as_of is None or segment.is_scheduled:
        raise NotChecked
    return segment


def _scope(node: Node, now: datetime, zone: ZoneInfo, ids: list[int] | None) -> Scope:
    return Scope(now, ids, zone, published(wanted_cuts(node)))


def _faults(segment: Segment, node: Node, before: Collection[int], *, scope: Scope) -> Verified:
    """Facts first, then news of them: whatever is not among the facts yet has its news still to come."""
    if not before:
        return Verified()
    differing = _differing(segment.pk, node, scope)
    waiting = _waiting(segment.pk, differing)
    if segment.as_of is not None:
        waiting |= crossing(node, since=segment.as_of, until=scope.now, zone=scope.zone, ids=sorted(differing))
    faults = {one: is_missing for one, is_missing in differing.items() if one not in waiting}
    return Verified(
        missing=frozenset(one for one, is_missing in faults.items() if is_missing),
        extra=frozenset(one for one, is_missing in faults.items() if not is_missing),
        waiting=len(differing) - len(faults),
    )


def _differing(segment_id: int, node: Node, scope: Scope) -> dict[int, bool]:
    """Profile id → whether a membership is missing; otherwise it is one too many."""
    narrowed = Sql("") if scope.ids is None else fill(" and profile_id = any({ids})", ids=list(scope.ids))
    sql = fill(
        "with target as materialized ({members}), held as materialized"
        " (select profile_id as id from segments_membership where segment_id = {segment}{narrowed})"
        " select id, true from (select id from target except select id from held) missing"
        " union all select id, false from (select id from held except select id from target) extra",
        members=members_sql(node, scope),
        segment=segment_id,
        narrowed=narrowed,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return dict(cursor.fetchall())


def _waiting(segment_id: int, profile_ids: Collection[int]) -> set[int]:
    """Those of whom there is news that this segment has not heard. What somebody is just claiming is still seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct profile_id from profiles_touched where reader in (%s, %s)"
            " and (profile_id = any(%s::bigint[]) or profile_id = %s)",
            [READER, facts.own_queue(segment_id), numbers(profile_ids), EVERYBODY],
        )
        found = {row[0] for row in cursor.fetchall()}
    return set(profile_ids) if EVERYBODY in found else found


def _raise_alarm(segment_id: int, found: Verified, *, now: datetime) -> None:
    """The log tells how many, never who."""
    log.error(
        "Segment %s: %s memberships were missing and %s too many. They are being put right.",
        segment_id,
        len(found.missing),
        len(found.extra),
    )
    wrong = sorted(found.missing | found.extra)
    Fault.objects.create(
        segment_id=segment_id,
        at=now,
        missing=len(found.missing),
        extra=len(found.extra),
        examples=wrong[:EXAMPLES],
    )
    with connection.cursor() as cursor:
        facts.set_aside(cursor, {segment_id: {facts.NEW: dict.fromkeys(wrong, Cause.REPAIR)}}, now=now)
