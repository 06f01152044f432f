"""The reference of the rule language: every condition, operator, window and member, from the registry."""

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from cdp.help.references.examples import EXAMPLES, WINDOWS, Example
from cdp.help.references.members import rows, variants
from cdp.help.references.text import block, code, laid_out, made_by, table, yes
from cdp.rules.fields import LONGEST_TEXT, Fields
from cdp.rules.happenings import MOST_FILTERS
from cdp.rules.limit import OPS as LIMITS
from cdp.rules.limit import Limit
from cdp.rules.numbers import MEASURES, number_kinds
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
    Operator,
)
from cdp.rules.parse import DEEPEST, WIDEST, parse
from cdp.rules.references import COLUMNS, NUMBERS
from cdp.rules.registry import kinds
from cdp.rules.schema import rule_schema
from cdp.rules.spans import UNITS
from cdp.rules.testing import Test
from cdp.rules.to_english import to_english
from cdp.rules.tree import Leaf
from cdp.rules.values import LONGEST_LIST, wanted
from cdp.rules.windows import parse_window

MOST_LINES = 45
"""A schema that is longer says only its members."""
SAMPLES: dict[str, Any] = {
    "text": "Rome", "number": 30, "boolean": True, "list": ["Rome", "Oslo"], "date": "2026-01-31",
    "list of texts": ["Rome", "Oslo"], "pattern": "^R.me", "list of months": [1, 12],
    "list of days of the month": [1, 15],
}  # fmt: skip
MEASURE_WORDS = {
    "count": "how many there are; what is meant without a measure",
    "sum": "their sum",
    "avg": "their mean",
    "min": "the smallest",
    "max": "the largest",
    "distinct": "how many different ones there are",
}
GROUPS = {
    "all": "all of the conditions hold",
    "any": "at least one of the conditions holds",
    "not": "the condition does not hold",
}


def page() -> str:
    parts = [*_head(), *_operators(), *_windows(), *_where(), *_measures(), *_conditions()]
    return "\n\n".join([*parts, made_by("the registry of the rule language")]) + "\n"


def _head() -> Iterator[str]:
    yield "# Rules: the reference"
    yield (
        "Every condition, operator, window and member, with examples and the English they say of themselves. What"
        " a rule means exactly, where windows begin and end, and what is unknown: [rules](rules.md)."
    )
    yield "## Groups"
    yield (
        f'A rule is `{{"version": 1, "root": …}}`. The root is a group or a condition. Groups stand at most {DEEPEST}'
        f" deep and hold at most {WIDEST}. Texts have at most {LONGEST_TEXT} characters, lists at most {LONGEST_LIST}"
        " entries. Whatever is not understood is an error with its place; it is never an empty set."
    )
    yield table(("kind", "`of`", "holds where"), [
        (code(kind), "a group or condition" if kind == "not" else f"a list of 1 to {WIDEST}", words)
        for kind, words in GROUPS.items()
    ])  # fmt: skip
    bought = {"kind": "event", "name": "Order Completed", "op": "at_least", "value": 1}
    vip = {"kind": "not", "of": {"kind": "trait", "name": "vip", "op": "is", "value": True}}
    yield _shown({"version": 1, "root": {"kind": "all", "of": [bought, vip]}})
    yield "The whole JSON Schema is at `GET /api/segments/rule-schema`."


def _shown(rule: dict[str, Any]) -> str:
    return f"{block(rule)}\n\n> {to_english(parse(rule))}"


def _operators() -> Iterator[str]:
    yield "## Operators"
    yield (
        "They compare a value of the data with the rule's. Columns are named under [where](#where); “another"
        " value” is a `trait` of the same person, or an `other_property` of the same event, instead of the `value`."
    )
    yield table(
        ("operator", "takes", "for columns", "with another value", "in English"),
        [
            (code(key), _taken(one), yes(_column(one)), yes(key in BETWEEN_TWO), _said(key, one))
            for key, one in OPERATORS.items()
        ],
    )
    yield "A negative operator holds wherever its opposite does not, so also where nothing is known."
    yield "### Operators of counts and sums"
    yield table(("operator", "members", "in English"), [_limit_row(op) for op in LIMITS])


def _taken(one: Operator) -> str:
    if not one.takes:
        return "nothing"
    return f"{' or '.join(one.takes)}: {code(*wanted(one))}"


