"""One row per operator: key, words, what it takes and its SQL, so that they cannot drift apart."""

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill

TEXT, NUMBER, BOOLEAN = "text", "number", "boolean"


@dataclass(frozen=True)
class Operator:
    """Compares a JSON field with a value. `{j}` is the field as jsonb, `{t}` as text, `{v}` the value."""

    key: str
    words: str
    takes: tuple[str, ...]
    """Types the value may have; none for operators without a value."""
    sql: str


@dataclass(frozen=True)
class Comparison:
    """Compares a number counted or summed per person."""

    key: str
    words: str
    symbol: str
    holds: Callable[[Any, Any], bool]


_NUMBER = "case when jsonb_typeof({j}) = 'number' then ({t})::numeric %s {v} else false end"

OPERATORS = {
    one.key: one
    for one in (
        Operator("is", "is", (TEXT, NUMBER, BOOLEAN), "{j} = {v}::jsonb"),
        Operator("is_not", "is not", (TEXT, NUMBER, BOOLEAN), "({j} = {v}::jsonb) is not true"),
        Operator("contains", "contains", (TEXT,), "position(lower({v}) in lower({t})) > 0"),
        Operator("starts_with", "starts with", (TEXT,), "starts_with(lower({t}), lower({v}))"),
        Operator("more_than", "is more than", (NUMBER,), _NUMBER % ">"),
        Operator("at_least", "is at least", (NUMBER,), _NUMBER % ">="),
        Operator("less_than", "is less than", (NUMBER,), _NUMBER % "<"),
        Operator("at_most", "is at most", (NUMBER,), _NUMBER % "<="),
        Operator("is_set", "is known", (), "coalesce({j} <> 'null'::jsonb, false)"),
        Operator("is_not_set", "is not known", (), "coalesce({j} = 'null'::jsonb, true)"),
    )
}

COMPARISONS = {
    one.key: one
    for one in (
        Comparison("at_least", "at least", ">=", operator.ge),
        Comparison("more_than", "more than", ">", operator.gt),
        Comparison("exactly", "exactly", "=", operator.eq),
        Comparison("at_most", "at most", "<=", operator.le),
        Comparison("less_than", "less than", "<", operator.lt),
    )
}


@dataclass(frozen=True)
class Test:
    """A named JSON field compared with a value: a trait, or a property of an event."""

    name: str
    op: str
    value: str | float | bool | None

    @classmethod
    def parse(cls, fields: Fields, *, name_key: str) -> "Test":
        fields.only("kind", name_key, "op", "value")
        name, found = fields.text(name_key), OPERATORS[fields.choice("op", OPERATORS)]
        return cls(name=name, op=found.key, value=_value(fields, found) if found.takes else None)

    def english(self) -> str:
        words = f"{self.name} {OPERATORS[self.op].words}"
        return words if self.value is None else f"{words} {shown(self.value)}"

    def condition(self, column: str) -> Sql:
        """`column` is a jsonb column's name, written in our modules."""
        return fill(
            OPERATORS[self.op].sql,
            j=Sql(f"({column} -> %s)", (self.name,)),
            t=Sql(f"({column} ->> %s)", (self.name,)),
            v=self._bound(),
        )

    def _bound(self) -> Any:
        if self.op in ("is", "is_not"):
            return json.dumps(self.value)
        return self.value if isinstance(self.value, str | None) else Decimal(str(self.value))


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”" if isinstance(value, str) else f"{value:,}"


def _value(fields: Fields, found: Operator) -> str | float | bool:
    value = fields.value("value")
    if isinstance(value, bool) and BOOLEAN in found.takes:
        return value
    if isinstance(value, str) and TEXT in found.takes:
        return fields.text("value")
    if NUMBER in found.takes and not isinstance(value, str | bool):
        return fields.number("value")
    raise RuleError(fields.at("value"), f"must be a {' or '.join(found.takes)} for “{found.words}”")
