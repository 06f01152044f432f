"""One person's mail from compiled content: subject, HTML and text, and which branches were taken.

A context is plain values by name: what is known of the person as written (`first_name`, `profile`, `computed`,
`scores`, `segments`, `cart` …), and for blocks, by their id:

- `lists`: the items of a product block, a list of {id, name, price, currency, url, image_url, reason, brand, category};
  as many as there are are shown, and with none the block is left out;
- `offer_of`: what the person was given in an offer block, or None; its words name it as `offer`;
- `feed_of`: what the endpoint of a feed block answered, or None; its words name it as `feed`.

A link that leads nowhere raises RenderError; an image whose address is none is left out, and so are the link of an
image and the button of an offer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from liquid.exceptions import LiquidError

from campaigns.content.cards import WEB, Card, card, encoded, filled
from campaigns.content.compile import Compiled
from campaigns.content.liquid import said
from campaigns.content.pieces import (
    BEACON,
    PREHEADER,
    SUBJECT,
    Fork,
    Given,
    Grid,
    Link,
    Output,
    Picture,
    Present,
    Program,
    Template,
)
from campaigns.content.sandbox import BLANK, Context, Patience
from campaigns.content.shown import shown
from campaigns.content.wanted import Branching, branching


class RenderError(Exception):
    """The content cannot be made for this person."""


class Links(NamedTuple):
    """`track` gives the tracked address of a target in a block, for the person."""

    track: Callable[[str, str], str]
    unsubscribe_url: str
    preferences_url: str = ""
    beacon: str = ""
    """HTML at the end of the body that tells when the mail is opened; none of a test."""


class Rendered(NamedTuple):
    subject: str
    preheader: str
    html: str
    text: str
    branches: dict[str, int]
    """Key of each split that was reached → the number of the branch taken, the else being the last."""


def render(
    compiled: Compiled,
    context: Mapping[str, Any],
    *,
    holds: Sequence[bool],
    links: Links,
    forced: Mapping[str, int] = {},
) -> Rendered:
    """`holds[i]` says whether compiled.rules[i] holds for the person; `forced` takes the branch with that number."""
    found = branching(compiled.splits, holds=holds, forced=forced)
    return render_branches(compiled, context, branching=found, links=links)


def render_branches(compiled: Compiled, context: Mapping[str, Any], *, branching: Branching, links: Links) -> Rendered:
    """`branching` may be that of many: few patterns of what holds are worked out for all people."""
    writer = _Writer(compiled, context, branching.taken, links)
    try:
        subject = writer.line(compiled.subject, SUBJECT)
        preheader = writer.line(compiled.preheader, PREHEADER)
        html = writer.written(compiled.html, is_html=True)
        text = writer.written(compiled.text, is_html=False)
    except LiquidError as error:
        raise RenderError(said(error)) from error
    except UnicodeError as error:
        raise RenderError("A value holds letters that cannot be written.") from error
    except RecursionError as error:
        raise RenderError("The content is nested too deeply.") from error
    return Rendered(subject, preheader, html, _tidy(text), branching.reached)


def _tidy(text: str) -> str:
    """What was left out leaves no gaps."""
    if " \n" in text or ("\t" in text and "\t\n" in text):
        text = re.sub(r"[ \t]+\n", "\n", text)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip() + "\n"


SCHEMES = (*WEB, "mailto:", "tel:")
NO_MEASURE = re.compile(r"[^\w#.% -]")


class _Writer:
    """One person's. Each slot is evaluated once, when the first branch that is taken needs it."""

    def __init__(self, compiled: Compiled, context: Mapping[str, Any], taken: Sequence[int], links: Links) -> None:
        self.slots = compiled.slots
        self.taken = taken
        self.links = links
        self.data = {**context, "unsubscribe_url": links.unsubscribe_url, "preferences_url": links.preferences_url}
        self.patience = Patience()
        self.liquid: Context | None = None
        n = len(compiled.slots)
        self.texts: list[str | None] = [None] * n
        self.htmls: list[str | None] = [None] * n
        self.htmls[BEACON] = links.beacon
        self.followed: dict[tuple[str, str], str] = {}
        self.block = ""
        self.cards: dict[str, list[Card]] = {}

    def line(self, program: Program, slot: int) -> str:
        """A text of one line, kept in its slot."""
        made = " ".join(self.written(program, is_html=False).split())
        self.texts[slot], self.htmls[slot] = made, escape(made)
        return made

    def written(self, program: Program, *, is_html: bool) -> str:
        out: list[str] = []
        self._write(program, out.append, is_html)
        return "".join(out)

    def _write(self, program: Program, add: Callable[[str], None], is_html: bool) -> None:
        """The usual kinds first, by class: this loop is most of the work."""
        kept = self.htmls if is_html else self.texts
        piece: Any
        for piece in program:
            kind = piece.__class__
            if kind is str:
                add(piece)
            elif kind is int:
                found = kept[piece]
                add(self._slot(piece, is_html) if found is None else found)
            elif kind is Fork:
                self._write(piece.branches[self.taken[piece.split]], add, is_html)
            elif kind is Present:
                self._write(piece.present if self._is_there(piece.asked) else piece.absent, add, is_html)
            elif kind is Given:
                has = (self.data.get(piece.key) or {}).get(piece.block) is not None
                self._write(piece.present if has else piece.absent, add, is_html)
            elif kind is Grid:
                self._grid(piece, add, is_html)

    def _is_there(self, asked: Program) -> bool:
        slot: Any = asked[0] if len(asked) == 1 else None
        if slot.__class__ is int:
            found = self.texts[slot]
            return bool(self._slot(slot, False) if found is None else found)
        return bool(self.written(asked, is_html=False).strip())

    def _slot(self, index: int, is_html: bool) -> str:
        self.patience.step()
        slot = self.slots[index]
        if isinstance(slot, Template):
            made = self._template(slot, is_html)
            (self.htmls if is_html else self.texts)[index] = made
            return made
        text = self.texts[index]
        if text is None:
            text = self.texts[index] = self._value(slot)
        if is_html:
            text = self.htmls[index] = escape(text)
        return text

    def _value(self, slot: Any) -> str:
        if slot.__class__ is Output:
            return self._output(slot)
        written = "".join(
            [part if part.__class__ is str else (self.texts[part] or self._slot(part, False)) for part in slot.parts]
        ).strip()
        if isinstance(slot, Link):
            return self.follow(written, is_needed=slot.is_needed, place=slot.place, block=slot.block)
        return self.webpicture(written) if isinstance(slot, Picture) else self.measure(written)

    def _output(self, slot: Output) -> str:
        if not slot.scope:
            if slot.quick is not None:
                return shown(slot.quick(self.data))
            return shown(slot.expression.evaluate(self._context()))
        if slot.quick is not None:
            return shown(slot.quick({**self.data, **self._scope(slot.scope)}))
        liquid = self._context()
        liquid.scope.push(self._scope(slot.scope))
        try:
            return shown(slot.expression.evaluate(liquid))
        finally:
            liquid.scope.pop()

    def _context(self) -> Context:
        if self.liquid is None:
            self.liquid = Context(BLANK, globals=self.data, turn=self)
        return self.liquid

    def _template(self, slot: Template, is_html: bool) -> str:
        """Its variables are its own; the time it may take is that of the whole mail."""
        template = slot.html if is_html else slot.text
        liquid = Context(template, globals={**self.data, **self._scope(slot.scope)}, turn=self)
        buffer = liquid.get_buffer()
        self.block = slot.block
        template.render_with_context(liquid, buffer)
        return buffer.getvalue()

    def _scope(self, block: str) -> dict[str, Any]:
        if not block:
            return {}
        return {
            "offer": (self.data.get("offer_of") or {}).get(block),
            "feed": (self.data.get("feed_of") or {}).get(block),
        }

    def trackedlink(self, target: str) -> str:
        return self.follow(target, block=self.block)

    def webpicture(self, target: str) -> str:
        return encoded(target) if target.startswith(WEB) else ""

    def measure(self, value: str) -> str:
        return NO_MEASURE.sub("", value)[:60]

    def follow(self, target: str, *, is_needed: bool = True, place: str = "", block: str = "") -> str:
        """The address to write for a target: tracked, but for those that take a person off our lists."""
        key = target, block
        found = self.followed.get(key)
        if found is None:
            found = self.followed[key] = self._followed(target, is_needed=is_needed, place=place, block=block)
        return found

    def _followed(self, target: str, *, is_needed: bool, place: str, block: str) -> str:
        if target and target in (self.links.unsubscribe_url, self.links.preferences_url):
            return target
        if target.startswith(WEB):
            return self.links.track(encoded(target), block)
        if target.startswith(SCHEMES):
            return encoded(target)
        if is_needed:
            raise RenderError(f"A link ({place}) leads to “{target[:80]}”, which is no web address.")
        return ""

    def _grid(self, grid: Grid, add: Callable[[str], None], is_html: bool) -> None:
        cards = self.cards.get(grid.block)
        if cards is None:
            cards = self.cards[grid.block] = self._cards(grid)
        before_row, before_unit, after_unit, after_row = [
            self._frame(one, is_html) for one in (grid.before_row, grid.before_unit, grid.after_unit, grid.after_row)
        ]
        for start in range(0, len(cards), grid.per_row):
            row = cards[start : start + grid.per_row]
            add(before_row)
            for first in range(0, len(row), grid.per_unit):
                add(before_unit)
                for one in row[first : first + grid.per_unit]:
                    add(filled(grid, one, is_html=is_html))
                add(after_unit)
            add(after_row)

    def _frame(self, program: Program, is_html: bool) -> str:
        """Around items: nothing, or one static text, nearly always."""
        if not program:
            return ""
        only = program[0] if len(program) == 1 else None
        return only if isinstance(only, str) else self.written(program, is_html=is_html)

    def _cards(self, grid: Grid) -> list[Card]:
        items = ((self.data.get("lists") or {}).get(grid.block) or ())[: grid.limit]
        button = self.written(grid.button, is_html=False) if items else ""
        cards = []
        for item in items:
            url = shown(item.get("url")).strip()
            cards.append(
                card(item, url=self.follow(url, is_needed=False, block=grid.block) if url else "", button=button)
            )
        return cards