def _column(one: Operator) -> bool:
    return bool((OPERATORS[one.opposite] if one.opposite else one).column)


def _said(key: str, one: Operator) -> str:
    return Test.parse(Fields.of({"op": key, **_value(one)}, "test")).english(_trait(key, one))


def _trait(key: str, one: Operator) -> str:
    """Something of which the operator can be asked."""
    if key.startswith("has_") or "entry" in key or key.endswith("er_than"):
        return "interests"
    if {NUMBER, RANGE} & set(one.takes) and TEXT not in one.takes:
        return "age"
    return "renewal" if {DATE, PERIOD, SPAN, MONTHS, DAYS} & set(one.takes) else "city"


def _value(one: Operator) -> dict[str, Any]:
    if SPAN in one.takes:
        return {"amount": 30, "unit": "day"}
    if PERIOD in one.takes:
        return {"value": "2026-01-01", "to": SAMPLES[DATE]}
    if "to" in wanted(one):
        return {"value": 10, "to": 20}
    return {"value": SAMPLES[one.takes[0]]} if one.takes else {}


def _limit_row(op: str) -> tuple[str, str, str]:
    members = {"zero": {}, "between": {"value": 2, "to": 5}}.get(op, {"value": 2})
    return code(op), code(*members) or "none", Limit.parse(Fields.of({"op": op, **members}, "limit")).english()


def _windows() -> Iterator[str]:
    yield "## Windows"
    yield f"When an event counts. Units are {code(*UNITS)}; a month is 30 days and a year 365."
    yield table(
        ("window", "in English"),
        [(code(laid_out(one)), parse_window(Fields.of(one, "window")).words) for one in WINDOWS],
    )
    yield "Units of `calendar` are `day`, `week`, `month`, `year`; its `zone` is `deployment` or `own`, the person's."


def _where() -> Iterator[str]:
    yield "## Where"
    yield (
        f"`where` is a list of at most {MOST_FILTERS} conditions that each event must meet to count. Each names a"
        " `property` of the event or a `column`, an operator and what it takes."
    )
    yield table(
        ("column", "is"),
        [(code(name), "number" if name in NUMBERS else "text") for name in COLUMNS],
    )


def _measures() -> Iterator[str]:
    yield "## Measures"
    yield "What of a person's events is compared, `of` a column or property; the column `value` where it is left out."
    yield table(("measure", "is"), [(code(key), MEASURE_WORDS[key]) for key in MEASURES])
    yield (f"Numbers that `percentile` and `top` rank people by (their `of`) are of the kinds {code(*number_kinds())}.")


def _conditions() -> Iterator[str]:
    yield "## Conditions"
    yield f"There are {len(kinds())}: {', '.join(f'[{kind}](#{kind})' for kind in kinds())}."
    schemas = rule_schema()["$defs"]
    for kind, leaf in kinds().items():
        yield f"### {code(kind)}"
        yield _summary(kind, leaf)
        yield table(("member", "needed", "may be"), rows(schemas[kind]))
        for example in EXAMPLES[kind]:
            yield f"{block(example.json)}\n\n> {english(example)}"
        yield from _schema(schemas[kind])


def english(example: Example) -> str:
    if example.leaf is not None:
        return to_english(example.leaf)
    return to_english(parse({"version": 1, "root": example.json}))


def _summary(kind: str, leaf: type[Leaf]) -> str:
    """What the module says of the condition in the first paragraph of its docstring."""
    said = (inspect.getdoc(sys.modules[leaf.__module__]) or "").split("\n\n")[0].replace("\n", " ")
    found = re.search(rf"(?:`{kind}`(?: and `\w+`)?|`\w+` and `{kind}`): (.+?)(?:; `|$)", said)
    if found is None:
        raise LookupError(f"The docstring of {leaf.__module__} does not say what `{kind}` is.")
    text = found[1].rstrip("., …")
    return f"{text[:1].upper()}{text[1:]}."


def _schema(schema: dict[str, Any]) -> Iterator[str]:
    text = laid_out(schema)
    if text.count("\n") < MOST_LINES:
        yield f"Its JSON Schema:\n\n```json\n{text}\n```"
    else:
        yield f"Its JSON Schema has {len(variants(schema))} forms, one for each operator; they are in the whole schema."
