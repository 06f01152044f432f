"""Lengths of time. A month is 30 days and a year 365: an edge must never move backwards as the clock moves on,
as it would if 30 and 31 March minus one month were the same day. For whole months there are calendar windows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cdp.rules.fields import Fields
from cdp.rules.sql import Sql

UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
LONGEST = timedelta(days=20 * 365)
SCHEMA: dict[str, Any] = {
    "amount": {"type": "integer", "minimum": 1, "maximum": LONGEST // UNITS["minute"]},
    "unit": {"enum": list(UNITS)},
}


@dataclass(frozen=True)
class Span:
    words: str
    length: timedelta


def parse_span(fields: Fields) -> Span:
    unit = fields.choice("unit", UNITS)
    amount = fields.whole("amount", least=1, most=LONGEST // UNITS[unit])
    return Span(counted(amount, unit), amount * UNITS[unit])


def parse_within(fields: Fields) -> Span:
    fields.only("amount", "unit")
    return parse_span(fields)


def counted(amount: int, unit: str) -> str:
    return unit if amount == 1 else f"{amount:,} {unit}s"


def several(amount: int, unit: str) -> str:
    """Always with its number, for "more than 1 day ago"."""
    return f"{amount:,} {unit}{'' if amount == 1 else 's'}"


def seconds(length: timedelta) -> Sql:
    """An interval of nothing but seconds: days would be long or short with the session's time zone."""
    return Sql("make_interval(secs => %s)", (length.total_seconds(),))
