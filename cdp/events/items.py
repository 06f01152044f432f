"""The catalogue: one id per item, whatever each source calls it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from cdp.common.copying import Cursor
from cdp.profiles.touched import touch_everybody

CATALOGUE = "catalogue"
"""The fact that changes for everybody who ever did something with an item: what rules say of categories and brands."""
Called = tuple[int, str]
"""(source, what it calls an item)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item as someone describes it; None leaves what is known."""

    id: str
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    url: str | None = None
    image_url: str | None = None
    is_in_stock: bool | None = None
    attributes: dict[str, Any] | None = None


def resolve_items(cursor: Cursor, called: Iterable[Called]) -> dict[Called, str]:
    """The catalogue's id for each name that is an alias at its source; others are their own id."""
    wanted = sorted(set(called))
    if not wanted:
        return {}
    cursor.execute(
        """select a.source_id, a.alias, a.item_id from events_itemalias a
             join unnest(%s::bigint[], %s::text[]) n (source_id, alias) using (source_id, alias)""",
        [[source for source, _ in wanted], [alias for _, alias in wanted]],
    )
    return {(source, alias): item for source, alias, item in cursor.fetchall()}


def upsert_items(cursor: Cursor, items: Sequence[ItemRow], *, now: datetime) -> tuple[int, int]:
    """Creates and updates; of two rows for one item the later says what it says. Returns (created, updated).

    An item that gets another category or brand, also one that events named before the catalogue did, is news.
    """
    merged = _merged(items)
    if not merged:
        return 0, 0
    created = _create(cursor, merged, now=now)
    known = [merged[key] for key in sorted(merged) if key not in created]
    if any(merged[key].category or merged[key].brand for key in created) or _moves(cursor, known):
        touch_everybody(cursor, [CATALOGUE], now=now)
    if known:
        _update(cursor, known, now=now)
    return len(created), len(known)


def add_items(cursor: Cursor, items: Sequence[ItemRow], *, now: datetime) -> int:
    """Creates those that the catalogue lacks and leaves the others as they are. Returns how many were created."""
    merged = _merged(items)
    created = _create(cursor, merged, now=now) if merged else set()
    if any(merged[key].category or merged[key].brand for key in created):
        touch_everybody(cursor, [CATALOGUE], now=now)
    return len(created)


def _merged(items: Sequence[ItemRow]) -> dict[str, ItemRow]:
    merged: dict[str, ItemRow] = {}
    for item in items:
        merged[item.id] = _over(merged.get(item.id), item)
    return merged


def _create(cursor: Cursor, merged: dict[str, ItemRow], *, now: datetime) -> set[str]:
    """The ids that are new."""
    columns = [
        [getattr(merged[key], field) for key in sorted(merged)]
        for field in ("id", "name", "category", "brand", "price", "currency", "url", "image_url", "is_in_stock")
    ]
    attributes = [msgspec.json.encode(merged[key].attributes or {}).decode() for key in sorted(merged)]
    cursor.execute(
        """insert into events_item as i (id, name, category, brand, price, currency, url, image_url, is_in_stock,
                                         attributes, created_at, updated_at)
           select id, coalesce(name, ''), coalesce(category, ''), coalesce(brand, ''), price,
                  coalesce(currency, ''), coalesce(url, ''), coalesce(image_url, ''), coalesce(stock, true),
                  attributes::jsonb, %s, %s
             from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[], %s::text[],
                         %s::text[], %s::boolean[], %s::text[])
                  as n (id, name, category, brand, price, currency, url, image_url, stock, attributes)
           on conflict (id) do nothing returning id""",
        [now, now, *columns, attributes],
    )
    return {row[0] for row in cursor.fetchall()}


def _moves(cursor: Cursor, items: Sequence[ItemRow]) -> bool:
    """Whether one of them, which exist, gets another category or brand."""
    said = {item.id: item for item in items if item.category is not None or item.brand is not None}
    cursor.execute("select id, category, brand from events_item where id = any(%s)", [list(said)])
    return any(
        said[key].category not in (None, category) or said[key].brand not in (None, brand)
        for key, category, brand in cursor.fetchall()
    )


def _update(cursor: Cursor, items: Sequence[ItemRow], *, now: datetime) -> None:
    rows = [
        (
            *(getattr(item, field) for field in ("id", "name", "category", "brand", "price", "currency", "url")),
            item.image_url,
            item.is_in_stock,
            msgspec.json.encode(item.attributes or {}).decode(),
        )
        for item in items
    ]
    cursor.execute(
        """update events_item i
              set name = coalesce(n.name, i.name), category = coalesce(n.category, i.category),
                  brand = coalesce(n.brand, i.brand), price = coalesce(n.price, i.price),
                  currency = coalesce(n.currency, i.currency), url = coalesce(n.url, i.url),
                  image_url = coalesce(n.image_url, i.image_url), is_in_stock = coalesce(n.stock, i.is_in_stock),
                  attributes = i.attributes || n.attributes::jsonb, updated_at = %s
             from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[], %s::text[],
                         %s::text[], %s::boolean[], %s::text[])
                  as n (id, name, category, brand, price, currency, url, image_url, stock, attributes)
            where i.id = n.id""",
        [now, *(list(column) for column in zip(*rows, strict=True))],
    )


def add_aliases(cursor: Cursor, source_id: int, aliases: Iterable[tuple[str, str]]) -> int:
    """`(alias, item id)` pairs; an alias said again points to the item named last. Items must exist."""
    pairs = sorted(dict(aliases).items())
    if not pairs:
        return 0
    cursor.execute(
        """insert into events_itemalias (source_id, alias, item_id)
           select %s, alias, item_id from unnest(%s::text[], %s::text[]) n (alias, item_id)
           on conflict (source_id, alias) do update set item_id = excluded.item_id""",
        [source_id, [alias for alias, _ in pairs], [item for _, item in pairs]],
    )
    return len(pairs)


def _over(known: ItemRow | None, said: ItemRow) -> ItemRow:
    if known is None:
        return said
    fields = {name: getattr(said, name) for name in ItemRow.__slots__ if getattr(said, name) is not None}
    if known.attributes and said.attributes:
        fields["attributes"] = {**known.attributes, **said.attributes}
    return ItemRow(**{**{name: getattr(known, name) for name in ItemRow.__slots__}, **fields})
