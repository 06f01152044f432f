"""Outputs that need no interpreter: a path, and filters whose arguments are fixed. Nearly all are of this kind.

Measured with a mail of fifteen tokens: python-liquid looks up scope, filters and arguments anew for each, 8 µs; here
all of that is found once, 1 µs remains. Whatever is not as plain as expected is left to python-liquid: it answers, or
says what is wrong.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.primitive import FalseLiteral, FloatLiteral, IntegerLiteral, StringLiteral, TrueLiteral
from liquid.expression import Expression
from liquid.undefined import Undefined

from campaigns.content.filters import FILTERS, LONGEST

SLOW: Final = object()
"""Ask python-liquid."""
Data = Mapping[str, Any]
Evaluate = Callable[[Data], Any]
Step = Callable[[Any], Any]
LITERALS = (StringLiteral, IntegerLiteral, FloatLiteral, TrueLiteral, FalseLiteral)
QUICK = frozenset(
    {"append", "capitalize", "ceil", "date", "default", "divided_by", "downcase", "escape", "floor", "minus", "modulo"}
    | {"money", "number", "pluralize", "plus", "prepend", "round", "strip", "times", "titlecase", "truncate", "upcase"}
    | {"url_encode"}
)
"""Filters that take no long whatever they are given."""
MOST_STEPS = 4
OF_LIQUID = frozenset({"size", "first", "last"})
"""Names that mean something on values that do not have them."""


def direct(expression: Expression) -> Evaluate | None:
    """None where only python-liquid knows."""
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return None
    path = expression.left.path
    if not all(isinstance(part, str) and part not in OF_LIQUID for part in path):
        return None
    filters = expression.filters or ()
    steps = [step for one in filters if (step := _step(one))]
    if len(steps) < len(filters) or len(steps) > MOST_STEPS:
        return None
    names = tuple(map(str, path))
    missing = Undefined(names[0], token=None)
    walk = _top(names[0], missing) if len(names) == 1 else partial(_walk, names, missing)
    return walk if not steps else _chain(walk, steps)


def _top(name: str, missing: Undefined) -> Evaluate:
    return lambda data: data.get(name, missing)


def _walk(names: tuple[str, ...], missing: Undefined, data: Data) -> Any:
    value: Any = data
    for name in names:
        if value.__class__ is not dict:
            return missing if value is None or value is missing else SLOW
        value = value.get(name, missing)
    return value


def _chain(walk: Evaluate, steps: list[Step]) -> Evaluate:
    def evaluate(data: Data) -> Any:
        value = walk(data)
        for step in steps:
            if value is SLOW:
                return SLOW
            value = step(value)
        return value

    return evaluate


def _step(one: Filter) -> Step | None:
    if one.name not in QUICK or not all(isinstance(argument.value, LITERALS) for argument in one.args):
        return None
    if any(getattr(argument, "name", None) for argument in one.args):
        return None
    arguments = tuple(argument.value.value for argument in one.args)
    function = FILTERS[one.name]
    if one.name == "default" and len(arguments) == 1:
        return _default(arguments[0], function)

    def step(value: Any) -> Any:
        try:
            return function(value, *arguments)
        except Exception:  # python-liquid does it again, and says what is wrong
            return SLOW

    return step


def _default(otherwise: Any, function: Callable[..., Any]) -> Step:
    def step(value: Any) -> Any:
        if value.__class__ is str and 0 < len(value) <= LONGEST:
            return value
        if value is None or value == "" or isinstance(value, Undefined):
            return otherwise
        try:
            return function(value, otherwise)
        except Exception:
            return SLOW

    return step
