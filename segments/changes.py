"""Who entered and left, counted by day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from segments.models import MembershipChange

# Ids grow with `at` within a segment, so the index (segment_id, id) is read from its newest end back to the window's
# first row. The limit bounds what a day of a whole new rule would cost.
PER_DAY = """
select (at at time zone %(zone)s)::date, kind, count(*)
  from (select at, kind from segments_membershipchange
         where segment_id = %(segment)s
           and id > coalesce((select id from segments_membershipchange
                               where segment_id = %(segment)s and at < %(since)s order by id desc limit 1), 0)
         order by id desc limit %(most)s) latest
 group by 1, 2
"""
MOST = 300_000


@dataclass(frozen=True)
class Day:
    on: date
    entered: int
    left: int


def per_day(segment_id: int, *, now: datetime, zone: ZoneInfo, days: int) -> list[Day]:
    """Oldest first, today last."""
    first_on = now.astimezone(zone).date() - timedelta(days=days - 1)
    since = datetime.combine(first_on, datetime.min.time(), zone)
    values: dict[str, Any] = {"zone": zone.key, "segment": segment_id, "since": since, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(PER_DAY, values)
        found = {(on, kind): n for on, kind, n in cursor.fetchall()}

    return [
        Day(
            on,
            found.get((on, MembershipChange.Kind.ENTERED.value), 0),
            found.get((on, MembershipChange.Kind.LEFT.value), 0),
        )
        for on in (first_on + timedelta(days=n) for n in range(days))
    ]
