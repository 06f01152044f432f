"""What the home page counts by day. Each takes texts and gives JSON, so that a worker can count and the cache keep it.

Days are those of the deployment's zone. Measured figures stand in docs/home.md.
"""

from collections import defaultdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum

from campaigns.results.over_all import Days, over_all
from cdp.events.models import EventVolume
from cdp.events.revenue import ORDERS, REVENUE
from cdp.home.kept import counter
from cdp.home.span import Span

NAMES = 5
# Everybody by an index-only scan, less those merged away, who are few: by their own partial index.
SEEN_FIRST = """
select day, sum(n)::bigint from (
  select (first_seen_at at time zone %(zone)s)::date as day, count(*) as n from profiles_profile
   where first_seen_at >= %(since)s and first_seen_at < %(until)s group by 1
  union all
  select (first_seen_at at time zone %(zone)s)::date, -count(*) from profiles_profile
   where merged_into is not null and first_seen_at >= %(since)s and first_seen_at < %(until)s group by 1) parts
 group by 1
"""
MERGED = """
select (at at time zone %(zone)s)::date, count(*) from identity_merge
 where at >= %(since)s and at < %(until)s and verb = 'merged' and undone_at is null group by 1
"""
ACTIVE = """
select (select count(*) from profiles_profile where last_seen_on >= %(first)s and last_seen_on <= %(last)s)
     - (select count(*) from profiles_profile
         where merged_into is not null and last_seen_on >= %(first)s and last_seen_on <= %(last)s)
"""
# Index-only, by (name, occurred_at).
HAPPENED = """
select name, (occurred_at at time zone %(zone)s)::date, count(*) from events_event
 where name = any(%(names)s) and occurred_at >= %(since)s and occurred_at < %(until)s group by 1, 2
"""
# Index-only, by ordered_at.
ORDERED = f"""
select (o.ordered_at at time zone %(zone)s)::date, {ORDERS}, {REVENUE}::float8 from events_order o
 where o.ordered_at >= %(since)s and o.ordered_at < %(until)s group by 1
"""


def arguments_of(span: Span) -> tuple[str, str, str]:
    return span.first.isoformat(), span.last.isoformat(), span.zone.key


def _span(first: str, last: str, zone: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(zone))


def _rows(sql: str, span: Span, **more: Any) -> list[tuple[Any, ...]]:
    values = {"zone": span.zone.key, "since": span.since, "until": span.until, **more}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _per_day(found: dict[date, Any], span: Span) -> list[Any]:
    return [found.get(day, 0) for day in span.all]


@counter
def people_by_day(first: str, last: str, zone: str) -> dict[str, Any]:
    """New people and merges of each day, and how many were last seen on any of them (UTC)."""
    span = _span(first, last, zone)
    seen, merged = dict(_rows(SEEN_FIRST, span)), dict(_rows(MERGED, span))
    active = _rows(ACTIVE, span, first=span.first, last=span.last)[0][0]
    return {"new": _per_day({day: int(n) for day, n in seen.items()}, span)} | {
        "merged": _per_day(merged, span),
        "active": int(active),
    }


@counter
def events_by_day(first: str, last: str, zone: str) -> list[dict[str, Any]]:
    """The most frequent events, by when they happened: imports tell of the past too."""
    span = _span(first, last, zone)
    rows = EventVolume.objects.values("name").annotate(whole=Sum("n")).order_by("-whole", "name")
    names = [row["name"] for row in rows[:NAMES]]
    found: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for name, day, n in _rows(HAPPENED, span, names=names):
        found[name][day] = n
    return [{"name": name, "data": _per_day(found[name], span)} for name in names if name in found]


@counter
def orders_by_day(first: str, last: str, zone: str) -> dict[str, list[Any]]:
    """Orders that count, and revenue net of what was given back, by the day of the order."""
    span = _span(first, last, zone)
    rows = _rows(ORDERED, span)
    return {
        "orders": _per_day({day: n for day, n, _ in rows}, span),
        "revenue": _per_day({day: revenue for day, _, revenue in rows}, span),
    }


@counter
def campaign_results(first: str, last: str, zone: str) -> list[dict[str, Any]]:
    """Of each campaign that sent on these days: the mails, and what became of them since."""
    span = _span(first, last, zone)
    found = over_all(Days(span.first, span.last, span.zone), sort="sent")
    return [
        {
            "campaign": line.campaign.pk,
            "sent": line.counts.sent,
            "delivered": line.counts.delivered,
            "clicked": line.counts.clicked,
            "converted": line.counts.converted,
            "orders": line.counts.orders,
            "revenue": float(line.counts.revenue),
        }
        for line in found.lines
    ]
