"""Keeps segments right: from what touched profiles and passing time may have changed, or for everybody."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from cdp.common.copying import Cursor
from cdp.common.models import Job
from cdp.profiles.models import Touched
from cdp.profiles.touched import EVERYBODY, claim
from cdp.rules.cuts import wanted_cuts
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import publish, published
from cdp.rules.parse import parse
from cdp.rules.tree import Node, Scope
from segments import because, difference, live
from segments import facts as told
from segments.computed import follow_computed
from segments.facts import ALWAYS, Facts
from segments.failing import fail, is_its_own
from segments.follow import follow
from segments.live import Live
from segments.models import Cause, Segment
from segments.together import Together

READER = "segments"
CLAIM = 1_000
"""Touched rows per transaction."""
WITHIN_S, FULL_WITHIN_S = 5.0, 600.0
"""What takes longer is given up: of a claim all segments' statement and then each one's own, or a full refresh."""
TURN_LOCK, FULL_LOCK = 7_305_011, 7_305_012
"""One worker at a time follows: two would find each other's segments locked and lay everything aside."""

OPEN = (Job.State.WAITING, Job.State.RUNNING)


class Outcome(StrEnum):
    """Of a full refresh. `TAKEN`: another worker does it, or has done it."""

    DONE = "done"
    FAILED = "failed"
    TAKEN = "taken"


def refresh_changes(*, now: datetime, zone: ZoneInfo, within_s: float = WITHIN_S) -> int | None:
    """One claim of touched profiles, and the clock, through all live segments. Returns its size; None if another worker
    is at it: that one looks again for what was touched meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not _is_my_turn(cursor):
            return None
        claimed = claim(cursor, READER, limit=CLAIM)
        facts = told.read(claimed)
        follow_computed(cursor, claimed, facts, now=now, zone=zone)
        segments = _read_live(cursor, now=now)
        everywhere = told.of_everybody(facts)
        ours = [one for one in segments if one.is_ours and not one.is_stale]
        waiting = told.claim_aside(cursor, [one.id for one in ours])
        fresh = _without_stale(ours, everywhere, waiting)
        ask = Together(cursor, _scope([one.node for one in fresh], now=now, zone=zone), within_s)
        follow(fresh, facts, waiting, ask=ask)
        for segment_id, error in ask.failed.items():
            fail(segment_id, error, now=now)
        _lay_aside(cursor, [one for one in segments if not one.is_ours], facts, everywhere, now=now)
        return len(claimed)


def is_more_touched() -> bool:
    """Whoever touched something while the last claim was under way found the turn taken."""
    return Touched.objects.filter(reader=READER).exists()


def refresh_fully(segment_id: int, *, now: datetime, zone: ZoneInfo, within_s: float = FULL_WITHIN_S) -> bool:
    """Everybody, by the segment's rule. Whether it could be done; if not, the segment's `error` says why."""
    return _fully(segment_id, now=now, zone=zone, within_s=within_s) == Outcome.DONE


def refresh_waiting(segment_id: int, *, now: datetime, zone: ZoneInfo, within_s: float = FULL_WITHIN_S) -> Outcome:
    """The same, if it still waits for it and no other worker is at it."""
    return _fully(segment_id, now=now, zone=zone, within_s=within_s, only_waiting=True)


def waiting_segments(*, now: datetime) -> list[int]:
    """Those that need a full refresh: the quick and untried ones first, so that slow ones hold up nobody."""
    waiting = Segment.objects.filter(Q(is_stale=True) | Q(job__state__in=OPEN), archived_at=None)
    return list(
        waiting.exclude(retry_at__gt=now)
        .order_by("failures", F("took_ms").asc(nulls_first=True), "id")
        .values_list("id", flat=True)
    )


def mark_stale(fact: str) -> list[int]:
    """Live segments whose rule names the fact need a full refresh: a catalogue, a cut or all scores changed."""
    ids = live.depending_on({fact})
    Segment.objects.filter(pk__in=ids).update(is_stale=True)
    return ids


def _is_my_turn(cursor: Cursor) -> bool:
    cursor.execute("select pg_try_advisory_xact_lock(%s)", [TURN_LOCK])
    return bool(cursor.fetchone()[0])


def _read_live(cursor: Cursor, *, now: datetime) -> list[Live]:
    segments, unread = live.lock(cursor)
    for broken in unread:
        fail(broken.id, broken.error, now=now)
    return segments


def _without_stale(segments: Sequence[Live], everywhere: set[str], waiting: Mapping[int, Facts]) -> list[Live]:
    """Marks those for whom something changed for everybody, now or while they were held elsewhere."""
    stale = [one.id for one in segments if one.depends & (everywhere | told.of_everybody(waiting.get(one.id, {})))]
    Segment.objects.filter(pk__in=stale).update(is_stale=True)
    return [one for one in segments if one.id not in stale]


def _lay_aside(cursor: Cursor, segments: Iterable[Live], facts: Facts, everywhere: set[str], *, now: datetime) -> None:
    """For segments that are being refreshed fully."""
    aside: dict[int, Facts] = {}
    for one in segments:
        names = one.depends | ALWAYS
        aside[one.id] = {name: dict(profiles) for name, profiles in facts.items() if name in names}
        for name in everywhere & names:
            aside[one.id].setdefault(name, {})[EVERYBODY] = told.cause_of(name)
    told.set_aside(cursor, aside, now=now)


def _fully(segment_id: int, *, now: datetime, zone: ZoneInfo, within_s: float, only_waiting: bool = False) -> Outcome:
    started_s = time.perf_counter()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if only_waiting and not _is_free(cursor, segment_id):
                return Outcome.TAKEN
            segment = Segment.objects.select_for_update(of=("self",)).select_related("job").get(pk=segment_id)
            if only_waiting and not _is_waiting(segment):
                return Outcome.TAKEN
            _refresh(cursor, segment, now=max(now, segment.as_of or now), zone=zone, within_s=within_s)
            took_ms = round((time.perf_counter() - started_s) * 1000)
            Segment.objects.filter(pk=segment_id).update(
                is_stale=False, error="", failures=0, retry_at=None, took_ms=took_ms
            )
    except (RuleError, DatabaseError) as error:
        if isinstance(error, DatabaseError) and not is_its_own(error):
            raise
        fail(segment_id, error, now=now)
        return Outcome.FAILED
    return Outcome.DONE


def _is_waiting(segment: Segment) -> bool:
    return segment.is_stale or (segment.job is not None and segment.job.state in OPEN)


def _is_free(cursor: Cursor, segment_id: int) -> bool:
    """Not by the row's lock: the live worker has that for moments, many times a second."""
    cursor.execute("select pg_try_advisory_xact_lock(%s, (%s %% 2147483647)::int)", [FULL_LOCK, segment_id])
    return bool(cursor.fetchone()[0])


