"""What people bought last and what lies in their carts, of many in a few statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.content.as_items import as_item
from cdp.common.copying import numbers
from cdp.events.money import number
from scoring.recommend.shown import cards_of

CART_LASTS = timedelta(days=30)
"""What was put in longer ago is forgotten."""
MOST_IN_CART = 20
ONE = Decimal(1)

_LAST_ORDERS = """
select distinct on (profile_id) profile_id, order_id, ordered_at, total from events_order
 where profile_id = any(%s::bigint[]) and ordered_at <= %s and not is_cancelled
 order by profile_id, ordered_at desc, order_id desc
"""
# The earliest report of the order that has lines: a second source may have reported the same order.
_LINES = """
select distinct on (o.profile_id, l.line) o.profile_id, l.item_id, l.quantity, l.value
  from unnest(%s::bigint[], %s::text[]) o (profile_id, order_id)
  cross join lateral (
    select r.occurred_at, r.message_id, r.source_id from events_orderreport r
     where r.order_id = o.order_id and r.profile_id = o.profile_id and r.kind = 'completed'
       and exists (select from events_eventitem i where i.profile_id = r.profile_id
                      and i.occurred_at = r.occurred_at and i.message_id = r.message_id and i.source_id = r.source_id)
     order by r.occurred_at, r.source_id, r.message_id limit 1) r
  join events_eventitem l on l.profile_id = o.profile_id and l.occurred_at = r.occurred_at
   and l.message_id = r.message_id and l.source_id = r.source_id
 order by o.profile_id, l.line
"""
_CART = """
select e.profile_id, e.item_id, e.name, e.properties ->> 'quantity'
  from events_event e
 where e.profile_id = any(%(ids)s::bigint[]) and e.name in ('Product Added', 'Product Removed')
   and e.item_id is not null and e.occurred_at > %(since)s and e.occurred_at <= %(now)s
   and not exists (select from events_eventitem l where l.profile_id = e.profile_id and l.item_id = e.item_id
                      and l.name = 'Order Completed' and l.occurred_at >= e.occurred_at and l.occurred_at <= %(now)s)
   and not exists (select from events_event o where o.profile_id = e.profile_id and o.item_id = e.item_id
                      and o.name = 'Order Completed' and o.occurred_at >= e.occurred_at and o.occurred_at <= %(now)s)
 order by e.profile_id, e.occurred_at, e.message_id
"""


def last_purchases_of(
    ids: Collection[int], *, now: datetime, zone: ZoneInfo, currency: str, with_items: bool = True
) -> dict[int, dict[str, Any]]:
    """Who never ordered is missing. Values are in `currency`, the one that orders are kept in."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ORDERS, [numbers(ids), now])
        orders = cursor.fetchall()
        found = {
            who: {
                "date": at.astimezone(zone),
                "value": total,
                "currency": currency,
                "order_id": "" if order_id.startswith("message ") else order_id,
                "items": [],
            }
            for who, order_id, at, total in orders
        }
        if not with_items or not orders:
            return found
        cursor.execute(_LINES, [[one[0] for one in orders], [one[1] for one in orders]])
        lines = cursor.fetchall()
    cards = cards_of({line[1] for line in lines})
    for who, item_id, quantity, value in lines:
        price = (value / quantity).quantize(Decimal("0.01")) if value is not None and quantity else None
        said = {**as_item(cards.get(item_id), item_id), "quantity": whole(quantity)}
        found[who]["items"].append({**said, "price": price, "currency": currency} if price is not None else said)
    return found


def carts_of(ids: Collection[int], *, now: datetime, currency: str) -> dict[int, dict[str, Any]]:
    """What was put in and neither taken out nor ordered since, newest first; who has nothing in it is missing."""
    with connection.cursor() as cursor:
        cursor.execute(_CART, {"ids": numbers(ids), "since": now - CART_LASTS, "now": now})
        inside = _inside(cursor.fetchall())
    cards = cards_of({item_id for items in inside.values() for item_id in items})
    return {
        who: _cart([{**as_item(cards.get(one), one), "quantity": whole(n)} for one, n in items.items()], currency)
        for who, items in inside.items()
        if items
    }


def whole(quantity: Decimal) -> int | Decimal:
    return int(quantity) if quantity == quantity.to_integral_value() else quantity.normalize()


def _inside(rows: Iterable[Sequence[Any]]) -> Mapping[int, dict[str, Decimal]]:
    """Rows in the order of time → profile id → item id → how many, the item put in last coming first."""
    found: dict[int, dict[str, Decimal]] = {}
    for who, item_id, name, said in rows:
        items = found.setdefault(who, {})
        before, quantity = items.pop(item_id, Decimal(0)), number(said)
        if name == "Product Added":
            items[item_id] = before + (quantity if quantity and quantity > 0 else ONE)
        elif quantity is not None and before > quantity:
            items[item_id] = before - quantity
    return {who: dict(list(reversed(items.items()))[:MOST_IN_CART]) for who, items in found.items()}


def _cart(items: Sequence[Mapping[str, Any]], currency: str) -> dict[str, Any]:
    """Without a value where the items' prices are in several currencies."""
    priced = [one for one in items if one["price"] is not None]
    currencies = {one["currency"] or currency for one in priced}
    value = sum((one["price"] * one["quantity"] for one in priced), Decimal(0)) if len(currencies) == 1 else None
    return {"value": value, "currency": currencies.pop() if len(currencies) == 1 else currency, "items": list(items)}
