"""Who did what campaigns wait for, who came into a segment or left it: read within seconds, exactly once.

One worker reads at a time; what it claims and what that begins commit together. An event is looked up where it is
stored, so what was touched before a crash is found after it.
"""

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction

from campaigns.models import Delivery, Listening
from campaigns.triggers.begin import Happened, begin_for
from campaigns.triggers.definition import Kind
from campaigns.triggers.listening import OLDEST, READER, Listener, catch_up, listeners, segments
from campaigns.triggers.news import Change, changes
from cdp.common.claims import GIVEN_BACK
from cdp.common.copying import Cursor, numbers
from cdp.profiles.touched import EVERYBODY, claim
from cdp.rules.fields import RuleError
from cdp.rules.happenings import joined_for, needs_person
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope

log = logging.getLogger(__name__)
CLAIM = 2_000
LOCK = 7_305_071
LARGEST = 16_000
"""Of the properties of an event that its mail may speak of, in bytes; larger ones are left out."""
# What came by an import is known by its key, which is kept for ever.
_HAPPENED = """
select e.profile_id, e.message_id, e.occurred_at, e.record_id,
       case when octet_length(e.properties::text) <= {largest} then e.properties::text else '{}' end
  from events_event e{joined}
 where e.profile_id = any({ids}::bigint[]) and e.name = {name} and e.received_at >= {since}
   and e.occurred_at >= {oldest} and e.occurred_at >= e.received_at - make_interval(secs => {lasts}){where}
   and not exists (select from events_seenmessage s
                    where s.source_id = e.source_id and s.message_id = e.message_id and s.seen_at is null)
"""


def read(*, now: datetime, zone: ZoneInfo) -> int | None:
    """One claim. Returns how many touched people and changes it read; None if another worker is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        catch_up(cursor, now=now)
        claimed = claim(cursor, READER, limit=CLAIM)
        found = changes(cursor, segments(now=now))
        if claimed or found:
            listening = listeners(now=now)
            _read_events(cursor, claimed, listening, now=now, zone=zone)
            _read_changes(cursor, found, listening, now=now, zone=zone)
        return len(claimed) + len(found)


def _read_events(
    cursor: Cursor,
    claimed: Sequence[tuple[int, bool, list[str]]],
    listening: Sequence[Listener],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    living = _living(cursor, {who for who, _, _ in claimed} - {EVERYBODY})
    for one in listening:
        fact = f"event:{one.trigger.event}"
        ids = {living[who] for who, _, names in claimed if fact in names and who in living}
        if one.trigger.event and ids:
            with _alone(one, now=now):
                rows = _happened(cursor, one, ids, now=now, zone=zone)
                found = _accepted(one, rows) if one.trigger.kind is Kind.MESSAGE else _events(one, rows)
                begin_for(cursor, one.campaign, list(found), now=now, zone=zone)


@contextmanager
def _alone(one: Listener, *, now: datetime) -> Iterator[None]:
    """What fails for one campaign fails for it alone, and its page says so: the others must not wait for it."""
    try:
        with transaction.atomic():
            yield
    except (DatabaseError, RuleError, ValueError) as error:
        if isinstance(error, GIVEN_BACK):
            raise
        log.warning("What happened could not start campaign %s: %s", one.campaign.pk, type(error).__name__)
        why = str(error).split("\n", maxsplit=1)[0]
        Listening.objects.filter(pk=one.campaign.pk).update(error=why, failed_at=now)


def _living(cursor: Cursor, ids: Collection[int]) -> dict[int, int]:
    """Whoever was merged meanwhile is who they became."""
    if not ids:
        return {}
    cursor.execute(
        "select id, coalesce(merged_into, id) from profiles_profile where id = any(%s::bigint[])", [numbers(ids)]
    )
    return dict(cursor.fetchall())


def _happened(
    cursor: Cursor, one: Listener, ids: Collection[int], *, now: datetime, zone: ZoneInfo
) -> list[tuple[Any, ...]]:
    where, scope = one.trigger.where, Scope(now, sorted(ids), zone)
    conditions = [fill(" and {it}", it=each.condition("e", scope)) for each in where]
    if one.trigger.campaign_id:
        conditions.append(Sql(" and e.properties -> 'campaign_id' = to_jsonb(%s::bigint)", (one.trigger.campaign_id,)))
    sql = fill(
        _HAPPENED,
        largest=LARGEST,
        joined=joined_for([each.of for each in where], "e", is_own=needs_person(where)),
        ids=numbers(sorted(ids)),
        name=one.trigger.event,
        since=one.since,
        oldest=one.since - OLDEST,
        lasts=OLDEST.total_seconds(),
        where=join("", conditions),
    )
    cursor.execute(sql.text, sql.values)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _events(one: Listener, rows: Iterable[tuple[Any, ...]]) -> Iterable[Happened]:
    for profile_id, message_id, at, record_id, properties in rows:
        context = {"name": one.trigger.event, "event": json.loads(properties)}
        yield Happened(profile_id, message_id[:200], at, record_id, context)


def _accepted(one: Listener, rows: Iterable[tuple[Any, ...]]) -> Iterable[Happened]:
    """The event names the delivery; whose it is by now, the ledger knows."""
    refs = {json.loads(properties).get("delivery"): at for _, _, at, _, properties in rows}
    first = Delivery.objects.filter(
        campaign_id=one.trigger.campaign_id, ref__in=[ref for ref in refs if ref], state=Delivery.State.ACCEPTED
    )
    for ref, profile_id, record_id in first.values_list("ref", "profile_id", "record_id"):
        yield Happened(profile_id, str(ref), refs[str(ref)], record_id, {"delivery": str(ref)})


def _read_changes(
    cursor: Cursor, found: Sequence[Change], listening: Sequence[Listener], *, now: datetime, zone: ZoneInfo
) -> None:
    for one in listening:
        kind = {Kind.ENTERS: "entered", Kind.LEAVES: "left"}.get(one.trigger.kind)
        begun = [
            Happened(change.profile_id, str(change.id), change.at, None, {"segment": change.segment_id})
            for change in found
            if kind == change.kind and change.segment_id == one.trigger.segment_id and change.at >= one.since
        ]
        if begun:
            with _alone(one, now=now):
                begin_for(cursor, one.campaign, begun, now=now, zone=zone)
