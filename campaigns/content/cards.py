"""The items of a grid: what each shows, and the form it is filled in, one per combination of what items have."""

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import quote

from campaigns.content.filters import money
from campaigns.content.pieces import Cell, CellFork, Form, Grid, Program
from campaigns.content.shown import shown

FIELDS = ("name", "price", "image", "reason", "url", "button")
WEB = ("https://", "http://")
LEGAL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
KEPT = 8192
"""Items shown to many are made ready once."""


class Card(NamedTuple):
    """`has` has a bit for each field that is not empty; the words are in the order of FIELDS."""

    has: int
    text: tuple[str, ...]
    html: tuple[str, ...]


def encoded(target: str) -> str:
    """What may not stand in an address, as its percent code."""
    return target if LEGAL.fullmatch(target) else quote(target, safe="-._~:/?#[]@!$&'()*+,;=%", errors="replace")


def card(item: Mapping[str, Any], *, url: str, button: str) -> Card:
    """`url` is the tracked address, empty where the item has none."""
    text, html, has = _same_for_all(
        item.get("name"), item.get("price"), item.get("currency"), item.get("image_url"), item.get("reason")
    )
    return Card(has | (16 if url else 0), (*text, url, button), (*html, escape(url), escape(button)))


@lru_cache(maxsize=KEPT)
def _same_for_all(
    name: Any, price: Any, currency: Any, image: Any, reason: Any
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    source = shown(image).strip()
    words = (
        shown(name),
        money(price, currency or "EUR"),
        encoded(source) if source.startswith(WEB) else "",
        shown(reason),
    )
    return words, tuple(map(escape, words)), sum(1 << n for n, word in enumerate(words) if word)


def filled(grid: Grid, card: Card, *, is_html: bool) -> str:
    form = grid.forms.get(card.has)
    if form is None:
        form = grid.forms[card.has] = _form(grid.item, card.has)
    words = card.html if is_html else card.text
    return form.text % form.pick(words)


def _form(item: Program, has: int) -> Form:
    text: list[str] = []
    fields: list[int] = []

    def write(pieces: Program) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                text.append(piece.replace("%", "%%"))
            elif isinstance(piece, Cell):
                text.append("%s")
                fields.append(FIELDS.index(piece.field))
            elif isinstance(piece, CellFork):
                write(piece.present if has >> FIELDS.index(piece.field) & 1 else piece.absent)

    write(item)
    return Form("".join(text), itemgetter(*fields) if fields else _nothing)


def _nothing(words: tuple[str, ...]) -> tuple[str, ...]:
    return ()
