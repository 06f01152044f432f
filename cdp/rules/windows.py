"""When an event counts. A window is (after, until]: an event exactly as old as its far edge is out, one exactly
as old as its near edge is in. It moves with the clock, and what it moves over may flip an answer."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cdp.rules.days import JUST_AFTER, Moment, midnight, parse_moment
from cdp.rules.fields import Fields, RuleError
from cdp.rules.spans import LONGEST, SCHEMA, UNITS, counted, several

KINDS = ("ever", "last", "between", "before", "next", "dates", "calendar")
CALENDAR = ("day", "week", "month", "year")
Range = tuple[datetime | None, datetime]
"""(after, until]; after None reaches back for ever."""
_FARTHEST = 400
"""Boundaries of calendar windows that are looked ahead for an explanation."""


class Window(ABC):
    words: str
    is_own: bool = False
    """Whether it follows the clock of each person's own time zone."""

    @abstractmethod
    def range(self, now: datetime, zone: ZoneInfo) -> Range: ...

    @abstractmethod
    def passed(self, since: datetime, now: datetime, zone: ZoneInfo) -> list[Range]:
        """The times of the events that the window's edges moved over in (since, now]."""

    def ages(self) -> tuple[timedelta, ...]:
        """An event flips an answer when it is so old; negative before it happens."""
        return (timedelta(0),)

    def boundaries(self, now: datetime, zone: ZoneInfo) -> list[datetime]:
        """Times after `now` at which the window jumps."""
        return []


@dataclass(frozen=True)
class Rolling(Window):
    words: str
    far: timedelta | None
    near: timedelta = timedelta(0)

    def range(self, now: datetime, zone: ZoneInfo) -> Range:
        return (None if self.far is None else now - self.far), now - self.near

    def passed(self, since: datetime, now: datetime, zone: ZoneInfo) -> list[Range]:
        return [(since - age, now - age) for age in self.ages()]

    def ages(self) -> tuple[timedelta, ...]:
        return (self.near,) if self.far is None else (self.near, self.far)


@dataclass(frozen=True)
class Dates(Window):
    """Between two fixed dates, both in; only what has happened by now."""

    words: str
    first: Moment | None
    last: Moment | None

    def range(self, now: datetime, zone: ZoneInfo) -> Range:
        after = None if self.first is None else self.first.start(zone) - JUST_AFTER
        return after, now if self.last is None else min(now, self.last.end(zone) - JUST_AFTER)

    def passed(self, since: datetime, now: datetime, zone: ZoneInfo) -> list[Range]:
        after, until = self.range(now, zone)
        start = since if after is None else max(since, after)
        return [(start, until)] if start < until else []


@dataclass(frozen=True)
class Calendar(Window):
    """Today (this week, month, year) and the days before it, from midnight on."""

    words: str
    amount: int
    unit: str
    is_own: bool = False

    def start(self, now: datetime, zone: ZoneInfo) -> datetime:
        return midnight(_back(now.astimezone(zone).date(), self.amount - 1, self.unit), zone)

    def range(self, now: datetime, zone: ZoneInfo) -> Range:
        return self.start(now, zone) - JUST_AFTER, now

    def passed(self, since: datetime, now: datetime, zone: ZoneInfo) -> list[Range]:
        passed: list[Range] = [(since, now)]
        old, new = self.start(since, zone), self.start(now, zone)
        if old < new:
            passed.append((old - JUST_AFTER, new - JUST_AFTER))
        return passed

    def boundaries(self, now: datetime, zone: ZoneInfo) -> list[datetime]:
        first = _back(now.astimezone(zone).date(), 0, self.unit)
        ahead = range(1, min(self.amount, _FARTHEST) + 1)
        return [midnight(_back(first, -n, self.unit), zone).astimezone(UTC) for n in ahead]


EVER = Rolling("at any time", None)


def parse_window(fields: Fields) -> Window:
    kind = fields.choice("kind", KINDS)
    if kind == "ever":
        fields.only("kind")
        return EVER
    if kind == "dates":
        return _dates(fields)
    if kind == "calendar":
        return _calendar(fields)
    unit = fields.choice("unit", UNITS)
    most = LONGEST // UNITS[unit]
    if kind == "between":
        return _between(fields, unit, most)
    fields.only("kind", "amount", "unit")
    amount = fields.whole("amount", least=1, most=most)
    length = amount * UNITS[unit]
    if kind == "before":
        return Rolling(f"at least {several(amount, unit)} ago", None, length)
    if kind == "next":
        return Rolling(f"in the next {counted(amount, unit)}", timedelta(0), -length)
    return Rolling(f"in the last {counted(amount, unit)}", length)


def _between(fields: Fields, unit: str, most: int) -> Window:
    fields.only("kind", "from", "to", "unit")
    near, far = fields.whole("from", least=0, most=most), fields.whole("to", least=1, most=most)
    if near >= far:
        raise RuleError(fields.at("to"), f"must be more than {near}: between {near} and {far} ago holds nothing")
    return Rolling(f"between {near:,} and {counted(far, unit)} ago", far * UNITS[unit], near * UNITS[unit])


def _dates(fields: Fields) -> Window:
    fields.only("kind", "from", "to")
    first = parse_moment(fields, "from") if fields.has("from") else None
    last = parse_moment(fields, "to") if fields.has("to") else None
    if first is None and last is None:
        raise RuleError(fields.at("from"), "give a first day, a last day or both")
    if first and last and first.start(UTC) >= last.end(UTC):
        raise RuleError(fields.at("to"), "must not be before the first day")
    if first and last:
        return Dates(f"from {first.said} to {last.said}", first, last)
    return Dates(f"since {first.said}" if first else f"until {last.said if last else ''}", first, last)


def _calendar(fields: Fields) -> Window:
    fields.only("kind", "amount", "unit", "zone")
    unit = fields.choice("unit", CALENDAR)
    amount = fields.whole("amount", least=1, most=LONGEST // UNITS[unit])
    is_own = fields.has("zone") and fields.choice("zone", ("deployment", "own")) == "own"
    this = "today" if unit == "day" else f"this {unit}"
    words = this if amount == 1 else f"{this} or in the {counted(amount - 1, unit)} before"
    return Calendar(words + (" (in their own time zone)" if is_own else ""), amount, unit, is_own)


def _back(day: date, amount: int, unit: str) -> date:
    """The first day of the unit `day` is in, `amount` units earlier."""
    if unit == "day":
        return day - timedelta(days=amount)
    if unit == "week":
        return day - timedelta(days=day.weekday() + 7 * amount)
    months = day.year * 12 + (day.month - 1 if unit == "month" else 0) - amount * (1 if unit == "month" else 12)
    return date(months // 12, months % 12 + 1, 1)


def _object(kind: str, required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, **properties},
        "required": ["kind", *required],
        "additionalProperties": False,
    }


_AGE = {"type": "integer", "minimum": 0}
_MOMENT = {"type": "string", "description": "2026-01-31 or 2026-01-31T09:30:00Z"}
WINDOW_SCHEMA: dict[str, Any] = {
    "oneOf": [
        _object("ever", ()),
        *(_object(kind, ("amount", "unit"), **SCHEMA) for kind in ("last", "before", "next")),
        _object("between", ("from", "to", "unit"), **{"from": _AGE, "to": _AGE, "unit": SCHEMA["unit"]}),
        _object("dates", (), **{"from": _MOMENT, "to": _MOMENT}),
        _object(
            "calendar",
            ("amount", "unit"),
            amount=SCHEMA["amount"],
            unit={"enum": list(CALENDAR)},
            zone={"enum": ["deployment", "own"]},
        ),
    ]
}
