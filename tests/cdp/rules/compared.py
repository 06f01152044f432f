"""Values compared as the oracle means it, in plain Python."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Json = Mapping[str, Any]
LENGTH = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400, "month": 30 * 86400, "year": 365 * 86400}


def fits(op: str, other: Any) -> bool:
    """Whether another value of the data has the type that the operator compares."""
    if op in ("contains", "starts_with", "ends_with"):
        return isinstance(other, str)
    return isinstance(other, int | float) and not isinstance(other, bool)


def as_day(value: Any) -> date | None:
    try:
        return date.fromisoformat(as_text(value)[:10])
    except ValueError:
        return None


def span(said: Json) -> timedelta:
    return timedelta(seconds=said["amount"] * LENGTH[said["unit"]])


def units_between(day: date, today: date, unit: str) -> int:
    if unit == "day":
        return (today - day).days
    if unit == "week":
        return ((today - timedelta(today.weekday())) - (day - timedelta(day.weekday()))).days // 7
    return today.year - day.year if unit == "year" else 12 * (today.year - day.year) + today.month - day.month


def limited(test: Json, number: Fraction) -> bool:
    if test["op"] == "zero":
        return number == 0
    value = Fraction(str(test["value"]))
    return {
        "at_least": number >= value,
        "more_than": number > value,
        "exactly": number == value,
        "at_most": number <= value,
        "less_than": number < value,
        "between": value <= number <= Fraction(str(test.get("to", 0))),
    }[test["op"]]


def same(a: Any, b: Any) -> bool:
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def listed(op: str, value: list[Any], wanted: Any) -> bool:
    if op == "entry_contains":
        return any(wanted.lower() in as_text(one).lower() for one in value if one is not None)
    if op in ("longer_than", "shorter_than", "has_exactly"):
        n = len(value)
        return bool(n > wanted if op == "longer_than" else n < wanted if op == "shorter_than" else n == wanted)
    found = [any(same(one, each) for each in value) for one in wanted]
    return any(found) if op == "has_any" else all(found)
