"""One person's mail from compiled content: subject, HTML and text, and which branches were taken.

A context is plain values by name: what is known of the person as written (`first_name`, `profile`, `computed`,
`scores`, `segments`, `cart` …), and for blocks, by their id:

- `lists`: the items of a product block, a list of {id, name, price, currency, url, image_url, reason, brand, category};
  of none, or fewer, so many are shown, and with none the block is left out;
- `offer_of`: what the person was given in an offer block, or None; its words name it as `offer`;
- `feed_of`: what the endpoint of a feed block answered, or None; its words name it as `feed`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from liquid.exceptions import LiquidError

from campaigns.content.compile import Compiled
from campaigns.content.filters import money
from campaigns.content.liquid import BLANK, Context, said
from campaigns.content.pieces import (
    PREHEADER,
    SUBJECT,
    Cell,
    CellFork,
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
from campaigns.content.shown import shown
from campaigns.content.wanted import choices, reached


class RenderError(Exception):
    """The content cannot be made for this person."""


@dataclass(frozen=True)
class Links:
    """`track` gives the tracked address of a target, for the person."""

    track: Callable[[str], str]
    unsubscribe_url: str
    preferences_url: str = ""


@dataclass(frozen=True)
class Rendered:
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
    taken = choices(compiled.splits, holds=holds, forced=forced)
    writer = _Writer(compiled, context, taken, links)
    try:
        subject = writer.line(compiled.subject, SUBJECT)
        preheader = writer.line(compiled.preheader, PREHEADER)
        html = writer.html(compiled.html)
        text = writer.text(compiled.text)
    except LiquidError as error:
        raise RenderError(said(error)) from error
    except RecursionError as error:
        raise RenderError("The content is nested too deeply.") from error
    return Rendered(subject, preheader, html, _tidy(text), reached(compiled.splits, taken))


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


LEGAL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
SCHEMES = ("https://", "http://", "mailto:", "tel:")


class _Writer:
    """One person's. Each slot is evaluated once, when the first branch that is taken needs it."""

    def __init__(self, compiled: Compiled, context: Mapping[str, Any], taken: list[int], links: Links) -> None:
        self.compiled = compiled
        self.taken = taken
        self.links = links
        self.data = {**context, "unsubscribe_url": links.unsubscribe_url, "preferences_url": links.preferences_url}
        self.liquid = Context(BLANK, globals=self.data, follow=self.follow)
        n = len(compiled.slots)
        self.texts: list[str | None] = [None] * n
        self.htmls: list[str | None] = [None] * n
        self.followed: dict[str, str] = {}

    def line(self, program: Program, slot: int) -> str:
        """A text of one line, kept in its slot."""
        made = " ".join(self.text(program).split())
        self.texts[slot], self.htmls[slot] = made, escape(made)
        return made

    def html(self, program: Program) -> str:
        out: list[str] = []
        self._write(program, out.append, is_html=True)
        return "".join(out)

    def text(self, program: Program) -> str:
        out: list[str] = []
        self._write(program, out.append, is_html=False)
        return "".join(out)

    def _write(self, program: Program, add: Callable[[str], None], *, is_html: bool) -> None:
        kept = self.htmls if is_html else self.texts
        for piece in program:
            if piece.__class__ is str:
                add(piece)  # type: ignore[arg-type]
            elif piece.__class__ is int:
                found = kept[piece]  # type: ignore[index]
                add(self._slot(piece, is_html) if found is None else found)  # type: ignore[arg-type]
            elif isinstance(piece, Fork):
                self._write(piece.branches[self.taken[piece.split]], add, is_html=is_html)
            elif isinstance(piece, Given):
                has = (self.data.get(piece.key) or {}).get(piece.block) is not None
                self._write(piece.present if has else piece.absent, add, is_html=is_html)
            elif isinstance(piece, Present):
                if self.texts[piece.slot] or self._slot(piece.slot, False):
                    self._write(piece.program, add, is_html=is_html)
            elif isinstance(piece, Grid):
                self._grid(piece, add, is_html=is_html)

    def _slot(self, index: int, is_html: bool) -> str:
        slot = self.compiled.slots[index]
        if slot.__class__ is Template:
            return self._template(index, slot, is_html)
        text = self.texts[index]
        if text is None:
            text = self.texts[index] = self._value(slot)
        if is_html:
            text = self.htmls[index] = escape(text)
        return text

    def _value(self, slot: Any) -> str:
        if isinstance(slot, Output):
            if not slot.scope:
                return shown(slot.expression.evaluate(self.liquid))
            self.liquid.scope.push(self._scope(slot.scope))
            try:
                return shown(slot.expression.evaluate(self.liquid))
            finally:
                self.liquid.scope.pop()
        target = "".join(
            part if isinstance(part, str) else (self.texts[part] or self._slot(part, False)) for part in slot.parts
        ).strip()
        if isinstance(slot, Link):
            return self.follow(target, is_needed=slot.is_needed, place=slot.place)
        return encoded(target) if target.startswith(SCHEMES[:2]) else ""

    def _template(self, index: int, slot: Template, is_html: bool) -> str:
        """Its variables are its own."""
        template = slot.html if is_html else slot.text
        liquid = Context(template, globals={**self.data, **self._scope(slot.scope)}, follow=self.follow)
        liquid.until = self.liquid.until
        buffer = liquid.get_buffer()
        template.render_with_context(liquid, buffer)
        made = buffer.getvalue()
        (self.htmls if is_html else self.texts)[index] = made
        return made

    def _scope(self, block: str) -> dict[str, Any]:
        if not block:
            return {}
        return {
            "offer": (self.data.get("offer_of") or {}).get(block),
            "feed": (self.data.get("feed_of") or {}).get(block),
        }

    def follow(self, target: str, *, is_needed: bool = True, place: str = "") -> str:
        """The address to write for a target: tracked, but for those that take a person off our lists."""
        found = self.followed.get(target)
        if found is None:
            found = self.followed[target] = self._followed(target, is_needed=is_needed, place=place)
        return found

    def _followed(self, target: str, *, is_needed: bool, place: str) -> str:
        if target and target in (self.links.unsubscribe_url, self.links.preferences_url):
            return target
        if target.startswith(SCHEMES[:2]):
            return self.links.track(encoded(target))
        if target.startswith(SCHEMES):
            return encoded(target)
        if is_needed:
            raise RenderError(f"A link ({place}) leads to “{target[:80]}”, which is no web address.")
        return ""

    def _grid(self, grid: Grid, add: Callable[[str], None], *, is_html: bool) -> None:
        items = ((self.data.get("lists") or {}).get(grid.block) or ())[: grid.limit]
        for start in range(0, len(items), grid.per_row):
            row = items[start : start + grid.per_row]
            self._write(grid.before_row, add, is_html=is_html)
            for first in range(0, len(row), grid.per_unit):
                self._write(grid.before_unit, add, is_html=is_html)
                for item in row[first : first + grid.per_unit]:
                    self._item(grid.item, self._cells(item), add, is_html=is_html)
                self._write(grid.after_unit, add, is_html=is_html)
            self._write(grid.after_row, add, is_html=is_html)

    def _item(self, program: Program, cells: dict[str, str], add: Callable[[str], None], *, is_html: bool) -> None:
        for piece in program:
            if isinstance(piece, Cell):
                value = cells[piece.field]
                add(escape(value) if is_html else value)
            elif isinstance(piece, CellFork):
                self._item(piece.present if cells[piece.field] else piece.absent, cells, add, is_html=is_html)
            else:
                self._write((piece,), add, is_html=is_html)

    def _cells(self, item: Mapping[str, Any]) -> dict[str, str]:
        url, image = shown(item.get("url")), shown(item.get("image_url"))
        return {
            "name": shown(item.get("name")),
            "price": price(item),
            "reason": shown(item.get("reason")),
            "url": self.follow(url, is_needed=False) if url else "",
            "image": encoded(image) if image.startswith(SCHEMES[:2]) else "",
        }


def price(item: Mapping[str, Any]) -> str:


    return money(item.get("price"), item.get("currency") or "EUR")


def encoded(target: str) -> str:
    """What may not stand in an address, as its percent code."""
    return target if LEGAL.fullmatch(target) else quote(target, safe="-._~:/?#[]@!$&'()*+,;=%", errors="replace")
