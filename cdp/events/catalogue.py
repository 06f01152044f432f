"""Items into the catalogue, thousands at once, by whoever knows them: the API, a file, the demo shop."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class NewItem:
    id: str
    name: str = ""
    category: str = ""
    brand: str = ""
    price: Decimal | None = None
    currency: str = ""
    url: str = ""
    image_url: str = ""
    is_in_stock: bool = True
    attributes: dict[str, Any] = field(default_factory=dict)


def upsert_items(items: Sequence[NewItem], *, now: datetime) -> int:
    """Adds new items and replaces known ones, the last word on an id counting. Returns how many were new."""
    newest = {item.id: item for item in items}
    rows = [
        (
            *(item.id, item.name, item.category, item.brand, item.price, item.currency),
            *(item.url, item.image_url, item.is_in_stock, json.dumps(item.attributes)),
        )
        for _, item in sorted(newest.items())
    ]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into events_item as i (id, name, category, brand, price, currency, url, image_url,
                                             is_in_stock, attributes, created_at, updated_at)
               select n.*, %s, %s
                 from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[],
                             %s::text[], %s::text[], %s::boolean[], %s::jsonb[]) n
               on conflict (id) do update
                  set name = excluded.name, category = excluded.category, brand = excluded.brand,
                      price = excluded.price, currency = excluded.currency, url = excluded.url,
                      image_url = excluded.image_url, is_in_stock = excluded.is_in_stock,
                      attributes = excluded.attributes, updated_at = excluded.updated_at
            returning xmax = 0""",
            [now, now, *(list(column) for column in zip(*rows, strict=True))],
        )
        return sum(is_new for (is_new,) in cursor.fetchall())
