"""Content made ready once per send: Liquid parsed, rules told apart, so that rendering only fills in."""

from collections.abc import Callable
from dataclasses import dataclass

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError

from campaigns.content.blocks import ContentError
from campaigns.content.first_format import Block, Button, Heading, Plain
from cdp.rules.tree import Node


class Sandbox(Environment):
    """Resource limits, each far above what a mail needs. Contexts are plain dicts: there is nothing to call."""

    context_depth_limit = 20
    loop_iteration_limit = 10_000
    local_namespace_limit = 1_000_000
    output_stream_limit = 500_000
    block_nesting_limit = 20


def sandbox() -> Sandbox:
    """Everything filled in is escaped later, as a whole; `safe` is gone all the same."""
    made = Sandbox()
    made.filters.pop("safe", None)
    for tag in ("include", "render"):
        made.tags.pop(tag, None)
    return made


@dataclass(frozen=True)
class Piece:
    """One block's look and its templates; `url` only for buttons."""

    look: str
    text: BoundTemplate
    url: BoundTemplate | None = None


@dataclass(frozen=True)
class CompiledBlock:
    """`rule` indexes Compiled.rules; None stands always."""

    piece: Piece
    rule: int | None = None
    otherwise: Piece | None = None


@dataclass(frozen=True)
class Compiled:
    subject: BoundTemplate
    blocks: tuple[CompiledBlock, ...]
    rules: tuple[Node, ...]
    """Each distinct rule once."""


def compile_mail(subject: str, blocks: list[Block]) -> Compiled:
    """Raises ContentError where Liquid cannot be read."""
    parse = _parser(sandbox())
    rules: list[Node] = []
    made = []
    for block in blocks:
        if block.when is not None and block.when not in rules:
            rules.append(block.when)
        made.append(
            CompiledBlock(
                piece=_piece(block.plain, parse),
                rule=None if block.when is None else rules.index(block.when),
                otherwise=None if block.otherwise is None else _piece(block.otherwise, parse),
            )
        )
    return Compiled(parse(subject, "subject"), tuple(made), tuple(rules))


Parse = Callable[[str, str], BoundTemplate]


def _parser(environment: Sandbox) -> Parse:
    def parse(source: str, place: str) -> BoundTemplate:
        try:
            parsed = environment.from_string(source)
        except LiquidError as error:
            raise ContentError(place, str(error).split("\n", maxsplit=1)[0]) from error
        if unknown := sorted(set(parsed.analyze().filters) - set(environment.filters)):
            raise ContentError(place, f"there is no filter “{unknown[0]}”")
        return parsed

    return parse


def _piece(plain: Plain, parse: Parse) -> Piece:
    text = parse(plain.text, f"{plain.place}.text")
    if isinstance(plain, Button):
        return Piece("button", text, parse(plain.url, f"{plain.place}.url"))
    return Piece("heading" if isinstance(plain, Heading) else "text", text)
