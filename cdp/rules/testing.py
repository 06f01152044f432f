"""A value of the data compared with the rule's, or with another value of the data: a trait, a property or a column of
an event."""

import calendar
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from cdp.rules.days import DAY_SHAPE, Moment, instant
from cdp.rules.fields import Fields, RuleError
from cdp.rules.operators import (
    BETWEEN_TWO,
    DATE,
    DAYS,
    MONTHS,
    NUMBER,
    OPERATORS,
    PERIOD,
    RANGE,
    SPAN,
    TEXT,
    TEXTS,
    Operator,
)
from cdp.rules.spans import Span, parse_span
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope
from cdp.rules.values import Scalar, Value, parse_dates, parse_value, schema_of, wanted

OTHERS = {"trait": "their", "other_property": "its"}
"""Members that name another value of the data instead of a `value`: a trait of the person, or a property of the same
event."""
KEYS = ("op", "value", "to", "amount", "unit", "trait")
EVENT_KEYS = (*KEYS, "other_property")


@dataclass(frozen=True)
class Operand:
    """The value of the data: jsonb, text, and whether it is a column with a type of its own."""

    t: Sql
    j: Sql
    is_column: bool = False
    is_number: bool = False
    """Of a column."""
    at: Sql | None = None
    """The time itself, where it is kept as one."""


@dataclass(frozen=True)
class Other:
    where: str
    """One of OTHERS."""
    name: str

    @property
    def is_trait(self) -> bool:
        return self.where == "trait"

    def english(self) -> str:
        return f"{OTHERS[self.where]} {self.name}"


@dataclass(frozen=True)
class Test:
    op: str
    value: Value = None
    to: float | None = None
    dates: tuple[Moment, ...] = ()
    span: Span | None = None
    other: Other | None = None

    @classmethod
    def parse(cls, fields: Fields) -> "Test":
        """Of an object that has KEYS or EVENT_KEYS among its own."""
        found = OPERATORS[fields.choice("op", OPERATORS)]
        if named := [key for key in OTHERS if fields.has(key)]:
            return _compared(fields, found, named)
        for key in ("value", "to", "amount", "unit"):
            if fields.has(key) and key not in wanted(found):
                raise RuleError(fields.at(key), f"is not for “{found.words}”")
        if SPAN in found.takes:
            return cls(found.key, span=parse_span(fields))
        if DATE in found.takes or PERIOD in found.takes:
            return cls(found.key, dates=parse_dates(fields, found))
        if RANGE in found.takes:
            low, high = fields.number("value"), fields.number("to")
            if low > high:
                raise RuleError(fields.at("to"), f"must be at least {low}")
            return cls(found.key, value=low, to=high)
        return cls(found.key, value=parse_value(fields, found))

    def english(self, name: str) -> str:
        found = OPERATORS[self.op]
        words = f"{name} {found.words}"
        if self.other is not None:
            return f"{words} {self.other.english()}"
        if self.span is not None:
            return f"{words} {self.span.words}"
        if self.dates:
            return f"{words} {' to '.join(one.said for one in self.dates)}"
        if self.to is not None:
            return f"{words} {shown(self.value)} and {shown(self.to)}"
        if isinstance(self.value, tuple):
            named = calendar.month_name if MONTHS in found.takes else None
            return f"{words} {', '.join(named[int(one)] if named else shown(one) for one in self.value)}"
        return words if self.value is None else f"{words} {shown(self.value)}"

    def condition(self, operand: Operand, scope: Scope, other: Operand | None = None) -> Sql:
        """`other` is what `self.other` names."""
        found = OPERATORS[self.op]
        if found.opposite:
            return fill("({held}) is not true", held=self._held(OPERATORS[found.opposite], operand, scope, other))
        return self._held(found, operand, scope, other)

    def ages(self) -> tuple[timedelta, ...]:
        """How old the date is when the answer flips by time; negative before it."""
        if self.span is None:
            return ()
        age = -self.span.length if self.op in ("within_next", "after_next") else self.span.length
        return (timedelta(0), age) if self.op.startswith("within") else (age,)

    def _held(self, found: Operator, operand: Operand, scope: Scope, other: Operand | None) -> Sql:
        low, high = self._bounds(scope)
        return fill(
            found.column if operand.is_column else found.sql,
            j=operand.j,
            t=operand.t,
            at=instant(operand.t, scope.zone) if operand.at is None else operand.at,
            v=self._bound(found, is_column=operand.is_column) if other is None else _like(other, found, operand),
            low=low,
            high=high,
            day=DAY_SHAPE,
        )

    def _bounds(self, scope: Scope) -> tuple[Any, Any]:
        if self.span is not None:
            if self.op in ("within_next", "after_next"):
                return scope.now, scope.now + self.span.length
            return scope.now - self.span.length, scope.now
        if self.dates:
            return self.dates[0].start(scope.zone), self.dates[-1].end(scope.zone)
        return (None, None) if self.to is None else (_number(self.value), _number(self.to))

    def _bound(self, found: Operator, *, is_column: bool) -> Any:
        if isinstance(self.value, tuple):
            return _bound_list(self.value, found, is_column=is_column)
        if found.key == "is" and not is_column:
            return json.dumps(self.value)
        return self.value if isinstance(self.value, str | bool | None) else _number(self.value)


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”" if isinstance(value, str) else f"{value:,}"


