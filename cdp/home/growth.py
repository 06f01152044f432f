"""Which segments grew and which shrank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cdp.home.span import Span
from segments.sizes import HEIGHT, WIDTH, Sizes, sizes_of

MOST = 5
# A size is noted when it changes. Index scans on (segment_id, at).
SIZES = """
select s.id, s.name, coalesce(before.size, first.size), coalesce(case when %(is_now)s then s.size end, after.size),
       before.size is null
  from segments_segment s
  left join lateral (select size from segments_segmentsize z where z.segment_id = s.id and z.at < %(since)s
                      order by z.at desc limit 1) before on true
  left join lateral (select size from segments_segmentsize z where z.segment_id = s.id and z.at >= %(since)s
                      and z.at < %(until)s order by z.at limit 1) first on before.size is null
  left join lateral (select size from segments_segmentsize z where z.segment_id = s.id and z.at < %(until)s
                      order by z.at desc limit 1) after on true
 where s.archived_at is null and s.as_of is not null
"""


@dataclass(frozen=True)
class Moved:
    """A segment, how many are in it at the end of the days, and how many more than before them."""

    pk: int
    name: str
    size: int
    change: int
    is_new: bool
    """Made within these days: the change is since its first size."""
    line: str = ""

    @property
    def share(self) -> float | None:
        before = self.size - self.change
        return 100 * self.change / before if before else None


@dataclass(frozen=True)
class Growth:
    growing: list[Moved]
    shrinking: list[Moved]
    n: int
    """Segments in all."""
    n_still: int
    width: int = WIDTH
    height: int = HEIGHT


def growth(span: Span, *, now: datetime) -> Growth:
    moved = _moved(span, now=now)
    up = sorted((one for one in moved if one.change > 0), key=lambda one: (-one.change, one.name))[:MOST]
    down = sorted((one for one in moved if one.change < 0), key=lambda one: (one.change, one.name))[:MOST]
    end = min(now, span.until)
    sizes = sizes_of([one.pk for one in up + down], now=end, zone=span.zone, days=max(len(span.all), 2))
    return Growth(_drawn(up, sizes), _drawn(down, sizes), len(moved), sum(not one.change for one in moved))


def _moved(span: Span, *, now: datetime) -> list[Moved]:
    values: dict[str, Any] = {"since": span.since, "until": span.until, "is_now": now < span.until}
    with connection.cursor() as cursor:
        cursor.execute(SIZES, values)
        rows = cursor.fetchall()
    return [
        Moved(pk, name, size, size - before, is_new)
        for pk, name, before, size, is_new in rows
        if before is not None and size is not None
    ]


def _drawn(rows: Sequence[Moved], sizes: dict[int, Sizes]) -> list[Moved]:
    return [Moved(one.pk, one.name, one.size, one.change, one.is_new, sizes[one.pk].line()) for one in rows]