def _refresh(cursor: Cursor, segment: Segment, *, now: datetime, zone: ZoneInfo, within_s: float) -> None:
    node = parse(segment.rule)
    cause = Cause.FIRST if segment.as_of is None else Cause.RULE if segment.is_stale else Cause.REPAIR
    cursor.execute("select set_config('statement_timeout', %s, true)", [str(round(within_s * 1000))])
    _publish_first(node, now=now, zone=zone)
    scope = _scope([node], now=now, zone=zone)
    changes = difference.everyone(cursor, segment.pk, node, cause=cause, scope=scope)
    if cause is Cause.REPAIR:
        changes = because.explained(cursor, segment, node, changes, scope=scope)
    difference.tell(cursor, changes)
    difference.note(cursor, changes, segment_ids=[segment.pk], now=now)
    changed = {f"segment:{segment.pk}": {one.profile_id: one.cause for one in changes}}
    if changes:
        told.set_aside(cursor, dict.fromkeys(live.depending_on(changed.keys()), changed), now=now)


def _publish_first(node: Node, *, now: datetime, zone: ZoneInfo) -> None:
    """Later versions are published on schedule."""
    wanted = wanted_cuts(node)
    known = published(wanted)
    for key, one in wanted.items():
        if key not in known:
            publish(one, now=now, zone=zone)


def _scope(nodes: Iterable[Node], *, now: datetime, zone: ZoneInfo) -> Scope:
    wanted = {key: one for node in nodes for key, one in wanted_cuts(node).items()}
    return Scope(now, zone=zone, cuts=published(wanted) if wanted else {})
