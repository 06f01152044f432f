"""How many people were in a segment on each day, and what that says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

DAYS = 30
WEEK = 7
WIDTH, HEIGHT = 120, 26

# A size is noted when it changes, so a day without one is as the day before. Index scans on (segment_id, at).
LAST_OF_EACH_DAY = """
select distinct on (segment_id, day) segment_id, (at at time zone %(zone)s)::date as day, size
  from segments_segmentsize where segment_id = any(%(ids)s) and at >= %(since)s order by segment_id, day, at desc
"""
BEFORE = """
select s.id, z.size from segments_segment s
 cross join lateral (select size from segments_segmentsize
                      where segment_id = s.id and at < %(since)s order by at desc limit 1) z
 where s.id = any(%(ids)s)
"""


@dataclass(frozen=True)
class Sizes:
    """One size per day, oldest first, the last one today's; None before the segment was first right."""

    first_on: date
    per_day: tuple[int | None, ...]

    @property
    def days(self) -> list[date]:
        return [self.first_on + timedelta(days=n) for n in range(len(self.per_day))]

    @property
    def now(self) -> int:
        return self.per_day[-1] or 0

    @property
    def change_in_week(self) -> int | None:
        before = self.per_day[-1 - WEEK]
        return None if before is None else self.now - before

    def line(self) -> str:
        """Points of a small line, for an SVG of WIDTH × HEIGHT; empty where there is nothing to draw."""
        known = [size for size in self.per_day if size is not None]
        if len(known) < 2:
            return ""
        low, high = min(known), max(known)
        step, rise = WIDTH / (len(self.per_day) - 1), (HEIGHT - 4) / max(high - low, 1)
        level = HEIGHT - 2 if high > low else HEIGHT / 2
        return " ".join(
            f"{n * step:.1f},{level - (size - low) * rise:.1f}"
            for n, size in enumerate(self.per_day)
            if size is not None
        )

    def is_odd(self) -> bool:
        """Whether today's change is far from what days bring: five times the median of them, and a tenth of it all."""
        return is_odd_change(self.per_day)


def is_odd_change(per_day: Sequence[int | None], *, times: float = 5, least: int = 50) -> bool:
    """A week of days before is needed to know what is usual."""
    known = [size for size in per_day if size is not None]
    if len(known) < WEEK + 2:
        return False
    moves = [abs(after - before) for before, after in pairwise(known)]
    usual, last = median(moves[:-1]), moves[-1]
    return last >= least and last > times * usual and last > 0.1 * known[-2]


def sizes_of(segment_ids: Collection[int], *, now: datetime, zone: ZoneInfo, days: int = DAYS) -> dict[int, Sizes]:
    today = now.astimezone(zone).date()
    first_on = today - timedelta(days=days - 1)
    since = datetime.combine(first_on, datetime.min.time(), zone)
    values: dict[str, Any] = {"zone": zone.key, "ids": list(segment_ids), "since": since}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, values)
        before = dict(cursor.fetchall())
        cursor.execute(LAST_OF_EACH_DAY, values)
        noted = {(segment_id, day): size for segment_id, day, size in cursor.fetchall()}
    found = {}
    for segment_id in segment_ids:
        size, per_day = before.get(segment_id), []
        for n in range(days):
            size = noted.get((segment_id, first_on + timedelta(days=n)), size)
            per_day.append(size)
        found[segment_id] = Sizes(first_on, tuple(per_day))
    return found
