"""How many people a rule holds for: counted if that is quick, else estimated from people drawn at random."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt

from django.db import connection

from cdp.rules.sql import fill
from segments.bounded import TooSlow, at_most
from segments.drawing import Draw, Span, look, span
from segments.reading import Reading

COUNT_S, DRAW_S = 0.35, 0.3
LONG_COUNT_S, LONG_DRAW_S = 4.0, 1.5
"""For the second question, which nobody waits for."""
LOOKED_AT = 1_000
"""Members that shares and examples are taken from."""
Z = 1.96
"""Of the normal distribution: 95 %."""


@dataclass(frozen=True)
class Size:
    n: int
    low: int
    high: int
    """With 95 %; equal to `n` if it was counted."""
    is_exact: bool
    some: Sequence[int]
    """Members drawn at random, at most LOOKED_AT."""

    @property
    def error(self) -> int:
        return max(self.high - self.n, self.n - self.low)


def size_of(reading: Reading, *, patient: bool = False) -> Size:
    """Raises TooSlow if not even a thousand people could be looked at in time."""
    try:
        return _counted(reading, LONG_COUNT_S if patient else COUNT_S)
    except TooSlow:
        return estimated(reading, seconds=LONG_DRAW_S if patient else DRAW_S)


def _counted(reading: Reading, seconds: float) -> Size:
    """Who is looked at stays the same for as long as they stay members."""
    sql = fill(
        "with found as materialized ({members}) select (select count(*) from found),"
        " array(select id from found order by hashint8extended(id, 7) limit {size})",
        members=reading.members(),
        size=LOOKED_AT,
    )
    with at_most(seconds), connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        n, some = cursor.fetchone()
    return Size(n, n, n, is_exact=True, some=some)


def estimated(reading: Reading, *, seconds: float) -> Size:
    draw, hits = Draw(span()), list[int]()
    looked = look(draw, lambda ids: hits.extend(sorted(reading.among(ids))), seconds=seconds)
    return _size(hits, looked, draw.of)


def _size(hits: Sequence[int], looked: int, of: Span) -> Size:
    if looked >= of.n:
        return Size(len(hits), len(hits), len(hits), is_exact=True, some=hits[:LOOKED_AT])
    low, high = wilson(len(hits), looked, whole=of.n)
    n = round(len(hits) / looked * of.n)
    least, most = max(floor(low * of.n), len(hits)), ceil(high * of.n)
    return Size(n, min(least, n), max(most, n), is_exact=False, some=hits[:LOOKED_AT])


def wilson(hits: int, looked: int, *, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), narrowed where a good part of the whole was looked at."""
    z2 = Z * Z * (1 - looked / whole)
    share, n = hits / looked, looked
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = sqrt(z2) / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
