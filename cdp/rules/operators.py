"""One row per operator: key, words, what it takes and its SQL, so that they cannot drift apart."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TEXT, NUMBER, BOOLEAN, LIST, DATE, RANGE, PERIOD, SPAN = (
    "text",
    "number",
    "boolean",
    "list",
    "date",
    "two numbers",
    "two dates",
    "length of time",
)


@dataclass(frozen=True)
class Operator:
    """Compares a value of the data with the rule's. The data's is `{j}` as jsonb, `{t}` as text and `{at}` as a time;
    the rule's is `{v}`, or `{low}` and `{high}`. Negative operators hold wherever their opposite does not, so also
    where nothing is known."""

    key: str
    words: str
    takes: tuple[str, ...]
    """Types the rule's value may have; none for operators without a value."""
    sql: str = ""
    column: str = ""
    """The same for a typed column `{t}`; where empty, the operator is not for columns."""
    opposite: str = ""
    """The operator whose negation it is, instead of SQL of its own."""


@dataclass(frozen=True)
class Comparison:
    """Compares a number counted or summed per person."""

    key: str
    words: str
    symbol: str
    holds: Callable[[Any, Any], bool]


def _number(test: str) -> str:
    return f"case when jsonb_typeof({{j}}) = 'number' then ({{t}})::numeric {test} else false end"


def _length(test: str) -> str:
    return f"case when jsonb_typeof({{j}}) = 'array' then jsonb_array_length({{j}}) {test} else false end"


_ANY_TYPE = (TEXT, NUMBER, BOOLEAN)
_CONTAINS = "position(lower({v}) in lower({t})) > 0"
_STARTS = "starts_with(lower({t}), lower({v}))"
_ENDS = "right(lower({t}), length({v})) = lower({v})"
_BETWEEN = "between {low} and {high}"

OPERATORS = {
    one.key: one
    for one in (
        Operator("is", "is", _ANY_TYPE, "{j} = {v}::jsonb", "{t} = {v}"),
        Operator("is_not", "is not", _ANY_TYPE, opposite="is"),
        Operator("one_of", "is one of", (LIST,), "{j} = any({v}::jsonb[])", "{t} = any({v})"),
        Operator("none_of", "is none of", (LIST,), opposite="one_of"),
        Operator("contains", "contains", (TEXT,), _CONTAINS, _CONTAINS),
        Operator("not_contains", "does not contain", (TEXT,), opposite="contains"),
        Operator("starts_with", "starts with", (TEXT,), _STARTS, _STARTS),
        Operator("not_starts_with", "does not start with", (TEXT,), opposite="starts_with"),
        Operator("ends_with", "ends with", (TEXT,), _ENDS, _ENDS),
        Operator("not_ends_with", "does not end with", (TEXT,), opposite="ends_with"),
        Operator("more_than", "is more than", (NUMBER,), _number("> {v}"), "{t} > {v}"),
        Operator("at_least", "is at least", (NUMBER,), _number(">= {v}"), "{t} >= {v}"),
        Operator("less_than", "is less than", (NUMBER,), _number("< {v}"), "{t} < {v}"),
        Operator("at_most", "is at most", (NUMBER,), _number("<= {v}"), "{t} <= {v}"),
        Operator("between", "is between", (RANGE,), _number(_BETWEEN), "{t} " + _BETWEEN),
        Operator("is_set", "is known", (), "coalesce({j} <> 'null'::jsonb, false)", "{t} is not null"),
        Operator("is_not_set", "is not known", (), opposite="is_set"),
        Operator("before", "is before", (DATE,), "{at} < {low}"),
        Operator("after", "is after", (DATE,), "{at} >= {high}"),
        Operator("on", "is on", (DATE,), "{at} >= {low} and {at} < {high}"),
        Operator("between_dates", "is from", (PERIOD,), "{at} >= {low} and {at} < {high}"),
        Operator("within_last", "was within the last", (SPAN,), "{at} > {low} and {at} <= {high}"),
        Operator("within_next", "is within the next", (SPAN,), "{at} > {low} and {at} <= {high}"),
        Operator("before_last", "was before the last", (SPAN,), "{at} <= {low}"),
        Operator("after_next", "is after the next", (SPAN,), "{at} > {high}"),
        Operator("has_any", "has any of", (LIST,), "{j} @> any({v}::jsonb[])"),
        Operator("has_all", "has all of", (LIST,), "{j} @> {v}::jsonb"),
        Operator("has_none", "has none of", (LIST,), opposite="has_any"),
        Operator("longer_than", "has more entries than", (NUMBER,), _length("> {v}")),
        Operator("shorter_than", "has fewer entries than", (NUMBER,), _length("< {v}")),
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
