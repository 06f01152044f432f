"""Items of the catalogue as mails see them: plain values only."""

import re
from collections.abc import Iterable
from typing import Any

from scoring.recommend.shown import Card, Shown

Item = dict[str, Any]


OF_THEM = re.compile(r"^(because|like what|goes with what) they\b|, (which|where) they have\b")
"""Reasons speak of the person; a mail speaks to them."""


def to_you(reason: str) -> str:
    return OF_THEM.sub(lambda found: found[0].replace("they", "you"), reason)


def as_item(card: Card | None, item_id: str, *, reason: str = "") -> Item:
    """An item that left the catalogue keeps its id as its name."""
    return {
        "id": item_id,
        "name": (card.name if card else "") or item_id,
        "url": card.url if card else "",
        "image_url": card.image_url if card else "",
        "price": card.price if card else None,
        "currency": card.currency if card else "",
        "category": card.category if card else "",
        "brand": card.brand if card else "",
        "reason": reason,
    }


class AsItems:
    """Makes lists of items; what several people are shown for the same reason is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Item] = {}

    def of(self, shown: Iterable[Shown]) -> list[Item]:
        return [self._made.get((one.item.id, one.reason)) or self._make(one) for one in shown]

    def _make(self, one: Shown) -> Item:
        made = as_item(one.item, one.item.id, reason=to_you(one.reason))
        self._made[one.item.id, one.reason] = made
        return made
