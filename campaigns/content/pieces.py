"""What compiled content is made of: static text, slots to be filled, and places where it parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from liquid import BoundTemplate
from liquid.expression import Expression

PREHEADER, SUBJECT, BEACON = 0, 1, 2
"""Slots that rendering fills first."""


@dataclass(frozen=True)
class Fork:
    """One of the branches of a split."""

    split: int
    branches: tuple["Program", ...]


@dataclass(frozen=True)
class Given:
    """`present` where the context has something for the block under `key` (`offer_of`, `feed_of`), else `absent`."""

    key: str
    block: str
    present: "Program"
    absent: "Program"


@dataclass(frozen=True)
class Present:
    """`present` where `asked` shows anything, else `absent`."""

    asked: "Program"
    present: "Program"
    absent: "Program" = ()


@dataclass(frozen=True)
class Cell:
    """Of an item: name, price, image, reason, url, or the words on its button."""

    field: str


@dataclass(frozen=True)
class CellFork:
    """`present` where the item has the field, else `absent`."""

    field: str
    present: "Program"
    absent: "Program"


class Form(NamedTuple):
    """For the % operator, and what takes the fields it shows out of all of them."""

    text: str
    pick: Callable[[tuple[str, ...]], str | tuple[str, ...]]


@dataclass(frozen=True)
class Grid:
    """Items in rows of `per_row`, each row of units of `per_unit` that stay side by side on phones."""

    block: str
    limit: int
    per_row: int
    per_unit: int
    button: "Program"
    before_row: "Program"
    before_unit: "Program"
    item: "Program"
    after_unit: "Program"
    after_row: "Program"
    forms: dict[int, Form] = field(default_factory=dict, compare=False, repr=False)
    """Of the item, by what it has; made when the first such item is shown."""


Piece = str | int | Fork | Given | Present | Cell | CellFork | Grid
"""A number is the index of a slot."""
Program = tuple[Piece, ...]


class Pair(NamedTuple):
    """The same content for both parts of a mail."""

    html: Program
    text: Program


@dataclass(frozen=True)
class Output:
    """A slot: the value of one expression. `scope` is the block whose offer or feed it may name."""

    expression: Expression
    scope: str
    quick: Callable[[Mapping[str, Any]], object] | None = field(default=None, compare=False)
    """The same, faster, where there is such a way."""


@dataclass(frozen=True)
class Template:
    """A slot: a text with tags of Liquid, rendered for each part."""

    html: BoundTemplate
    text: BoundTemplate
    scope: str
    block: str = ""
    """That its links stand in."""


@dataclass(frozen=True)
class Link:
    """A slot: a target, made a tracked address. One that is not `needed` is left empty where it leads nowhere."""

    parts: tuple[str | int, ...]
    place: str
    is_needed: bool
    block: str = ""
    """That it stands in, so that clicks can be told by it."""


@dataclass(frozen=True)
class Picture:
    """A slot: the address of an image; empty where it has none."""

    parts: tuple[str | int, ...]


@dataclass(frozen=True)
class Measure:
    """A slot in a style: only the letters of a colour, a word or a length are left of it."""

    parts: tuple[int, ...]


Slot = Output | Template | Link | Picture | Measure | None
