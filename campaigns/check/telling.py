"""Liquid that tells, of each token it prints, whether the person sees a value, the fallback, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from io import StringIO
from typing import Any, TextIO

from liquid import BoundTemplate, RenderContext
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError
from liquid.filter import with_context

from campaigns.check.parts import Spot
from campaigns.content.filters import LONGEST
from campaigns.content.liquid import nodes, parse, said
from campaigns.content.sandbox import Context, Sandbox
from campaigns.content.shown import shown

MOST_SOURCE = 120


class Saw(IntEnum):
    """The worst of a token that stands in a loop."""

    VALUE = 0
    FALLBACK = 1
    NOTHING = 2


class Fallback(str):
    """What `default` put there: it stays known when it is assigned to a name and printed later."""

    __slots__ = ()


_UNSET: Any = object()


@with_context
def _default(value: object, instead: object = "", *, context: "Telling", allow_false: bool = False) -> object:
    if not _is_unset(value, allow_false=allow_false):
        return value
    context.took_fallback = True
    return Fallback(instead) if isinstance(instead, str) else instead


def _is_unset(value: object, *, allow_false: bool) -> bool:
    """As the filter `default` decides it."""
    return SANDBOX_DEFAULT(value, _UNSET, allow_false=allow_false) is _UNSET


class Telling(Context):
    took_fallback = False

    def __init__(self, template: BoundTemplate, *, globals: Mapping[str, object], saw: dict[int, Saw]) -> None:
        super().__init__(template, globals=globals)
        self.saw = saw


class TellingNode(OutputNode):
    number = -1
    quick: tuple[str, ...] = ()
    """The way to its value, where nothing but `default` is done with it."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, Telling)
        return buffer.write(self.tell(context))

    def tell(self, context: Telling) -> str:
        context.took_fallback = False
        value = self.expression.evaluate(context)
        text = shown(value)
        if not text.strip():
            context.saw[self.number] = Saw.NOTHING
        elif context.took_fallback or isinstance(value, Fallback):
            context.saw[self.number] = max(Saw.FALLBACK, context.saw.get(self.number, Saw.VALUE))
        else:
            context.saw.setdefault(self.number, Saw.VALUE)
        return text

    def plainly(self, context: Mapping[str, Any]) -> str | None:
        """The text of most tokens, which are texts that are there; None where Liquid must say."""
        if not self.quick:
            return None
        value: Any = context
        for part in self.quick:
            if value.__class__ is not dict:
                return None
            value = value.get(part)
        return value if value.__class__ is str and len(value) < LONGEST and value.strip() else None


class TellingOutput(Output):
    node_class = TellingNode


SANDBOX = Sandbox()
SANDBOX.add_tag(TellingOutput)
SANDBOX_DEFAULT = SANDBOX.filters["default"]
SANDBOX.filters["default"] = _default


@dataclass(frozen=True, slots=True)
class Token:
    """One `{{ … }}`. `path` is what it begins with; empty where that is no name."""

    spot: int
    source: str
    path: tuple[str | int, ...]
    has_default: bool
    means_nothing: bool
    """Its default is nothing: whoever wrote it wants it so."""


@dataclass(frozen=True, slots=True)
class Script:
    """A spot made ready. `template` is None where it is the same for all: there is nothing to look at."""

    spot: Spot
    template: BoundTemplate | None
    tokens: range
    """Numbers of its tokens."""
    pieces: tuple[str | TellingNode, ...] | None = None
    """Of a text without tags: what stands there, and the tokens between."""


class Broken(Exception):
    """This person's mail cannot be made."""


def scripts_of(spots: list[Spot]) -> tuple[list[Script], list[Token]]:
    """Raises ContentError where Liquid cannot be read: problems_of finds that before."""
    scripts: list[Script] = []
    tokens: list[Token] = []
    for index, spot in enumerate(spots):
        if "{{" not in spot.source and "{%" not in spot.source:
            scripts.append(Script(spot, None, range(0)))
            continue
        template = parse(spot.source, spot.place, environment=SANDBOX)
        outputs = sorted((one for one in nodes(template) if isinstance(one, TellingNode)), key=_start)
        first = len(tokens)
        for node in outputs:
            node.quick = _quick(node)
            if spot.is_counted:
                node.number = len(tokens)
                tokens.append(_token(index, node))
        scripts.append(Script(spot, template, range(first, len(tokens)), _pieces(template)))
    return scripts, tokens


def read_aloud(script: Script, context: Mapping[str, Any], saw: dict[int, Saw]) -> str:
    """What stands there for the person, and into `saw` what was seen of its tokens. Raises Broken."""
    if script.template is None:
        return script.spot.source
    try:
        if script.pieces is not None:
            return _read_pieces(script.template, script.pieces, context, saw)
        telling = Telling(script.template, globals=context, saw=saw)
        buffer = StringIO()
        for node in script.template.nodes:
            node.render(telling, buffer)
    except LiquidError as error:
        raise Broken(said(error)) from error
    return buffer.getvalue()


def _read_pieces(
    template: BoundTemplate, pieces: Sequence[str | TellingNode], context: Mapping[str, Any], saw: dict[int, Saw]
) -> str:
    """Three times as fast as the template, for nearly all tokens are texts that are there."""
    telling: Telling | None = None
    made = []
    for piece in pieces:
        if isinstance(piece, str):
            made.append(piece)
            continue
        text = piece.plainly(context)
        if text is not None:
            saw[piece.number] = Saw.VALUE
        else:
            telling = telling or Telling(template, globals=context, saw=saw)
            text = piece.tell(telling)
        made.append(text)
    return "".join(made)


def _pieces(template: BoundTemplate) -> tuple[str | TellingNode, ...] | None:
    found: list[str | TellingNode] = []
    for node in template.nodes:
        if isinstance(node, ContentNode):
            found.append(node.text)
        elif isinstance(node, TellingNode):
            found.append(node)
        else:
            return None
    return tuple(found)


def _quick(node: TellingNode) -> tuple[str, ...]:
    expression = node.expression
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return ()
    path = expression.left.path
    is_plain = all(isinstance(part, str) and part not in ("size", "first", "last") for part in path)
    return tuple(map(str, path)) if is_plain and all(one.name == "default" for one in expression.filters or ()) else ()


def _start(node: OutputNode) -> int:
    return int(node.token.start_index)


def _token(spot: int, node: TellingNode) -> Token:
    expression = node.expression
    path: tuple[str | int, ...] = ()
    defaults = []
    if isinstance(expression, FilteredExpression):
        if isinstance(expression.left, Path):
            path = tuple(part for part in expression.left.path if isinstance(part, str | int))
        defaults = [one for one in expression.filters or () if one.name == "default"]
    source = f"{{{{ {expression} }}}}"[:MOST_SOURCE]
    last = str(defaults[-1].args[0]) if defaults and defaults[-1].args else ""
    means_nothing = bool(defaults) and not last.strip("'\" ")
    return Token(spot, source, path, bool(defaults), means_nothing)
