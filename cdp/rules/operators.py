"""One row per operator: key, words, what it takes and its SQL, so that they cannot drift apart."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TEXT, NUMBER, BOOLEAN, LIST, DATE, RANGE, PERIOD, SPAN, TEXTS, PATTERN, MONTHS, DAYS = (
    "text",
    "number",
    "boolean",
    "list",
    "date",
    "two numbers",
    "two dates",
    "length of time",
    "list of texts",
    "pattern",
    "list of months",
    "list of days of the month",
)


@dataclass(frozen=True)
class Operator:
    """Compares a value of the data with the rule's. The data's is `{j}` as jsonb, `{t}` as text and `{at}` as a time;
    the rule's is `{v}`, or `{low}` and `{high}`; `{day}` is the shape of a day. Negative operators hold wherever
    their opposite does not, so also where nothing is known."""

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


def _part_of_day(start: int) -> str:
    """As the day is written, so that it does not move with a time zone."""
    return f"left({{t}}, 10) ~ {{day}} and substr({{t}}, {start}, 2) = any({{v}})"


def _length(test: str) -> str:
    return f"case when jsonb_typeof({{j}}) = 'array' then jsonb_array_length({{j}}) {test} else false end"


_ANY_TYPE = (TEXT, NUMBER, BOOLEAN)
_CONTAINS = "position(lower({v}) in lower({t})) > 0"
_STARTS = "starts_with(lower({t}), lower({v}))"
_ENDS = "right(lower({t}), length({v})) = lower({v})"
_BETWEEN = "between {low} and {high}"
_CONTAINS_ANY = "{t} ilike any({v})"
_MATCHES = "{t} ~* {v}"
_ENTRY_CONTAINS = (
    "case when jsonb_typeof({j}) = 'array' then exists (select 1 from jsonb_array_elements_text({j}) entry"
    " where position(lower({v}) in lower(entry)) > 0) else false end"
)

OPERATORS = {
    one.key: one
    for one in (
        Operator("is", "is", _ANY_TYPE, "{j} = {v}::jsonb", "{t} = {v}"),
        Operator("is_not", "is not", _ANY_TYPE, opposite="is"),
        Operator("one_of", "is one of", (LIST,), "{j} = any({v}::jsonb[])", "{t} = any({v})"),
        Operator("none_of", "is none of", (LIST,), opposite="one_of"),
        Operator("contains", "contains", (TEXT,), _CONTAINS, _CONTAINS),
        Operator("not_contains", "does not contain", (TEXT,), opposite="contains"),
        Operator("contains_any", "contains any of", (TEXTS,), _CONTAINS_ANY, _CONTAINS_ANY),
        Operator("contains_none", "contains none of", (TEXTS,), opposite="contains_any"),
        Operator("starts_with", "starts with", (TEXT,), _STARTS, _STARTS),
        Operator("not_starts_with", "does not start with", (TEXT,), opposite="starts_with"),
        Operator("ends_with", "ends with", (TEXT,), _ENDS, _ENDS),
        Operator("not_ends_with", "does not end with", (TEXT,), opposite="ends_with"),
        Operator("matches", "matches", (PATTERN,), _MATCHES, _MATCHES),
        Operator("not_matches", "does not match", (PATTERN,), opposite="matches"),
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
        Operator("in_month", "is in", (MONTHS,), _part_of_day(6)),
        Operator("on_day", "is on the day of the month", (DAYS,), _part_of_day(9)),
        Operator("within_last", "was within the last", (SPAN,), "{at} > {low} and {at} <= {high}"),
        Operator("within_next", "is within the next", (SPAN,), "{at} > {low} and {at} <= {high}"),
        Operator("before_last", "was before the last", (SPAN,), "{at} <= {low}"),
        Operator("after_next", "is after the next", (SPAN,), "{at} > {high}"),
        Operator("has_any", "has any of", (LIST,), "{j} @> any({v}::jsonb[])"),
        Operator("has_all", "has all of", (LIST,), "{j} @> {v}::jsonb"),
        Operator("has_none", "has none of", (LIST,), opposite="has_any"),
        Operator("has_not_all", "does not have all of", (LIST,), opposite="has_all"),
        Operator("entry_contains", "has an entry that contains", (TEXT,), _ENTRY_CONTAINS),
        Operator("no_entry_contains", "has no entry that contains", (TEXT,), opposite="entry_contains"),
        Operator("has_exactly", "has as many entries as", (NUMBER,), _length("= {v}")),
        Operator("longer_than", "has more entries than", (NUMBER,), _length("> {v}")),
        Operator("shorter_than", "has fewer entries than", (NUMBER,), _length("< {v}")),
    )
}

BETWEEN_TWO = frozenset(
    {"is", "is_not", "more_than", "at_least", "less_than", "at_most"}
    | {f"{no}{key}" for key in ("contains", "starts_with", "ends_with") for no in ("", "not_")}
)
"""Operators that also compare with another value of the data."""

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
