"""The items of product blocks: of thousands of people in few statements for each distinct source."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.content.as_items import AsItems, Item, as_item
from campaigns.content.blocks import ItemSource
from campaigns.content.bought import carts_of, last_purchases_of
from scoring.recommend.shown import Filters, cards_of, items_for

Lists = dict[int, list[Item]]
"""By profile id."""
IN_FEED = ("id", "name", "url", "image_url", "price", "currency", "category", "brand", "reason")
MOST_IN_FEED = 100


def items_of(
    source: ItemSource,
    ids: Collection[int],
    *,
    limit: int,
    now: datetime,
    currency: str,
    answers: Mapping[int, Any],
) -> Lists:
    """`limit` items for each, fewer where nothing fills them up. `answers` is what the source's feed said."""
    if source.kind in ("cart", "last_purchase"):
        found = _own(source.kind, ids, now=now, currency=currency)
    elif source.kind == "feed":
        found = _of_feed({who: _at(answers.get(who), source.path) for who in ids})
    else:
        return _of_recommendations(source, ids, limit=limit, now=now)
    return _filled(found, source, ids, limit=limit, now=now)


def _of_recommendations(source: ItemSource, ids: Collection[int], *, limit: int, now: datetime) -> Lists:
    kind = "popular" if source.kind == "category" else source.kind
    filters = Filters(
        in_stock=source.in_stock,
        category=source.category,
        but_bought=source.leaves_out_bought,
        has_fallback=source.fallback == "popular",
    )
    made = AsItems()
    found = {
        who: made.of(shown) for who, shown in items_for(ids, kind=kind, limit=limit, now=now, filters=filters).items()
    }
    return _filled(found, source, ids, limit=limit, now=now) if source.fallback == "new" else found


def _own(kind: str, ids: Collection[int], *, now: datetime, currency: str) -> Lists:
    found = (
        carts_of(ids, now=now, currency=currency)
        if kind == "cart"
        else last_purchases_of(ids, now=now, zone=ZoneInfo("UTC"), currency=currency)
    )
    return {who: one["items"] for who, one in found.items()}


def _filled(found: Lists, source: ItemSource, ids: Collection[int], *, limit: int, now: datetime) -> Lists:
    """Those with fewer than `limit` get what the fallback gives; with none they keep what they have."""
    whole = {who: found.get(who, [])[:limit] for who in ids}
    short = [who for who, items in whole.items() if len(items) < limit]
    if source.fallback == "hide" or not short:
        return whole
    filters = Filters(in_stock=source.in_stock, category=source.category)
    made = AsItems()
    for who, shown in items_for(short, kind=source.fallback, limit=limit, now=now, filters=filters).items():
        there = {item["id"] for item in whole[who]}
        more = (item for item in made.of(shown) if item["id"] not in there)
        whole[who] = [*whole[who], *islice(more, limit - len(whole[who]))]
    return whole


def _of_feed(listed: Mapping[int, Sequence[Any]]) -> Lists:
    """An entry is the id of an item of the catalogue, or an object that says of itself what it says."""
    entries = {who: [_entry(one) for one in some[:MOST_IN_FEED]] for who, some in listed.items()}
    cards = cards_of({one["id"] for some in entries.values() for one in some if one and one["id"]})
    return {
        who: [
            {**as_item(cards.get(one["id"]), one["id"]), **{key: value for key, value in one.items() if value}}
            for one in some
            if one and (one["id"] in cards or one.get("name"))
        ]
        for who, some in entries.items()
    }


def _entry(one: Any) -> dict[str, Any] | None:
    if isinstance(one, str | int) and not isinstance(one, bool):
        return {"id": str(one)}
    if not isinstance(one, Mapping):
        return None
    said = {key: one[key] for key in IN_FEED if isinstance(one.get(key), str | int | float)}
    return {**said, "id": str(one.get("id") or one.get("product_id") or "")}


def _at(value: Any, path: str) -> Sequence[Any]:
    """The list that the path leads to, as `data.products`; empty where there is none."""
    for part in filter(None, path.split(".")):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, list) else []
