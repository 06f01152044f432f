"""Liquid that tells, of each token it prints, whether the person sees a value, the fallback, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from io import StringIO
from typing import Any, TextIO

from liquid import BoundTemplate, RenderContext
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError
from liquid.filter import with_context

from campaigns.check.parts import Spot
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

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, Telling)
        context.took_fallback = False
        value = self.expression.evaluate(context)
        text = shown(value)
        if not text.strip():
            context.saw[self.number] = Saw.NOTHING
        elif context.took_fallback or isinstance(value, Fallback):
            context.saw[self.number] = max(Saw.FALLBACK, context.saw.get(self.number, Saw.VALUE))
        else:
            context.saw.setdefault(self.number, Saw.VALUE)
        return buffer.write(text)


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
        for node in outputs if spot.is_counted else ():
            node.number = len(tokens)
            tokens.append(_token(index, node))
        scripts.append(Script(spot, template, range(first, len(tokens))))
    return scripts, tokens


def read_aloud(script: Script, context: Mapping[str, Any], saw: dict[int, Saw]) -> str:
    """What stands there for the person, and into `saw` what was seen of its tokens. Raises Broken."""
    if script.template is None:
        return script.spot.source
    telling = Telling(script.template, globals=context, saw=saw)
    buffer = StringIO()
    try:
        for node in script.template.nodes:
            node.render(telling, buffer)
    except LiquidError as error:
        raise Broken(said(error)) from error
    return buffer.getvalue()


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
