"""Blocks laid out: as MJML and as plain text, side by side, so that both part at the same places."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from campaigns.content.blocks import (
    Block,
    Button,
    Columns,
    Content,
    Divider,
    FeedBlock,
    Footer,
    Group,
    Heading,
    Html,
    Image,
    Mjml,
    OfferBlock,
    Products,
    Spacer,
    Text,
    Words,
)
from campaigns.content.markdown import Style
from campaigns.content.mjml import Sheet
from campaigns.content.pieces import Fork, Given, Pair, Present, Program
from campaigns.content.sources import At, Sources
from campaigns.content.splits import Splits
from campaigns.content.tokens import Branch
from campaigns.content.uses import FeedUse, ListUse, OfferUse, Use
from cdp.rules.tree import Node

HEADINGS = {1: "28px", 2: "22px", 3: "18px"}
Inside = tuple[Branch, ...]


class Laid(NamedTuple):
    """`mjml` is rows of a column, or sections, as the block wants."""

    mjml: str
    text: Program


@dataclass
class Layout:
    sheet: Sheet
    sources: Sources
    splits: Splits
    uses: list[Use] = field(default_factory=list)
    has_footer: bool = False

    # Words

    def words(self, words: Words, *, label: str, inside: Inside = (), scope: str = "") -> Pair:
        """Liquid without markup, perhaps varied."""
        return self.varied(
            words,
            label=label,
            inside=inside,
            make=lambda source, place, within: self.sources.plain(source, At(place, scope, within)),
        )

    def varied(
        self, words: Words, *, label: str, inside: Inside, make: Callable[[str, str, Inside], Pair]
    ) -> Pair:
        if not words.cases:
            return make(words.otherwise, words.place, inside)
        key = words.place.removeprefix("blocks.")
        split = self.splits.add(key, label=label, whens=[case.when for case in words.cases], inside=inside)
        made = [
            make(case.then, f"{words.place}.cases[{n}].then", (*inside, Branch(key, n)))
            for n, case in enumerate(words.cases)
        ]
        made.append(make(words.otherwise, f"{words.place}.else", (*inside, Branch(key, len(made)))))
        return Pair(
            (Fork(split, tuple(pair.html for pair in made)),), (Fork(split, tuple(pair.text for pair in made)),)
        )

    def address(self, words: Words, *, label: str, inside: Inside, is_needed: bool = True) -> Pair:
        def make(source: str, place: str, within: Inside) -> Pair:
            slot = self.sources.link(source, At(place, "", within), is_needed=is_needed)
            return Pair((slot,), (slot,))

        return self.varied(words, label=label, inside=inside, make=make)

    # Blocks

    def body(self, blocks: Sequence[Block]) -> Laid:
        """Sections: rows that follow one another share one."""
        return self.sections(blocks, ())

    def sections(self, blocks: Sequence[Block], inside: Inside) -> Laid:
        mjml: list[str] = []
        rows: list[str] = []
        text: list[Program] = []
        for block in blocks:
            is_rows = fits_column(block)
            laid = self.chain(block, inside, as_rows=is_rows)
            text.append(laid.text)
            if is_rows:
                rows.append(laid.mjml)
            else:
                mjml += [self.section(rows), laid.mjml]
                rows = []
        return Laid("".join([*mjml, self.section(rows)]), _paragraphs(text))

    def section(self, rows: Sequence[str]) -> str:
        if not rows:
            return ""
        return f'<mj-section background-color="{self.sheet.look.paper}"><mj-column>{"".join(rows)}</mj-column></mj-section>'

    def rows(self, blocks: Sequence[Block], inside: Inside) -> Laid:
        laid = [self.chain(block, inside, as_rows=True) for block in blocks]
        return Laid("".join(one.mjml for one in laid), _paragraphs([one.text for one in laid]))

    def chain(self, block: Block, inside: Inside, *, as_rows: bool) -> Laid:
        """A block with its else, the else of that, and so on: one split."""
        links = list(_links(block))
        if block.when is None:
            return self.one(block, inside, as_rows=as_rows)
        whens = [one.when for one in links if one.when is not None]
        split = self.splits.add(block.id, label=label(block), whens=whens, inside=inside)
        made = [
            self.one(one, (*inside, Branch(block.id, number)), as_rows=as_rows) for number, one in enumerate(links)
        ]
        if len(made) == len(whens):
            made.append(Laid("", ()))
        return Laid(
            self.sheet.parted([one.mjml for one in made], lambda branches: Fork(split, tuple(branches))),
            (Fork(split, tuple(one.text for one in made)),),
        )

    def one(self, block: Block, inside: Inside, *, as_rows: bool) -> Laid:
        """A block without its else, as rows of a column or as sections."""
        content = block.content
        if isinstance(content, Group):
            return self.rows(content.blocks, inside) if as_rows else self.sections(content.blocks, inside)
        laid = self.content(content, block, inside, as_rows=as_rows)
        is_section = isinstance(content, Mjml | Columns | Products)
        return laid if as_rows or is_section else Laid(self.section([laid.mjml]), laid.text)

    def content(self, content: Content, block: Block, inside: Inside, *, as_rows: bool) -> Laid:
        if isinstance(content, Text):
            return self.text(content, block, inside)
        if isinstance(content, Heading):
            return self.heading(content, block, inside)
        if isinstance(content, Button):
            return self.button(content, block, inside)
        return Laid("", ())

    def text(self, content: Text, block: Block, inside: Inside) -> Laid:
        pair = self.sources.markdown(content.text, At(f"{block.place}.text", "", inside), style=self.style)
        return Laid(self.row(pair.html, align=content.align), pair.text)

    def row(self, html: Program, *, align: str) -> str:
        return f'<mj-text align="{align}">{self.sheet.word(html)}</mj-text>'

    def heading(self, content: Heading, block: Block, inside: Inside) -> Laid:
        pair = self.words(content.text, label=f"{label(block)}: words", inside=inside)
        size = HEADINGS[content.level]
        opening = f'<h{content.level} style="margin:0;font-size:{size};line-height:1.25;font-weight:700">'
        word = self.sheet.word((opening, *pair.html, f"</h{content.level}>"))
        return Laid(f'<mj-text align="{content.align}" padding="8px 32px 12px">{word}</mj-text>', pair.text)

    def button(self, content: Button, block: Block, inside: Inside) -> Laid:
        words = self.words(content.text, label=f"{label(block)}: words", inside=inside)
        url = self.address(content.url, label=f"{label(block)}: link", inside=inside)
        mjml = (
            f'<mj-button align="{content.align}" href="{self.sheet.word(url.html)}">'
            f"{self.sheet.word(words.html)}</mj-button>"
        )
        return Laid(mjml, (*words.text, ": ", *url.text))

    @property
    def style(self) -> Style:
        return Style(self.sheet.look.accent)


def label(block: Block) -> str:
    """What the block is called where people choose."""
    return block.label or f"{type(block.content).__name__.removesuffix('Block')} {block.id}"


def fits_column(block: Block) -> bool:
    """Whether all that may stand here is rows of a column."""
    return not any(
        isinstance(one.content, Mjml | Columns | Products)
        or (isinstance(one.content, Group) and not all(map(fits_column, one.content.blocks)))
        for one in _links(block)
    )


def _links(block: Block) -> Iterator[Block]:
    """The block, its else, the else of that."""
    one: Block | None = block
    while one is not None:
        yield one
        one = one.otherwise if one.when is not None else None


def _paragraphs(programs: Sequence[Program]) -> Program:
    return tuple(piece for program in programs for piece in ("\n\n", *program))
