"""What a text's Liquid reads: every path with its filters, and whether the author thought of its being empty."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from liquid import BoundTemplate
from liquid.ast import ConditionalBlockNode, Node
from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import (
    BooleanExpression,
    ContainsExpression,
    LogicalAndExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import IntegerLiteral, StringLiteral
from liquid.builtin.tags.case_tag import CaseNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.context import RenderContext
from liquid.expression import Expression as Liquid

from campaigns.content.liquid import parse

Names = tuple[str, ...]


class Branch(NamedTuple):
    """A split by its key, and the number of one of its branches."""

    split: str
    number: int


@dataclass(frozen=True)
class Token:
    """A value that content reads. What a loop or {% assign %} names is none, but what it is made of is."""

    place: str
    path: Names
    """profile.city is ("profile", "city"); what is only known when it is rendered is left out, as in cart.items[n]."""
    filters: Names
    has_default: bool
    is_guarded: bool
    """It stands where a condition of the text found it there."""
    is_condition: bool
    """It is asked for, not shown."""
    offset: int
    """Where it stands in its text."""
    inside: tuple[Branch, ...] = ()
    """The branches that lead to it; whoever gets another never sees it."""
    sought: str | None = None
    """What it is asked to contain, where that is a text: segments contains "…"."""
    limit: int | None = None
    """Of a loop over it: how many at most."""
    is_cut: bool = False
    """More of the path follows, which is a number or only known when it is rendered."""
    scope: str = ""
    """The block whose offer or feed it may name."""

    @property
    def name(self) -> str:
        return ".".join(self.path)


Expression = Token


def expressions(source: str, place: str) -> tuple[Token, ...]:
    """Of one text; raises ContentError where it cannot be read."""
    return tuple(tokens_of(parse(source, place), place=place))


def tokens_of(
    parsed: BoundTemplate, *, place: str, inside: tuple[Branch, ...] = (), scope: str = ""
) -> Iterator[Token]:
    reader = _Reader(place, inside, scope, RenderContext(parsed), set())
    for node in parsed.nodes:
        yield from reader.node(node, frozenset())


Known = frozenset[Names]
"""Paths that are there, for a condition found them."""


@dataclass
class _Reader:
    place: str
    inside: tuple[Branch, ...]
    scope: str
    context: RenderContext
    own: set[str]
    """Names that the text gave itself."""
    sought: dict[int, str] = field(default_factory=dict)
    """By the path's identity: the text it is asked to contain."""
    limits: dict[int, int] = field(default_factory=dict)

    def node(self, node: Node, known: Known) -> Iterator[Token]:
        is_asked = isinstance(node, IfNode | UnlessNode | CaseNode | ConditionalBlockNode | ForNode)
        for expression in node.expressions():
            yield from self.expression(expression, known, is_condition=is_asked)
        self.own.update(map(str, node.template_scope()))
        added = set(map(str, node.block_scope())) - self.own
        self.own |= added
        for child, found in self.children(node):
            yield from self.node(child, known | found)
        self.own -= added

    def children(self, node: Node) -> Iterator[tuple[Node, Known]]:
        """Each with what is sure to be there in it."""
        if isinstance(node, IfNode):
            yield node.consequence, _found(node.condition)
        elif isinstance(node, ConditionalBlockNode):
            yield node.block, _found(node.expression)
            return
        elif isinstance(node, UnlessNode):
            yield node.consequence, _missed(node.condition)
        elif isinstance(node, ForNode):
            yield node.block, _paths(node.expression)
        first = getattr(node, "consequence", getattr(node, "block", None))
        skipped = first if isinstance(node, IfNode | UnlessNode | ForNode) else None
        for child in node.children(self.context, include_partials=False):
            if child is not skipped:
                yield child, frozenset()

    def expression(self, expression: Liquid, known: Known, *, is_condition: bool) -> Iterator[Token]:
        filters: tuple[Filter, ...] = ()
        if isinstance(expression, FilteredExpression):
            filters = tuple(expression.filters or ())
            yield from self.path(expression.left, filters, known, is_condition=is_condition)
            for index, one in enumerate(filters):
                is_covered = any(later.name == "default" for later in filters[index + 1 :])
                for argument in one.children():
                    for token in self.expression(argument, known, is_condition=is_condition):
                        yield replace(token, has_default=token.has_default or is_covered)
        else:
            yield from self.path(expression, (), known, is_condition=is_condition)

    def path(
        self, expression: Liquid, filters: tuple[Filter, ...], known: Known, *, is_condition: bool
    ) -> Iterator[Token]:
        if isinstance(expression, ContainsExpression) and isinstance(expression.right, StringLiteral):
            self.sought[id(expression.left)] = expression.right.value
        if isinstance(expression, LoopExpression) and isinstance(expression.limit, IntegerLiteral):
            self.limits[id(expression.iterable)] = expression.limit.value
        if isinstance(expression, Path):
            names = _names(expression)
            if names and names[0] not in self.own:
                yield Token(
                    place=self.place,
                    path=names,
                    filters=tuple(one.name for one in filters),
                    has_default=any(one.name == "default" for one in filters),
                    is_guarded=any(names[: len(one)] == one for one in known),
                    is_condition=is_condition,
                    offset=expression.token.start_index,
                    inside=self.inside,
                    sought=self.sought.get(id(expression)),
                    limit=self.limits.get(id(expression)),
                    is_cut=len(names) < len(expression.path),
                    scope=self.scope,
                )
        for child in expression.children():
            yield from self.expression(child, known, is_condition=is_condition)


def _names(path: Path) -> Names:
    """Up to where it is known before rendering."""
    names: list[str] = []
    for segment in path.path:
        if not isinstance(segment, str):
            break
        names.append(segment)
    return tuple(names)


def _found(condition: Liquid) -> Known:
    """What is there where the condition holds: what stands alone, or is compared, and all that `and` joins."""
    if isinstance(condition, BooleanExpression):
        return _found(condition.expression)
    if isinstance(condition, LogicalAndExpression):
        return _found(condition.left) | _found(condition.right)
    if isinstance(condition, Path):
        return frozenset({_names(condition)})
    kind = type(condition).__name__
    if isinstance(condition, NeExpression):
        return _paths(condition.left) if _is_nothing(condition.right) else frozenset()
    if kind in ("EqExpression", "ContainsExpression", "GtExpression", "GeExpression", "LtExpression", "LeExpression"):
        return frozenset() if _is_nothing(condition.right) else _paths(condition.left)  # type: ignore[attr-defined]
    return frozenset()


def _missed(condition: Liquid) -> Known:
    """What is there where the condition does not hold."""
    if isinstance(condition, BooleanExpression):
        return _missed(condition.expression)
    if type(condition).__name__ == "EqExpression" and _is_nothing(condition.right):  # type: ignore[attr-defined]
        return _paths(condition.left)  # type: ignore[attr-defined]
    return frozenset()


def _is_nothing(expression: Liquid) -> bool:
    return str(expression) in ("nil", "null", "blank", "empty", "", "''", '""')


def _paths(expression: Liquid) -> Known:
    if isinstance(expression, Path):
        return frozenset({_names(expression)})
    return frozenset().union(*map(_paths, expression.children()))
