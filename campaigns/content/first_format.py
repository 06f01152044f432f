"""The content of a mail as JSON: blocks in order, each perhaps with a condition and an else."""

from dataclasses import dataclass
from typing import Any

from campaigns.content.blocks import ContentError
from cdp.rules.fields import Fields, RuleError
from cdp.rules.parse import parse as parse_rule
from cdp.rules.tree import Node

VERSION = 1
MOST_BLOCKS = 100
LONGEST = 20_000


@dataclass(frozen=True)
class Text:
    text: str
    place: str


@dataclass(frozen=True)
class Heading:
    text: str
    place: str


@dataclass(frozen=True)
class Button:
    text: str
    url: str
    place: str


Plain = Text | Heading | Button


@dataclass(frozen=True)
class Block:
    """`plain` for those the rule holds for, `otherwise` (or nothing) for the others."""

    plain: Plain
    when: Node | None = None
    otherwise: Plain | None = None


def read(content: object) -> list[Block]:
    """`content` is `{"version": 1, "blocks": […]}`; raises ContentError."""
    try:
        fields = Fields.of(content, "content")
        fields.only("version", "blocks", "subject", "preheader", "look")
        if fields.value("version") != VERSION:
            raise RuleError(fields.at("version"), f"must be {VERSION}")
        blocks = [_block(one) for one in fields.items("blocks", most=MOST_BLOCKS)]
    except RuleError as error:
        raise ContentError(error.place, error.message) from error
    if not blocks:
        raise ContentError("content.blocks", "needs at least one block")
    return blocks


def _block(fields: Fields) -> Block:
    plain = _plain(fields, "when", "else")
    if not fields.has("when"):
        if fields.has("else"):
            raise RuleError(fields.at("else"), "needs a condition beside it")
        return Block(plain)
    otherwise = _plain(fields.inner("else")) if fields.has("else") else None
    return Block(plain, when=_rule(fields), otherwise=otherwise)


def _rule(fields: Fields) -> Node:
    try:
        return parse_rule(fields.value("when"))
    except RuleError as error:
        raise RuleError(f"{fields.at('when')}.{error.place}", error.message) from error


def _plain(fields: Fields, *more: str) -> Plain:
    kind = fields.choice("kind", ("text", "heading", "button"))
    if kind == "button":
        fields.only("kind", "text", "url", *more)
        return Button(fields.text("text"), fields.text("url"), fields.place)
    fields.only("kind", "text", *more)
    return (Text if kind == "text" else Heading)(_long(fields), fields.place)


def _long(fields: Fields) -> str:
    value: Any = fields.value("text")
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or "\x00" in value:
        raise RuleError(fields.at("text"), f"must be a text of at most {LONGEST:,} characters that is not empty")
    return value
