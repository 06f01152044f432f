"""How the values of a trait are spread: a histogram of what is a number, the most frequent of what is a word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cdp.analytics.definition import Known, Type
from cdp.analytics.points import half_lives
from cdp.common.estimate import table_size
from cdp.rules.sql import Sql, fill

BARS, WORDS = 30, 12
PICTURED = 600
"""People behind a little picture, where there are very many."""
SPARK_WIDTH, SPARK_HEIGHT = 100, 20
NUMBERS = (Type.NUMBER, Type.DURATION)
Some = Sequence[int] | None
"""Profile ids; None: everybody."""
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


def some_people() -> Some:
    """For little pictures: of very many people those who lie in a few blocks of the table; None for everybody."""
    everybody = table_size("profiles_profile")
    if everybody.is_exact:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from profiles_profile tablesample system (%s) repeatable (1) where merged_into is null limit %s",
            [min(100.0, 150 * PICTURED / everybody.n), PICTURED],
        )
        return [row[0] for row in cursor.fetchall()]


def spread_of(trait: Known, *, now: datetime, some: Some = None) -> Spread:
    """Of everybody, or of some."""
    rows = _rows(trait, some)
    if trait.type in NUMBERS:
        return _histogram(trait, now, rows)
    if trait.type is Type.DATE:
        return _grouped(Sql("to_char(v.at, 'YYYY-MM')"), rows, by_size=False)
    if trait.type is Type.LIST:
        return _entries(rows)
    return _grouped(Sql("v.text"), rows, by_size=True)


def _histogram(trait: Known, now: datetime, rows: Sql) -> Spread:
    """Equal widths up to the 99th percentile: a few large values would leave one bar for all others. Few whole numbers
    have a bar each."""
    sql = fill(
        "select min(number), percentile_disc(0.99) within group (order by number), max(number),"
        " bool_and(number = floor(number)) from (select {value} as number {of}) n",
        value=_number(trait, now),
        of=rows,
    )
    low, high, top, is_whole = _run(sql)[0]
    if low is None:
        return Spread([])
    is_each = is_whole and high - low < BARS
    n_bars = int(high - low) + 1 if is_each else BARS if high > low else 1
    width = 1 if is_each else (high - low) / BARS or 1
    number = fill("select {value} as number {of}", value=_number(trait, now), of=rows)
    counts = _counts(number, low=low, high=high, width=width, last=n_bars - 1)
    bars = [Bar(_short(low + n * width), counts.get(n, 0)) for n in range(n_bars)]
    return Spread(bars, f"The highest hundredth, up to {_short(top)}, is not shown." if top > high else "")


def _counts(numbers: Sql, *, low: float, high: float, width: float, last: int) -> dict[int, int]:
    sql = fill(
        "select least(floor((number - {low}) / {width})::int, {last}), count(*) from ({numbers}) n"
        " where number <= {high} group by 1",
        low=low, width=float(width), last=last, numbers=numbers, high=high,
    )  # fmt: skip
    return dict(_run(sql))


def _grouped(what: Sql, rows: Sql, *, by_size: bool) -> Spread:
    order = "2 desc, 1" if by_size else "1 desc"
    sql = fill(
        f"select {{what}}, count(*) {{of}} group by 1 order by {order} limit {{most}}",
        what=what, of=rows, most=WORDS,
    )  # fmt: skip
    bars = [Bar(str(word)[:60], people) for word, people in _run(sql)]
    return Spread(bars if by_size else bars[::-1])


def _entries(rows: Sql) -> Spread:
    sql = fill(
        "select entry, count(*) from (select v.list {of}) v, jsonb_array_elements_text(v.list) entry"
        " group by 1 order by 2 desc, 1 limit {most}",
        of=rows,
        most=WORDS,
    )
    return Spread([Bar(str(word)[:60], people) for word, people in _run(sql)])


def _number(trait: Known, now: datetime) -> Sql:
    if trait.type is Type.DURATION:
        return fill("extract(epoch from {now} - v.at)::float8 / 86400", now=now)
    if trait.half_life:
        return fill("power(2::float8, greatest(v.number::float8 - {h}, -1000))", h=half_lives(now, trait.half_life))
    return Sql("v.number::float8")


def _rows(trait: Known, some: Some) -> Sql:
    of = _OF.replace("{column}", trait.column)
    if some is None:
        return fill(of, id=trait.id)
    return fill(of + " and v.profile_id = any({some}::bigint[])", id=trait.id, some=list(some))


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:,.3g}"


def _run(sql: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return list(cursor.fetchall())
