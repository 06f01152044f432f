"""A value of the data compared with a value of the rule: a trait, a property or a column of an event."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from cdp.rules import spans
from cdp.rules.days import Moment, instant, parse_moment
from cdp.rules.fields import Fields, RuleError
from cdp.rules.operators import BOOLEAN, DATE, LIST, NUMBER, OPERATORS, PERIOD, RANGE, SPAN, TEXT, Operator
from cdp.rules.spans import Span, parse_span
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import UTC, Scope

KEYS = ("op", "value", "to", "amount", "unit")
LONGEST_LIST = 500
Scalar = str | float | bool


@dataclass(frozen=True)
class Operand:
    """The value of the data: jsonb, text, and whether it is a column with a type of its own."""

    t: Sql
    j: Sql
    is_column: bool = False


@dataclass(frozen=True)
class Test:
    op: str
    value: Scalar | tuple[Scalar, ...] | None = None
    to: float | None = None
    dates: tuple[Moment, ...] = ()
    span: Span | None = None

    @classmethod
    def parse(cls, fields: Fields) -> "Test":
        """Of an object that has KEYS among its own."""
        found = OPERATORS[fields.choice("op", OPERATORS)]
        for key in ("value", "to", "amount", "unit"):
            if fields.has(key) and key not in _wanted(found):
                raise RuleError(fields.at(key), f"is not for “{found.words}”")
        if SPAN in found.takes:
            return cls(found.key, span=parse_span(fields))
        if DATE in found.takes or PERIOD in found.takes:
            return cls(found.key, dates=_dates(fields, found))
        if RANGE in found.takes:
            low, high = fields.number("value"), fields.number("to")
            if low > high:
                raise RuleError(fields.at("to"), f"must be at least {low}")
            return cls(found.key, value=low, to=high)
        if LIST in found.takes:
            return cls(found.key, value=_list(fields))
        return cls(found.key, value=_value(fields, found) if found.takes else None)

    def english(self, name: str) -> str:
        words = f"{name} {OPERATORS[self.op].words}"
        if self.span is not None:
            return f"{words} {self.span.words}"
        if self.dates:
            return f"{words} {' to '.join(one.said for one in self.dates)}"
        if self.to is not None:
            return f"{words} {shown(self.value)} and {shown(self.to)}"
        if isinstance(self.value, tuple):
            return f"{words} {', '.join(shown(one) for one in self.value)}"
        return words if self.value is None else f"{words} {shown(self.value)}"

    def condition(self, operand: Operand, scope: Scope) -> Sql:
        found = OPERATORS[self.op]
        if found.opposite:
            return fill("({held}) is not true", held=self._held(OPERATORS[found.opposite], operand, scope))
        return self._held(found, operand, scope)

    def ages(self) -> tuple[timedelta, ...]:
        """How old the date is when the answer flips by time; negative before it."""
        if self.span is None:
            return ()
        age = -self.span.length if self.op in ("within_next", "after_next") else self.span.length
        return (timedelta(0), age) if self.op.startswith("within") else (age,)

    def _held(self, found: Operator, operand: Operand, scope: Scope) -> Sql:
        low, high = self._bounds(scope)
        return fill(
            found.column if operand.is_column else found.sql,
            j=operand.j,
            t=operand.t,
            at=instant(operand.t, scope.zone),
            v=self._bound(found.key, is_column=operand.is_column),
            low=low,
            high=high,
        )

    def _bounds(self, scope: Scope) -> tuple[Any, Any]:
        if self.span is not None:
            if self.op in ("within_next", "after_next"):
                return scope.now, scope.now + self.span.length
            return scope.now - self.span.length, scope.now
        if self.dates:
            return self.dates[0].start(scope.zone), self.dates[-1].end(scope.zone)
        return (None, None) if self.to is None else (_number(self.value), _number(self.to))

    def _bound(self, op: str, *, is_column: bool) -> Any:
        if isinstance(self.value, tuple):
            if op == "has_all":
                return json.dumps(self.value)
            if is_column:
                return [one if isinstance(one, str) else _number(one) for one in self.value]
            return [json.dumps([one] if op == "has_any" else one) for one in self.value]
        if op == "is" and not is_column:
            return json.dumps(self.value)
        return self.value if isinstance(self.value, str | bool | None) else _number(self.value)


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”" if isinstance(value, str) else f"{value:,}"


def test_schema(operators: Iterable[str] = OPERATORS, **others: Any) -> list[dict[str, Any]]:
    """One variant per operator; `others` are the members beside it, all of which are required."""
    return [
        {
            "type": "object",
            "properties": {**others, "op": {"const": key}, **_arguments(OPERATORS[key])},
            "required": [*others, "op", *_wanted(OPERATORS[key])],
            "additionalProperties": False,
        }
        for key in operators
    ]


def _wanted(found: Operator) -> tuple[str, ...]:
    if SPAN in found.takes:
        return ("amount", "unit")
    if RANGE in found.takes or PERIOD in found.takes:
        return ("value", "to")
    return ("value",) if found.takes else ()


def _arguments(found: Operator) -> dict[str, Any]:
    if SPAN in found.takes:
        return spans.SCHEMA
    types = {TEXT: "string", NUMBER: "number", BOOLEAN: "boolean", DATE: "string", PERIOD: "string", RANGE: "number"}
    if LIST in found.takes:
        scalar = {"type": ["string", "number", "boolean"]}
        return {"value": {"type": "array", "items": scalar, "minItems": 1, "maxItems": LONGEST_LIST}}
    return {key: {"type": [types[one] for one in found.takes]} for key in _wanted(found)}


def _dates(fields: Fields, found: Operator) -> tuple[Moment, ...]:
    dates = tuple(parse_moment(fields, key) for key in _wanted(found))
    if len(dates) == 2 and dates[0].start(UTC) >= dates[1].end(UTC):
        raise RuleError(fields.at("to"), "must not be before the first day")
    return dates


def _list(fields: Fields) -> tuple[Scalar, ...]:
    values = fields.value("value")
    if not isinstance(values, list) or not 1 <= len(values) <= LONGEST_LIST:
        raise RuleError(fields.at("value"), f"must be a list of 1 to {LONGEST_LIST}")
    return tuple(_entry(fields, f"value[{index}]", one) for index, one in enumerate(values))


def _entry(fields: Fields, key: str, value: object) -> Scalar:
    alone = Fields({key: value}, fields.place)
    if isinstance(value, bool):
        return value
    return alone.text(key) if isinstance(value, str) else alone.number(key)


def _value(fields: Fields, found: Operator) -> Scalar:
    value = fields.value("value")
    if isinstance(value, bool) and BOOLEAN in found.takes:
        return value
    if isinstance(value, str) and TEXT in found.takes:
        return fields.text("value")
    if NUMBER in found.takes and not isinstance(value, str | bool):
        return fields.number("value")
    raise RuleError(fields.at("value"), f"must be a {' or '.join(found.takes)} for “{found.words}”")


def _number(value: Any) -> Decimal:
    return Decimal(str(value))
