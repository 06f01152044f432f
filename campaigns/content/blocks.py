"""The content of a mail as a tree: what docs/content.md describes as JSON, read and checked."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from cdp.rules.tree import Node

VERSION = 2
T = TypeVar("T")


class ContentError(Exception):
    """The content cannot be used as it is. `place` is a path such as `blocks.k3f9.text` or `subject.cases[0].when`."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


@dataclass(frozen=True)
class Problem:
    """Something to put right. An error keeps the mail from being sent; a warning does not."""

    place: str
    message: str
    is_error: bool = True


@dataclass(frozen=True)
class Case(Generic[T]):
    when: Node
    then: T


@dataclass(frozen=True)
class Varied(Generic[T]):
    """The value of the first case that holds for the person, else `otherwise`."""

    place: str
    otherwise: T
    cases: tuple[Case[T], ...] = ()


Words = Varied[str]
"""Liquid, perhaps different for different people."""


@dataclass(frozen=True)
class Look:
    """How the whole mail looks; colours as `#rrggbb`."""

    font: str
    text: str
    background: str
    paper: str
    accent: str
    width_px: int = 600


@dataclass(frozen=True)
class Text:
    """Markdown (no HTML) with Liquid."""

    text: str
    align: str = "left"


@dataclass(frozen=True)
class Heading:
    text: Words
    level: int = 1
    align: str = "left"


@dataclass(frozen=True)
class Image:
    src: Words
    alt: str
    url: Words | None = None
    width_px: int | None = None


@dataclass(frozen=True)
class Button:
    text: Words
    url: Words
    align: str = "left"


@dataclass(frozen=True)
class Divider:
    pass


@dataclass(frozen=True)
class Spacer:
    height_px: int


@dataclass(frozen=True)
class ItemSource:
    """Where a grid's items come from.

    `kind`: viewed, recommended, similar, together, popular, new (as the recommendations give them), category (popular
    in `category`), cart (what was put in and not ordered), last_purchase, or feed (`feed` names it, `path` leads to
    its list). `fallback` takes over where that gives fewer than `limit`: popular, new, or hide (the block is left out).
    """

    kind: str
    fallback: str
    category: str = ""
    feed: str = ""
    path: str = ""
    in_stock: bool = True
    leaves_out_bought: bool = True


@dataclass(frozen=True)
class Products:
    source: ItemSource
    limit: int
    per_row: int
    button: str
    """Words on each item's button; empty: none."""
    shows_price: bool = True
    shows_reason: bool = False


@dataclass(frozen=True)
class OfferBlock:
    """`offer` is the key of an offer. `without` stands instead where the person cannot have it (empty: nothing)."""

    offer: Words
    title: str
    """Liquid; `offer` is the one given: offer.name, .code, .value, .unit, .ends_on, .terms, .url."""
    text: str
    button: str
    without: str


@dataclass(frozen=True)
class FeedBlock:
    """Markdown with Liquid in which `feed` is what the endpoint answered; `without` stands instead where it failed."""

    feed: str
    text: str
    without: str


@dataclass(frozen=True)
class Mjml:
    """Sections of MJML with Liquid."""

    source: str


@dataclass(frozen=True)
class Html:
    source: str


@dataclass(frozen=True)
class Footer:
    """Markdown with Liquid; the link to unsubscribe follows it."""

    text: str


@dataclass(frozen=True)
class Columns:
    columns: tuple[tuple["Block", ...], ...]
    """Two to four; none holds columns itself."""


@dataclass(frozen=True)
class Group:
    """The blocks of a saved module that stand under a condition of their own."""

    blocks: tuple["Block", ...]


Content = (
    Text
    | Heading
    | Image
    | Button
    | Divider
    | Spacer
    | Products
    | OfferBlock
    | FeedBlock
    | Mjml
    | Html
    | Footer
    | Columns
    | Group
)


@dataclass(frozen=True)
class Block:
    """`content` for those the rule holds for; the others get `otherwise`, which may ask on, or nothing.

    A saved module stands as its blocks, in place, their ids led by the id of the block that names it; one with a
    condition stands as a Group of them.
    """

    id: str
    content: Content
    when: Node | None = None
    otherwise: "Block | None" = None
    label: str = ""

    @property
    def place(self) -> str:
        return f"blocks.{self.id}"


@dataclass(frozen=True)
class Mail:
    subject: Words
    preheader: Words
    look: Look
    blocks: tuple[Block, ...]
