"""How a number of a condition is spread over people, so that its threshold can be chosen by looking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from cdp.rules.fields import Fields
from cdp.rules.numbers import Number, number_kinds, parse_number
from cdp.rules.sql import fill
from cdp.rules.tree import Scope
from segments.drawing import Draw, look, span

BINS = 40
SECONDS = 0.6
PERCENTILES = (10, 25, 50, 75, 90, 99)
LONG_TAIL = 99.0
"""Above this percentile all share the last bin: one order of a million must not press the others into one."""


@dataclass(frozen=True)
class Histogram:
    """Of the people who have the number: `people` of them, some drawn at random."""

    of: str
    people: int
    looked: int
    is_exact: bool
    edges: Sequence[float]
    counts: Sequence[int]
    """In people, not in drawn ones; bin i is [edges[i], edges[i + 1]), the last holds all that is more."""
    mean: float
    percentiles: Mapping[int, float]
    ranks: Sequence[float]
    """The values at each per cent from 0 to 100."""
    is_whole: bool
    """Only whole numbers occur."""


class NoNumber(Exception):
    """This condition compares no number."""


def number_of(leaf: object) -> Number:
    """The number that a condition compares. Raises RuleError where it is not complete."""
    fields = Fields.of(leaf, "root")
    kind = fields.text("kind")
    found = number_kinds().get(kind)
    if found is None or fields.data.get("measure") in ("first", "last"):
        raise NoNumber
    kept = {key: value for key, value in fields.data.items() if key == "kind" or key in found.schema()}
    return parse_number(Fields(kept, "root"))


def histogram(number: Number, *, now: datetime, zone: ZoneInfo) -> Histogram | None:
    """None if nobody has the number. Raises TooSlow."""
    draw, values = Draw(span()), list[float]()
    looked = look(draw, lambda ids: values.extend(_values(number, Scope(now, ids, zone))), seconds=SECONDS)
    return _spread(number.english(), np.array(values), looked=looked, whole=draw.of.n) if values else None


def _values(number: Number, scope: Scope) -> list[float]:
    sql = fill("select n.number::float8 from ({rows}) n", rows=number.rows(scope))
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return [row[0] for row in cursor.fetchall()]


def _spread(of: str, values: np.ndarray[Any, Any], *, looked: int, whole: int) -> Histogram:
    scale = whole / looked
    is_whole = bool(np.all(values == np.round(values)))
    edges = _edges(values, is_whole=is_whole)
    counts = np.histogram(np.minimum(values, edges[-1]), bins=edges)[0] * scale
    ranks = np.percentile(values, range(101), method="lower")
    return Histogram(
        of=of,
        people=round(len(values) * scale),
        looked=len(values),
        is_exact=looked >= whole,
        edges=[float(edge) for edge in edges],
        counts=[round(float(count)) for count in counts],
        mean=float(values.mean()),
        percentiles={rank: float(ranks[rank]) for rank in PERCENTILES},
        ranks=[float(rank) for rank in ranks],
        is_whole=is_whole,
    )


def _edges(values: np.ndarray[Any, Any], *, is_whole: bool) -> Any:
    """Of equal width, in the number's own unit; the last is that of the long tail."""
    low, high = float(values.min()), float(np.percentile(values, LONG_TAIL))
    low = min(low, 0.0) if low >= 0 and low < high / 2 else low
    if is_whole and high - low < BINS:
        return np.arange(low, max(high, low) + 2)
    if high <= low:
        return np.array([low, low + 1])
    step = _round_step((high - low) / BINS, is_whole=is_whole)
    first = np.floor(low / step) * step
    return first + step * np.arange(int(np.ceil((high - first) / step)) + 1)


def _round_step(step: float, *, is_whole: bool) -> float:
    """1, 2 or 5 times a power of ten: edges that can be read."""
    power = 10.0 ** np.floor(np.log10(step))
    found = next((nice * power for nice in (1, 2, 2.5, 5, 10) if step <= nice * power), step)
    return float(max(round(found), 1)) if is_whole else float(found)
