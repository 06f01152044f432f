"""When an event counts. A window moves with the clock: (now - far, now - near]."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp.rules.fields import Fields, RuleError

UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
LONGEST = timedelta(days=20 * 365)


@dataclass(frozen=True)
class Window:
    """`far` None reaches back for ever. An event exactly `far` old is out, one exactly `near` old is in."""

    words: str
    far: timedelta | None
    near: timedelta = timedelta(0)

    def bounds(self, now: datetime) -> tuple[datetime | None, datetime]:
        return (None if self.far is None else now - self.far), now - self.near

    def edges(self) -> tuple[timedelta, ...]:
        """Ages at which an event enters or leaves."""
        return (self.near,) if self.far is None else (self.near, self.far)


EVER = Window("at any time", None)


def parse_window(fields: Fields) -> Window:
    kind = fields.choice("kind", ("ever", "last", "between"))
    if kind == "ever":
        fields.only("kind")
        return EVER
    unit = fields.choice("unit", UNITS)
    if kind == "last":
        fields.only("kind", "amount", "unit")
        amount = fields.whole("amount", least=1, most=LONGEST // UNITS[unit])
        return Window(f"in the last {_amount(amount, unit)}", amount * UNITS[unit])
    fields.only("kind", "from", "to", "unit")
    near = fields.whole("from", least=0, most=LONGEST // UNITS[unit])
    far = fields.whole("to", least=1, most=LONGEST // UNITS[unit])
    if near >= far:
        raise RuleError(fields.at("to"), f"must be more than {near}: between {near} and {far} ago holds nothing")
    return Window(f"between {near:,} and {_amount(far, unit)} ago", far * UNITS[unit], near * UNITS[unit])


def _amount(amount: int, unit: str) -> str:
    return unit if amount == 1 else f"{amount:,} {unit}s"
