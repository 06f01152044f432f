"""Liquid in a sandbox: python-liquid with its limits set, over plain values, with nothing to call or to load."""

from collections.abc import Callable, Iterable, Mapping
from html import escape, unescape
from time import thread_time
from typing import Any, Protocol, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.exceptions import LoopIterationLimitError, ResourceLimitError
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_TAG
from liquid.token import Token as LiquidToken
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

from campaigns.content.filters import FILTERS
from campaigns.content.shown import Html, shown, shown_as_html

TAGS = frozenset({"if", "unless", "case", "for", "assign", "capture", "cycle", "comment", "break", "continue", "#"})
MOST_PROCESSOR_S = 0.05
"""Of one person's mail: some hundred times what a usual one takes."""
STEPS_PER_LOOK = 8


class Patience:
    """Looks at the processor's time after some steps: whatever the content, it ends, however busy the machine."""

    __slots__ = ("steps", "until")

    def __init__(self) -> None:
        self.steps = 0
        self.until = thread_time() + MOST_PROCESSOR_S

    def step(self) -> None:
        self.steps += 1
        if not self.steps % STEPS_PER_LOOK and thread_time() > self.until:
            raise ResourceLimitError("this takes too long", token=None)


class Context(RenderContext):
    """Over plain values; it knows no clock."""

    def __init__(self, template: BoundTemplate, *, globals: Mapping[str, object], turn: "Turn | None" = None) -> None:
        super().__init__(template, globals=globals)
        self.turn = turn
        self.step = (turn.patience if turn else Patience()).step
        self.scope = ReadOnlyChainMap(self.locals, self.globals)
        self.rounds = 0

    @property
    def disabled_tags(self) -> list[str]:
        """Every node asks this before it renders."""
        self.step()
        return []

    @disabled_tags.setter
    def disabled_tags(self, value: list[str]) -> None:
        pass

    def get(self, path: list[object], *, token: Any, default: object = UNDEFINED) -> object:
        self.step()
        return super().get(path, token=token, default=default)

    def filter(self, name: str, token: Any) -> Callable[..., object]:
        self.step()
        return super().filter(name, token)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """All loops of a text together, not only those in one another."""
        self.rounds += length
        if self.rounds > Sandbox.loop_iteration_limit:
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


class Enclosed(Node):
    """Between two tags of our own: an address or a measure, which must be looked at once its Liquid is known."""

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
        written = unescape(inner.getvalue()) if is_html else inner.getvalue()
        made = getattr(context.turn, self.token.value)(written.strip())
        return buffer.write(escape(made) if is_html else made)

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        yield self.block


class EnclosedTag(Tag):
    """Written by us into a text whose Liquid was read before; nobody else can use it."""

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        block = get_parser(self.env).parse_block(stream, (self.end,))
        stream.expect(TOKEN_TAG, value=self.end)
        return Enclosed(token, block)


class LinkTag(EnclosedTag):
    name, end = "trackedlink", "endtrackedlink"


class PictureTag(EnclosedTag):
    name, end = "webpicture", "endwebpicture"


class MeasureTag(EnclosedTag):
    name, end = "measure", "endmeasure"


class Turn(Protocol):
    """Whose turn it is: how long it may take, and what becomes of the enclosed."""

    patience: Patience

    def trackedlink(self, target: str) -> str: ...

    def webpicture(self, target: str) -> str: ...

    def measure(self, value: str) -> str: ...


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


def _sandbox(*tags: type[Tag]) -> Sandbox:
    made = Sandbox()
    for tag in tags:
        made.add_tag(tag)
    return made


PLAIN = Sandbox()
"""For subjects, addresses, and to read what people write."""
ENCLOSING = (LinkTag, PictureTag, MeasureTag)
HTML = _sandbox(EscapingOutput, CaptureInHtml, *ENCLOSING)
"""For static HTML with Liquid in it: every value is escaped."""
WITH_LINKS = _sandbox(*ENCLOSING)
"""For the text part of a text with links in it."""

BLANK = PLAIN.from_string("")
"""What expressions that stand alone are evaluated in."""
