"""Who entered and left, counted by day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from segments.models import MembershipChange

# An index-only scan; the limit bounds what a day of a whole new rule would cost. Days of a zone are made of quarters of
# an hour, which are found much faster.
PER_DAY = """
select (quarter at time zone %(zone)s)::date, kind, sum(n)::bigint
  from (select date_bin('15 minutes', at, '2000-01-01 00:00+00') as quarter, kind, count(*) as n
          from (select at, kind from segments_membershipchange
                 where segment_id = %(segment)s and at >= %(since)s order by at desc limit %(most)s) latest
         group by 1, 2) quarters
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
