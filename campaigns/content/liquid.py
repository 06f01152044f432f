"""Liquid that people wrote, read: refused with its place where it cannot be, or would take too long."""

import re
from collections.abc import Iterator

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.lex import compile_liquid_rules

from campaigns.content.blocks import ContentError
from campaigns.content.filters import FILTERS
from campaigns.content.sandbox import PLAIN

MOST_ISLANDS = 500
LONGEST_ISLAND = 5_000
MOST_RAW = 20
LONGEST_RANGE = 1_000
LONGEST_GAP = re.compile(r"\s{300}")

ISLANDS = compile_liquid_rules()
"""python-liquid's own rule for where an output, a tag and the text between begin and end."""


def parse(source: str, place: str, *, environment: Environment = PLAIN) -> BoundTemplate:
    """Raises ContentError where it cannot be read, or could never be rendered."""
    _check_size(source, place)
    try:
        parsed = environment.from_string(source)
    except LiquidError as error:
        raise ContentError(place, said(error)) from error
    except RecursionError as error:
        raise ContentError(place, "the Liquid is nested too deeply") from error
    for node in nodes(parsed):
        for expression in node.expressions():
            _check(expression, place)
    return parsed


def said(error: Exception) -> str:
    """What went wrong, in one line."""
    return str(error).split("\n", maxsplit=1)[0].strip().replace("liquid parsing", "Liquid parsing")


def nodes(parsed: BoundTemplate) -> Iterator[Node]:
    """Every node of the tree."""
    context = RenderContext(parsed)
    waiting = list(parsed.nodes)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children(context, include_partials=False))


def within(expression: Expression) -> Iterator[Expression]:
    """The expression and all it is made of."""
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(one.children())


def _check_size(source: str, place: str) -> None:
    """Before the parser sees it: its patterns take long where the source is made for that."""
    if LONGEST_GAP.search(source):
        raise ContentError(place, "holds more than 300 blanks in a row")
    if source.count("{{") + source.count("{%") > MOST_ISLANDS:
        raise ContentError(place, f"holds more than {MOST_ISLANDS:,} pieces of Liquid")
    if len(re.findall(r"\{%-?\s*(?:raw|doc)", source)) > MOST_RAW:
        raise ContentError(place, f"holds more than {MOST_RAW} raw pieces")
    for found in re.finditer(r"\{[{%]", source):
        end = source.find("}}" if found.group() == "{{" else "%}", found.end(), found.end() + LONGEST_ISLAND)
        if end < 0:
            raise ContentError(place, f"“{source[found.start() : found.start() + 20]}…” does not end")


def _check(expression: Expression, place: str) -> None:
    for one in within(expression):
        if isinstance(one, FilteredExpression):
            for used in one.filters or ():
                if used.name not in FILTERS:
                    raise ContentError(place, f"there is no filter “{used.name}”")
        if isinstance(one, RangeLiteral) and not _is_short(one):
            raise ContentError(place, f"a range needs two numbers at most {LONGEST_RANGE:,} apart")


def _is_short(literal: RangeLiteral) -> bool:
    start, stop = literal.start, literal.stop
    if not isinstance(start, IntegerLiteral) or not isinstance(stop, IntegerLiteral):
        return False
    return bool(0 <= stop.value - start.value <= LONGEST_RANGE)
