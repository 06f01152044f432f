"""What all blocks are laid out with: the sheet, the texts, the splits; and how their words vary."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from campaigns.content.blocks import Block, Words
from campaigns.content.called import name_of
from campaigns.content.markdown import Style
from campaigns.content.mjml import Sheet
from campaigns.content.pieces import Fork, Pair, Present, Program
from campaigns.content.sources import At, Sources
from campaigns.content.splits import Splits
from campaigns.content.tokens import Branch
from campaigns.content.uses import Use

Inside = tuple[Branch, ...]


class Laid(NamedTuple):
    """`mjml` is rows of a column, or sections, as was asked."""

    mjml: str
    text: Program


@dataclass(frozen=True)
class Spot:
    """A block and the branches that lead to it."""

    block: Block
    inside: Inside

    def at(self, field: str, *, scope: str = "") -> At:
        return At(f"{self.block.place}.{field}", scope, self.inside)

    @property
    def label(self) -> str:
        return name_of(self.block)


@dataclass
class Desk:
    sheet: Sheet
    sources: Sources
    splits: Splits
    uses: list[Use] = field(default_factory=list)
    has_footer: bool = False

    @property
    def style(self) -> Style:
        return Style(self.sheet.look.accent)

    def words(self, words: Words, *, label: str, inside: Inside = ()) -> Pair:
        """Liquid without markup, perhaps varied."""
        return self.varied(
            words,
            label=label,
            inside=inside,
            make=lambda source, place, within: self.sources.plain(source, At(place, "", within)),
        )

    def address(self, words: Words, *, label: str, inside: Inside, is_needed: bool = True) -> Pair:
        def make(source: str, place: str, within: Inside) -> Pair:
            slot = self.sources.link(source, At(place, "", within), is_needed=is_needed)
            return Pair((slot,), (slot,))

        return self.varied(words, label=label, inside=inside, make=make)

    def picture(self, words: Words, *, label: str, inside: Inside, alt: str) -> Pair:
        def make(source: str, place: str, within: Inside) -> Pair:
            slot = self.sources.picture(source, At(place, "", within), alt=alt)
            return Pair((slot,), (slot,))

        return self.varied(words, label=label, inside=inside, make=make)

    def varied(self, words: Words, *, label: str, inside: Inside, make: Callable[[str, str, Inside], Pair]) -> Pair:
        """Each case made by itself; which one stands is a split named by the place."""
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

    def present(self, asked: Program, mjml: str, otherwise: str = "") -> str:
        """MJML that stands only where `asked` shows anything."""
        return self.sheet.parted([mjml, otherwise], lambda made: (Present(asked, made[0], made[1]),))

    def text_row(self, html: Program, *, align: str = "left", more: str = "") -> str:
        return f'<mj-text align="{align}" {more}>{self.sheet.word(html)}</mj-text>'

    def section(self, rows: Sequence[str]) -> str:
        if not any(rows):
            return ""
        paper = self.sheet.look.paper
        return f'<mj-section background-color="{paper}"><mj-column>{"".join(rows)}</mj-column></mj-section>'


def paragraphs(programs: Sequence[Program]) -> Program:
    return tuple(piece for program in programs for piece in ("\n\n", *program))
