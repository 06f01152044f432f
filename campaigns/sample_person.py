"""A made-up person to look at a mail as: where there is nobody yet, or where nobody's data shall be shown."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from campaigns.content.as_items import Item
from campaigns.content.blocks import ItemSource
from campaigns.content.lists import items_of
from campaigns.content.press import Press, Ready
from campaigns.content.vocabulary import fold

NAME = "Maria Lindqvist"
EMAIL = "maria@example.com"
POPULAR = ItemSource("popular", "new")
TRAITS: Mapping[str, Any] = MappingProxyType(
    {
        "firstname": "Maria",
        "givenname": "Maria",
        "lastname": "Lindqvist",
        "surname": "Lindqvist",
        "familyname": "Lindqvist",
        "name": NAME,
        "fullname": NAME,
        "email": EMAIL,
        "phone": "+46 8 123 456 78",
        "city": "Stockholm",
        "town": "Stockholm",
        "country": "Sweden",
        "language": "sv",
        "gender": "female",
        "birthday": date(1988, 4, 12),
        "company": "Example Ltd",
    }
)
"""By the folded name of the trait."""


def fill_in(ready: Ready, press: Press, *, now: datetime) -> None:
    """What tokens ask of her, and items where she would have none; elsewhere what stands for an empty value is seen."""
    context = ready.context
    for wanted in press.needs.traits:
        value = TRAITS.get(fold(wanted.path[-1]))
        if value is not None:
            _put(context, wanted.place, value)
    shown = [use for use in press.compiled.lists if use.block in ready.choice.wanted.lists]
    lists = context.setdefault("lists", {})
    if any(not lists.get(use.block) for use in shown) or press.needs.has_cart or press.needs.has_last_purchase:
        items = _popular(press, now=now)
        for use in shown:
            lists[use.block] = lists.get(use.block) or items[: use.limit]
        if press.needs.has_cart:
            context["cart"] = _bought(items, press)
        if press.needs.has_last_purchase:
            context["last_purchase"] = _bought(items, press) | {"date": now - timedelta(days=40), "order_id": "1001"}


def _popular(press: Press, *, now: datetime) -> list[Item]:
    limit = max([2, *(use.limit for use in press.compiled.lists)])
    return items_of(POPULAR, [0], limit=limit, now=now, currency=press.needs.currency, answers={})[0]


def _bought(items: list[Item], press: Press) -> dict[str, Any]:
    some = items[:2]
    return {"items": some, "value": sum(one["price"] or 0 for one in some), "currency": press.needs.currency}


def _put(context: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    *way, last = place
    for part in way:
        inner = context.get(part)
        if not isinstance(inner, dict):
            inner = context[part] = {}
        context = inner
    context[last] = value
