"""A mail's texts one by one: where each stands, which branches lead there, and what each branch holds in brief."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from campaigns.content.blocks import (
    Block,
    Button,
    Columns,
    FeedBlock,
    Footer,
    Group,
    Heading,
    Html,
    Image,
    Mail,
    Mjml,
    OfferBlock,
    Text,
    Words,
)
from campaigns.content.called import brief, name_of
from campaigns.content.compile import Branch, Compiled

Inside = tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A text with Liquid, or without."""

    place: str
    source: str
    inside: Inside
    is_link: bool = False
    is_image: bool = False
    is_needed: bool = False
    """A link that leads nowhere makes the mail impossible."""
    is_counted: bool = True
    """False for a link within a text: its tokens are counted there."""
    offer: str = ""
    """Id of the offer block it stands in: `offer` is what is given there, and only those who get it read this."""
    refused: str = ""
    """Id of the offer block whose refused read this."""
    feed: str = ""
    """Id of the feed block it stands in."""


@dataclass(slots=True)
class Parts:
    spots: list[Spot] = field(default_factory=list)
    says: dict[Branch, str] = field(default_factory=dict)
    """What each branch holds."""
    names: dict[str, str] = field(default_factory=dict)
    """Block id → what its author would call it."""
    without: dict[str, bool] = field(default_factory=dict)
    """Offer and feed blocks → whether something stands there instead."""

    def varied(self, words: Words, inside: Inside) -> Iterator[tuple[str, str, Inside]]:
        """Place, value and branches of each of its values."""
        if not words.cases:
            yield words.place, words.otherwise, inside
            return
        key = words.place.removeprefix("blocks.")
        values = [*(case.then for case in words.cases), words.otherwise]
        for number, value in enumerate(values):
            place = f"{words.place}.else" if number == len(words.cases) else f"{words.place}.cases[{number}].then"
            self.says[Branch(key, number)] = brief(value)
            yield place, value, (*inside, Branch(key, number))

    def words(self, words: Words, inside: Inside) -> None:
        for place, source, within in self.varied(words, inside):
            self.spots.append(Spot(place, source, within))

    def link(self, words: Words, inside: Inside, *, is_needed: bool) -> None:
        for place, source, within in self.varied(words, inside):
            self.spots.append(Spot(place, source, within, is_link=True, is_needed=is_needed))

    def image(self, words: Words, inside: Inside) -> None:
        for place, source, within in self.varied(words, inside):
            self.spots.append(Spot(place, source, within, is_image=True))


def parts_of(mail: Mail, compiled: Compiled) -> Parts:
    parts = Parts()
    parts.words(mail.subject, ())
    parts.words(mail.preheader, ())
    _blocks(parts, mail.blocks, ())
    parts.spots.extend(_links(parts.spots, compiled))
    return parts


def _links(spots: list[Spot], compiled: Compiled) -> list[Spot]:
    """Links within texts. Of a text with conditions or loops one cannot say here which of them are reached."""
    by_place = {spot.place: spot for spot in spots}
    found = []
    for link in compiled.links:
        text = by_place.get(link.place)
        if text is not None and not text.is_link and "{%" not in text.source:
            made = replace(text, source=link.target, is_link=True, is_needed=True, is_counted=False)
            found.append(made)
    return found


def _blocks(parts: Parts, blocks: tuple[Block, ...], inside: Inside) -> None:
    for block in blocks:
        if block.when is None:
            _content(parts, block, inside)
            continue
        chain = list(_chain(block))
        for number, one in enumerate(chain):
            parts.says[Branch(block.id, number)] = name_of(one)
            _content(parts, one, (*inside, Branch(block.id, number)))
        if chain[-1].when is not None:
            parts.says[Branch(block.id, len(chain))] = "Nothing"


def _chain(block: Block) -> Iterator[Block]:
    one: Block | None = block
    while one is not None:
        yield one
        one = one.otherwise if one.when is not None else None


def _content(parts: Parts, block: Block, inside: Inside) -> None:
    said, at = block.content, block.place
    parts.names[block.id] = name_of(block)
    if isinstance(said, Text | Footer):
        parts.spots.append(Spot(f"{at}.text", said.text, inside))
    elif isinstance(said, Heading):
        parts.words(said.text, inside)
    elif isinstance(said, Mjml | Html):
        parts.spots.append(Spot(f"{at}.source", said.source, inside))
    elif isinstance(said, Image):
        parts.image(said.src, inside)
        parts.spots.append(Spot(f"{at}.alt", said.alt, inside))
        if said.url is not None:
            parts.link(said.url, inside, is_needed=False)
    elif isinstance(said, Button):
        parts.words(said.text, inside)
        parts.link(said.url, inside, is_needed=True)
    elif isinstance(said, OfferBlock):
        _offer(parts, block, said, inside)
    elif isinstance(said, FeedBlock):
        parts.without[block.id] = bool(said.without.strip())
        parts.spots.append(Spot(f"{at}.text", said.text, inside, feed=block.id))
    elif isinstance(said, Columns):
        for column in said.columns:
            _blocks(parts, column, inside)
    elif isinstance(said, Group):
        _blocks(parts, said.blocks, inside)


def _offer(parts: Parts, block: Block, said: OfferBlock, inside: Inside) -> None:
    list(parts.varied(said.offer, inside))
    parts.without[block.id] = bool(said.without.strip())
    for name in ("title", "text", "button"):
        parts.spots.append(Spot(f"{block.place}.{name}", getattr(said, name), inside, offer=block.id))
    parts.spots.append(Spot(f"{block.place}.without", said.without, inside, refused=block.id))
