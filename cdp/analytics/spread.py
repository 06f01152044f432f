"""How the values of a trait are spread: a histogram of what is a number, the most frequent of what is a word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cdp.analytics.definition import Known, Type
from cdp.analytics.points import half_lives
from cdp.rules.sql import Sql, fill

BARS, WORDS = 30, 12
SPARK_WIDTH, SPARK_HEIGHT = 100, 20
NUMBERS = (Type.NUMBER, Type.DURATION)
_OF = "from analytics_computedvalue v where v.trait_id = {id} and v.{column} is not null"


@dataclass(frozen=True)
class Bar:
    label: str
    people: int


@dataclass(frozen=True)
class Spread:
    bars: list[Bar]
    note: str = ""
    """What lies beyond the last bar."""

    @property
    def spark(self) -> list[tuple[float, float, float, float]]:
        """Bars (x, y, width, height) of a little picture of SPARK_WIDTH × SPARK_HEIGHT."""
        top = max((bar.people for bar in self.bars), default=0) or 1
        width = SPARK_WIDTH / max(len(self.bars), 1)
        heights = [SPARK_HEIGHT * bar.people / top for bar in self.bars]
        return [(n * width, SPARK_HEIGHT - height, 0.85 * width, height) for n, height in enumerate(heights)]

    def chart(self, title: str, x_label: str) -> dict[str, Any]:
        data = [bar.people for bar in self.bars]
        return {
            "title": title,
            "type": "bar",
            "x": [bar.label for bar in self.bars],
            "xLabel": x_label,
            "yLabel": "People",
            "series": [{"name": "People", "data": data}],
        }


def spread_of(trait: Known, *, now: datetime) -> Spread:
    if trait.type in NUMBERS:
        return _histogram(trait, now)
    if trait.type is Type.DATE:
        return _grouped(trait, Sql("to_char(v.at, 'YYYY-MM')"), by_size=False)
    if trait.type is Type.LIST:
        return _entries(trait)
    return _grouped(trait, Sql("v.text"), by_size=True)


def _histogram(trait: Known, now: datetime) -> Spread:
    """Equal widths up to the 99th percentile: a few large values would leave one bar for all others. Few whole numbers
    have a bar each."""
    sql = fill(
        "select min(number), percentile_disc(0.99) within group (order by number), max(number),"
        " bool_and(number = floor(number)) from (select {value} as number {of}) n",
        value=_number(trait, now),
        of=_rows(trait),
    )
    low, high, top, is_whole = _run(sql)[0]
    if low is None:
        return Spread([])
    is_each = is_whole and high - low < BARS
    n_bars = int(high - low) + 1 if is_each else BARS if high > low else 1
    width = 1 if is_each else (high - low) / BARS or 1
    counts = _counts(trait, now, low=low, high=high, width=width, last=n_bars - 1)
    bars = [Bar(_short(low + n * width), counts.get(n, 0)) for n in range(n_bars)]
    return Spread(bars, f"The highest hundredth, up to {_short(top)}, is not shown." if top > high else "")


def _counts(trait: Known, now: datetime, *, low: float, high: float, width: float, last: int) -> dict[int, int]:
    sql = fill(
        "select least(floor((number - {low}) / {width})::int, {last}), count(*) from (select {value} as number {of}) n"
        " where number <= {high} group by 1",
        low=low, width=float(width), last=last, value=_number(trait, now), of=_rows(trait), high=high,
    )  # fmt: skip
    return dict(_run(sql))


def _grouped(trait: Known, what: Sql, *, by_size: bool) -> Spread:
    order = "2 desc, 1" if by_size else "1 desc"
    sql = fill(
        f"select {{what}}, count(*) {{of}} group by 1 order by {order} limit {{most}}",
        what=what, of=_rows(trait), most=WORDS,
    )  # fmt: skip
    bars = [Bar(str(word)[:60], people) for word, people in _run(sql)]
    return Spread(bars if by_size else bars[::-1])


def _entries(trait: Known) -> Spread:
    sql = fill(
        "select entry, count(*) from (select v.list {of}) v, jsonb_array_elements_text(v.list) entry"
        " group by 1 order by 2 desc, 1 limit {most}",
        of=_rows(trait),
        most=WORDS,
    )
    return Spread([Bar(str(word)[:60], people) for word, people in _run(sql)])


def _number(trait: Known, now: datetime) -> Sql:
    if trait.type is Type.DURATION:
        return fill("extract(epoch from {now} - v.at)::float8 / 86400", now=now)
    if trait.half_life:
        return fill("power(2::float8, greatest(v.number::float8 - {h}, -1000))", h=half_lives(now, trait.half_life))
    return Sql("v.number::float8")


def _rows(trait: Known) -> Sql:
    return fill(_OF.replace("{column}", trait.column), id=trait.id)


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:,.3g}"


def _run(sql: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return list(cursor.fetchall())