def test_schema(
    operators: Iterable[str] = OPERATORS, *, others: Iterable[str] = (), **members: Any
) -> list[dict[str, Any]]:
    """One variant per operator, and one more for each of `others` it compares with; all `members` are required."""
    variants = []
    for key in operators:
        said = [(schema_of(OPERATORS[key]), wanted(OPERATORS[key]))]
        if key in BETWEEN_TWO:
            said += [({other: {"type": "string", "minLength": 1}}, (other,)) for other in others]
        variants += [
            {
                "type": "object",
                "properties": {**members, "op": {"const": key}, **arguments},
                "required": [*members, "op", *required],
                "additionalProperties": False,
            }
            for arguments, required in said
        ]
    return variants


def _compared(fields: Fields, found: Operator, named: list[str]) -> Test:
    key = named[0]
    if found.key not in BETWEEN_TWO:
        raise RuleError(fields.at(key), f"is not for “{found.words}”: give a value")
    if rest := [one for one in ("value", "to", "amount", "unit", *named[1:]) if fields.has(one)]:
        raise RuleError(fields.at(rest[0]), f"is one too many: it is compared with the {key}")
    return Test(found.key, other=Other(key, fields.text(key)))


def _like(other: Operand, found: Operator, operand: Operand) -> Sql:
    """The other value in the type that the operator compares; null, so never equal, if it has another."""
    if TEXT in found.takes and NUMBER in found.takes and not operand.is_column:
        return fill("nullif({j}, 'null'::jsonb)", j=other.j)
    if operand.is_number or TEXT not in found.takes:
        return fill("(case when jsonb_typeof({j}) = 'number' then ({t})::numeric end)", j=other.j, t=other.t)
    return fill("(case when jsonb_typeof({j}) = 'string' then {t} end)", j=other.j, t=other.t)


def _bound_list(value: tuple[Scalar, ...], found: Operator, *, is_column: bool) -> Any:
    if TEXTS in found.takes:
        return [f"%{_plain(str(one))}%" for one in value]
    if MONTHS in found.takes or DAYS in found.takes:
        return [f"{one:02}" for one in value]
    if found.key == "has_all":
        return json.dumps(value)
    if is_column:
        return [one if isinstance(one, str) else _number(one) for one in value]
    return [json.dumps([one] if found.key == "has_any" else one) for one in value]


def _plain(text: str) -> str:
    """Without a meaning of its own in a pattern of `like`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _number(value: Any) -> Decimal:
    return Decimal(str(value))
