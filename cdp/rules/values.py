"""The rule's own values: read from its JSON by what an operator takes, and described for its schema."""

from typing import Any

from cdp.rules import spans
from cdp.rules.days import Moment, parse_moment
from cdp.rules.fields import Fields, RuleError
from cdp.rules.operators import (
    BOOLEAN,
    DATE,
    DAYS,
    LIST,
    MONTHS,
    NUMBER,
    PATTERN,
    PERIOD,
    RANGE,
    SPAN,
    TEXT,
    TEXTS,
    Operator,
)
from cdp.rules.patterns import LONGEST, BadPattern, check_pattern
from cdp.rules.tree import UTC

LONGEST_LIST = 500
LAST = {MONTHS: 12, DAYS: 31}
Scalar = str | float | bool
Value = Scalar | tuple[Scalar, ...] | None


def wanted(found: Operator) -> tuple[str, ...]:
    """The members that say its value."""
    if SPAN in found.takes:
        return ("amount", "unit")
    if RANGE in found.takes or PERIOD in found.takes:
        return ("value", "to")
    return ("value",) if found.takes else ()


def parse_value(fields: Fields, found: Operator) -> Value:
    if LIST in found.takes:
        return _list(fields)
    if TEXTS in found.takes:
        return fields.texts("value", most=LONGEST_LIST)
    if PATTERN in found.takes:
        return _pattern(fields)
    for kind, last in LAST.items():
        if kind in found.takes:
            return _wholes(fields, last)
    return _scalar(fields, found) if found.takes else None


def parse_dates(fields: Fields, found: Operator) -> tuple[Moment, ...]:
    dates = tuple(parse_moment(fields, key) for key in wanted(found))
    if len(dates) == 2 and dates[0].start(UTC) >= dates[1].end(UTC):
        raise RuleError(fields.at("to"), "must not be before the first day")
    return dates


def schema_of(found: Operator) -> dict[str, Any]:
    """Of the members that say its value."""
    if SPAN in found.takes:
        return spans.SCHEMA
    types = {TEXT: "string", NUMBER: "number", BOOLEAN: "boolean", DATE: "string", PERIOD: "string", RANGE: "number"}
    entries: dict[str, dict[str, Any]] = {
        LIST: {"type": ["string", "number", "boolean"]},
        TEXTS: {"type": "string", "minLength": 1},
        **{kind: {"type": "integer", "minimum": 1, "maximum": last} for kind, last in LAST.items()},
    }
    for kind, entry in entries.items():
        if kind in found.takes:
            most = LAST.get(kind, LONGEST_LIST)
            return {"value": {"type": "array", "items": entry, "minItems": 1, "maxItems": most}}
    if PATTERN in found.takes:
        return {"value": {"type": "string", "minLength": 1, "maxLength": LONGEST}}
    return {key: {"type": [types[one] for one in found.takes]} for key in wanted(found)}


def _list(fields: Fields) -> tuple[Scalar, ...]:
    return tuple(_entry(fields, key, one) for key, one in _entries(fields, LONGEST_LIST))


def _wholes(fields: Fields, last: int) -> tuple[int, ...]:
    found = [Fields({key: one}, fields.place).whole(key, least=1, most=last) for key, one in _entries(fields, last)]
    return tuple(sorted(set(found)))


def _entries(fields: Fields, most: int) -> list[tuple[str, object]]:
    values = fields.value("value")
    if not isinstance(values, list) or not 1 <= len(values) <= most:
        raise RuleError(fields.at("value"), f"must be a list of 1 to {most}")
    return [(f"value[{index}]", one) for index, one in enumerate(values)]


def _entry(fields: Fields, key: str, value: object) -> Scalar:
    alone = Fields({key: value}, fields.place)
    if isinstance(value, bool):
        return value
    return alone.text(key) if isinstance(value, str) else alone.number(key)


def _pattern(fields: Fields) -> str:
    said = fields.text("value")
    try:
        check_pattern(said)
    except BadPattern as error:
        raise RuleError(fields.at("value"), str(error)) from error
    return said


def _scalar(fields: Fields, found: Operator) -> Scalar:
    value = fields.value("value")
    if isinstance(value, bool) and BOOLEAN in found.takes:
        return value
    if isinstance(value, str) and TEXT in found.takes:
        return fields.text("value")
    if NUMBER in found.takes and not isinstance(value, str | bool):
        return fields.number("value")
    raise RuleError(fields.at("value"), f"must be a {' or '.join(found.takes)} for “{found.words}”")
