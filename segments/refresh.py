"""Keeps segments right: from what touched profiles and passing time may have changed, or for everybody."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction

from cdp.common.copying import copy_rows
from cdp.profiles.touched import claim
from cdp.rules.cuts import wanted_cuts
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import publish, published
from cdp.rules.parse import parse
from cdp.rules.tree import Node, Scope, depends
from segments import difference, tick
from segments.models import Cause, Segment
from segments.order import in_order, parsed, uses

READER = "segments"
MERGE, UNMERGE, NEW = "merge", "unmerge", "@new"
"""In place of a fact's name: any rule may answer differently for a profile that was merged, parted, or is new."""
CLAIM = 2_000
"""Profiles per transaction: 13 ms for five rules over 1,000 of them, so other workers wait little."""

Facts = dict[int, dict[str, Cause]]
"""Profile id → name of the fact that changed → cause."""

log = logging.getLogger(__name__)


def refresh_changes(*, now: datetime, zone: ZoneInfo) -> int:
    """One claim of touched profiles, and the clock, through all segments in order. Returns its size."""
    with transaction.atomic(), connection.cursor() as cursor:
        claimed = claim(cursor, READER, limit=CLAIM)
        facts: Facts = {}
        for profile_id, is_new, names in claimed:
            known = facts.setdefault(profile_id, {})
            known.update({name: _cause_of(name) for name in names})
            if is_new:
                known[NEW] = _first(known.values() or [Cause.TRAIT])
        nodes = parsed(Segment.objects.filter(archived_at=None))
        for segment_id in in_order(nodes):
            _follow(segment_id, facts, now=now, zone=zone)
    return len(claimed)


def refresh_fully(segment_id: int, *, now: datetime, zone: ZoneInfo) -> None:
    """Everybody, by the segment's rule. What it finds wrong afterwards is told by `error`."""
    try:
        with transaction.atomic():
            segment = Segment.objects.select_for_update().get(pk=segment_id)
            cause = Cause.FIRST if segment.as_of is None else Cause.RULE if segment.is_stale else Cause.REPAIR
            now = max(now, segment.as_of or now)
            node = parse(segment.rule)
            _publish_first(node, now=now, zone=zone)
            found = difference.everyone(segment, node, cause=cause, scope=_scope(node, now, zone))
            Segment.objects.filter(pk=segment_id).update(is_stale=False, error="")
            changed: Facts = {profile_id: {f"segment:{segment_id}": cause} for profile_id in found.changed}
            _tell_dependents(segment_id, changed, now=now)
    except (RuleError, DatabaseError) as error:
        _fail(segment_id, error)


def mark_stale(fact: str) -> list[int]:
    """Segments whose rule names the fact need a full refresh: a catalogue, a cut or all scores changed."""
    nodes = parsed(Segment.objects.filter(archived_at=None))
    ids = [segment_id for segment_id, node in nodes.items() if fact in depends(node)]
    Segment.objects.filter(pk__in=ids).update(is_stale=True)
    return ids


def _follow(segment_id: int, facts: Facts, *, now: datetime, zone: ZoneInfo) -> None:
    """A segment that is being refreshed fully gets its facts later; one that fails delays only itself."""
    segment = Segment.objects.select_for_update(skip_locked=True).filter(pk=segment_id, archived_at=None).first()
    if segment is None:
        set_aside(segment_id, facts, now=now)
    elif not segment.is_stale:
        try:
            with transaction.atomic():
                _refresh_some(segment, parse(segment.rule), facts, now=now, zone=zone)
        except (RuleError, DatabaseError) as error:
            _fail(segment_id, error)


def _refresh_some(segment: Segment, node: Node, facts: Facts, *, now: datetime, zone: ZoneInfo) -> None:
    now = max(now, segment.as_of or now)
    scope = _scope(node, now, zone)
    waiting = _claim_aside(segment.pk)
    names = depends(node) | {MERGE, UNMERGE, NEW}
    causes = tick.due(segment, node, now=now, zone=zone)
    for found in (waiting, facts):
        for profile_id, changes in found.items():
            if why := [cause for name, cause in changes.items() if name in names]:
                causes[profile_id] = _first(why)
    if causes or tick.is_behind(segment, now=now):
        changed = difference.some(segment, node, causes=causes, scope=scope).changed
        for profile_id in changed:
            facts.setdefault(profile_id, {})[f"segment:{segment.pk}"] = causes[profile_id]


def _scope(node: Node, now: datetime, zone: ZoneInfo) -> Scope:
    return Scope(now, zone=zone, cuts=published(wanted_cuts(node)))


def _publish_first(node: Node, *, now: datetime, zone: ZoneInfo) -> None:
    wanted = wanted_cuts(node)
    known = published(wanted)
    for key, one in wanted.items():
        if key not in known:
            publish(one, now=now, zone=zone)


def _tell_dependents(segment_id: int, changed: Facts, *, now: datetime) -> None:
    nodes = parsed(Segment.objects.filter(archived_at=None))
    for dependent in (one for one, node in nodes.items() if segment_id in uses(node)):
        set_aside(dependent, changed, now=now)


def set_aside(segment_id: int, facts: Mapping[int, Mapping[str, Cause]], *, now: datetime) -> None:
    rows = [(own_queue(segment_id), profile_id, json.dumps(names), now) for profile_id, names in facts.items()]
    with connection.cursor() as cursor:
        copy_rows(cursor, "profiles_touched", ("reader", "profile_id", "names", "at"), rows)


def _claim_aside(segment_id: int) -> Facts:
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from profiles_touched where reader = %s returning profile_id, names::text",
            [own_queue(segment_id)],
        )
        facts: Facts = {}
        for profile_id, names in cursor.fetchall():
            causes = {name: Cause(cause) for name, cause in json.loads(names).items()}
            facts.setdefault(profile_id, {}).update(causes)
    return facts


def own_queue(segment_id: int) -> str:
    return f"segment:{segment_id}"


def _cause_of(name: str) -> Cause:
    if name in (MERGE, UNMERGE):
        return Cause(name)
    return Cause.EVENT if name.startswith("event:") else Cause.TRAIT


def _first(causes: Iterable[Cause]) -> Cause:
    """Of several causes the one that triggers react to."""
    return min(causes, key=list(Cause).index)


def _fail(segment_id: int, error: Exception) -> None:
    log.warning("Segment %s could not be refreshed: %s", segment_id, error)
    Segment.objects.filter(pk=segment_id).update(is_stale=True, error=str(error)[:1000])
