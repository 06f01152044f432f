"""What waits: requests in the inbox, touched profiles, deliveries, messages to other systems, quarantine."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from cdp.events.models import InboxBatch

MOST = 20_000
"""Counting stops here; more is far too many, however many."""
LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Queue:
    """`n` is at most MOST, or an estimate beyond. `oldest_s` is 0 for an empty queue."""

    name: str
    n: int = 0
    oldest_s: float = 0.0
    bytes: int = 0
    is_exact: bool = True


_INBOX = """
select coalesce(oldest.bytes, 0), oldest.received_at,
       (select count(*) from (select 1 from events_inboxbatch where lane = %(lane)s limit %(most)s + 1) few)
  from (select avg(octet_length(body)) bytes, min(received_at) received_at from (
            select body, received_at from events_inboxbatch where lane = %(lane)s order by id limit 100) few) oldest"""
_ESTIMATE = "select greatest(reltuples, 0)::bigint from pg_class where oid = %s::regclass"
# One step of an index for each reader, however long the queues are.
_TOUCHED = """
with recursive readers as (
    (select reader from profiles_touched order by reader limit 1)
    union all
    select (select t.reader from profiles_touched t where t.reader > r.reader order by t.reader limit 1)
      from readers r where r.reader is not null)
select r.reader,
       (select count(*) from (select 1 from profiles_touched t where t.reader = r.reader limit %s) few),
       (select t.at from profiles_touched t where t.reader = r.reader order by t.id limit 1)
  from readers r where r.reader is not null"""
_DUE = """
with sending as (select id from campaigns_campaign where state = 'sending')
select count(*), count(*) filter (where due_at < %(late)s), min(due_at)
  from (select d.due_at from sending s cross join lateral (
            select due_at from campaigns_delivery d
             where d.campaign_id = s.id and d.state = 'planned' and d.due_at <= %(now)s
             order by due_at limit %(most)s) d limit %(most)s) due"""
_UNKNOWN = """
select count(*) from (select 1 from campaigns_delivery where state = 'unknown' and verdict = '' limit %s) few"""
_WEBHOOKS = """
select count(*) from (
    select m.id from campaigns_endpoint e cross join lateral (
        select id from campaigns_webhookmessage m
         where m.endpoint_id = e.id and m.state = 'waiting' and m.next_at <= %(now)s limit %(most)s) m
     where e.state <> 'disabled' limit %(most)s) due"""
_QUARANTINE = "select count(*) from (select 1 from events_rejectedmessage where state = 'waiting' limit %s) few"


@dataclass(frozen=True)
class Due:
    """Deliveries whose time has come."""

    n: int
    late: int
    oldest_s: float


def inbox(*, now: datetime) -> list[Queue]:
    return [_lane(lane.value, now) for lane in InboxBatch.Lane]


def _lane(lane: str, now: datetime) -> Queue:
    with connection.cursor() as cursor:
        cursor.execute(_INBOX, {"lane": lane, "most": MOST})
        size, received_at, n = cursor.fetchone()
        is_exact = n <= MOST
        if not is_exact:
            cursor.execute(_ESTIMATE, ["events_inboxbatch"])
            n = max(n, int(cursor.fetchone()[0]))
    return Queue(lane, n, _age(received_at, now), int(n * float(size)), is_exact)


def touched(*, now: datetime) -> list[Queue]:
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [MOST])
        return [Queue(reader, n, _age(at, now), is_exact=n < MOST) for reader, n, at in cursor.fetchall()]


def due(*, now: datetime) -> Due:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "late": now - LATE, "most": MOST})
        n, late, oldest = cursor.fetchone()
    return Due(n, late, _age(oldest, now))


def unknown() -> int:
    return _count(_UNKNOWN)


def quarantined() -> int:
    return _count(_QUARANTINE)


def webhooks_due(*, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WEBHOOKS, {"now": now, "most": MOST})
        return int(cursor.fetchone()[0])


def _count(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [MOST])
        return int(cursor.fetchone()[0])


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0
