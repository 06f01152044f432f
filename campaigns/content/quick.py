"""The usual expression, a path with a few filters, as a function of the context: faster, and the same value."""

from collections.abc import Callable, Mapping
from typing import Any

from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.arguments import PositionalArgument
from liquid.builtin.expressions.primitive import Literal
from liquid.exceptions import LiquidError, LiquidTypeError
from liquid.expression import Expression
from liquid.undefined import Undefined

from campaigns.content.filters import FILTERS

Value = Callable[[Mapping[str, Any]], object]
MOST_FILTERS = 3
LONGEST_ARGUMENT = 200
SPECIAL = frozenset(("size", "first", "last"))
"""Of what stands before them; at the beginning they are names as any other."""


def quick(expression: Expression) -> Value | None:
    """None where it is not of the usual kind; python-liquid evaluates it then."""
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return None
    names = expression.left.path
    filters = expression.filters or []
    is_plain = all(isinstance(name, str) for name in names) and not SPECIAL.intersection(map(str, names[1:]))
    if not is_plain or len(filters) > MOST_FILTERS:
        return None
    steps = []
    for one in filters:
        values = [_literal(argument.value) for argument in one.args if isinstance(argument, PositionalArgument)]
        if len(values) != len(one.args) or None in values:
            return None
        steps.append((one.name, FILTERS[one.name], tuple(values)))
    return _walk(tuple(map(str, names)), tuple(steps))


def _literal(value: Expression) -> Any:
    """What is written there; None where it is no short literal."""
    is_short = isinstance(value, Literal) and len(str(value.value)) <= LONGEST_ARGUMENT
    return value.value if isinstance(value, Literal) and is_short else None


def _walk(names: tuple[str, ...], steps: tuple[tuple[str, Callable[..., Any], tuple[Any, ...]], ...]) -> Value:
    def walk(data: Mapping[str, Any]) -> object:
        value: Any = data
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError, IndexError):
            value = Undefined(names[0])
        for called, function, arguments in steps:
            try:
                value = function(value, *arguments)
            except LiquidError:
                raise
            except TypeError as error:
                raise LiquidTypeError(f"{called}: {error}", token=None) from error
        return value

    return walk
