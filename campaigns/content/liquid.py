"""Liquid in a sandbox: python-liquid with its limits set, over plain values, with nothing to call or to load."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape, unescape
from time import thread_time
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.exceptions import LiquidError, LoopIterationLimitError, ResourceLimitError
from liquid.expression import Expression
from liquid.lex import compile_liquid_rules
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_TAG
from liquid.token import Token as LiquidToken
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

from campaigns.content.blocks import ContentError
from campaigns.content.filters import FILTERS
from campaigns.content.shown import Html, shown, shown_as_html

TAGS = frozenset({"if", "unless", "case", "for", "assign", "capture", "cycle", "comment", "break", "continue", "#"})
MOST_PROCESSOR_S = 0.1
"""Of one person's mail: a thousand times what a usual one takes."""
STEPS_PER_LOOK = 16
MOST_ISLANDS = 2_000
LONGEST_ISLAND = 5_000
MOST_RAW = 20
LONGEST_RANGE = 1_000
LONGEST_GAP = re.compile(r"\s{300}")

ISLANDS = compile_liquid_rules()
"""python-liquid's own rule for where an output, a tag and the text between begin and end."""


class Context(RenderContext):
    """Counts its steps and looks at the processor's time: whatever the template, it ends. Knows no clock."""

    def __init__(
        self, template: BoundTemplate, *, globals: Mapping[str, object], follow: Callable[[str], str] = str
    ) -> None:
        super().__init__(template, globals=globals)
        self.follow = follow
        """Makes a target a tracked address."""
        self.scope = ReadOnlyChainMap(self.locals, self.globals)
        self.rounds = 0
        self.steps = 0
        self.until = thread_time() + MOST_PROCESSOR_S

    @property
    def disabled_tags(self) -> list[str]:
        """Every node asks this before it renders."""
        self.step()
        return []

    @disabled_tags.setter
    def disabled_tags(self, value: list[str]) -> None:
        pass

    def step(self) -> None:
        self.steps += 1
        if not self.steps % STEPS_PER_LOOK and thread_time() > self.until:
            raise ResourceLimitError("this takes too long", token=None)

    def get(self, path: list[object], *, token: Any, default: object = UNDEFINED) -> object:
        self.step()
        return super().get(path, token=token, default=default)

    def filter(self, name: str, token: Any) -> Callable[..., object]:
        self.step()
        return super().filter(name, token)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """All loops of a text together, not only those in one another."""
        self.rounds += length
        if self.rounds > self.env.loop_iteration_limit:
            raise LoopIterationLimitError("too many rounds of loops", token=None)


class Escaping(OutputNode):
    """Escapes what it writes into HTML; what was captured is HTML already."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(shown_as_html(self.expression.evaluate(context)))


class Showing(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(shown(self.expression.evaluate(context)))


class EscapingOutput(Output):
    node_class = Escaping


class ShowingOutput(Output):
    node_class = Showing


class HtmlCapture(CaptureNode):
    def _assign(self, context: RenderContext, buf: Any) -> None:
        context.assign(self.name, Html(buf.getvalue()))


class CaptureInHtml(CaptureTag):
    node_class = HtmlCapture


class Tracked(Node):
    """Between our own two tags: a target, made the person's tracked address."""

    __slots__ = ("block",)

    def __init__(self, token: LiquidToken, block: BlockNode) -> None:
        super().__init__(token)
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        inner = context.get_buffer(buffer)
        self.block.render(context, inner)
        assert isinstance(context, Context)
        is_html = context.env is HTML
        target = unescape(inner.getvalue()) if is_html else inner.getvalue()
        address = context.follow(target.strip())
        return buffer.write(escape(address) if is_html else address)

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        yield self.block


class TrackedTag(Tag):
    """Written by us into a text whose Liquid was read before; nobody else can use it."""

    name = "trackedlink"
    end = "endtrackedlink"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        block = get_parser(self.env).parse_block(stream, (self.end,))
        stream.expect(TOKEN_TAG, value=self.end)
        return Tracked(token, block)


LINK_START, LINK_END = "{% trackedlink %}", "{% endtrackedlink %}"


class Sandbox(Environment):
    """Resource limits, each far above what a mail needs."""

    context_depth_limit = 20
    loop_iteration_limit = 10_000
    local_namespace_limit = 1_000_000
    output_stream_limit = 500_000
    block_nesting_limit = 20

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        self.filters = dict(FILTERS)
        internal = {"content", "output", "illegal"}
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS | internal}
        self.add_tag(ShowingOutput)


def _for_html() -> Sandbox:
    made = Sandbox()
    made.add_tag(EscapingOutput)
    made.add_tag(CaptureInHtml)
    made.add_tag(TrackedTag)
    return made


PLAIN = Sandbox()
"""For subjects, addresses and the text part."""
HTML = _for_html()
"""For static HTML with Liquid in it: every value is escaped."""
WITH_LINKS = Sandbox()
"""For the text part of a text with links in it."""
WITH_LINKS.add_tag(TrackedTag)


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
            raise ContentError(place, f"“{source[found.start():found.start() + 20]}…” does not end")


def _check(expression: Expression, place: str) -> None:
    for one in within(expression):
        if isinstance(one, FilteredExpression):
            for used in one.filters or ():
                if used.name not in FILTERS:
                    raise ContentError(place, f"there is no filter “{used.name}”")
        if isinstance(one, RangeLiteral) and not _is_short(one):
            raise ContentError(place, f"a range needs two numbers at most {LONGEST_RANGE:,} apart")


def _is_short(literal: RangeLiteral) -> bool:
    ends = literal.start, literal.stop
    if not all(isinstance(end, IntegerLiteral) for end in ends):
        return False
    return 0 <= literal.stop.value - literal.start.value <= LONGEST_RANGE  # type: ignore[attr-defined]

BLANK = PLAIN.from_string("")
"""What expressions that stand alone are evaluated in."""
