"""Which codes an order names, and what it took off: read from the order's own events, as Segment's spec has them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns.offers.codes import MOST, key_of
from cdp.common.copying import Cursor, numbers
from cdp.events.money import MoneyError, Rates, currency_of, load_rates, number, rounded

NAMES = tuple(f"Order {verb}" for verb in ("Completed", "Updated", "Refunded", "Cancelled"))
KEYS = ("coupon", "coupons", "discount_code", "discount_codes")
"""Segment says `coupon`, of the order and of each product; shops also send the others."""
MOST_CODES = 50
"""Of one order: what has more is no order of a person."""
_REPORTS = """
select o.profile_id, o.order_id, o.ordered_at, o.total, o.refunded, o.is_cancelled, e.properties::text
  from events_order o
  join events_orderreport r on r.profile_id = o.profile_id and r.order_id = o.order_id
       and r.kind in ('completed', 'updated')
  join events_event e on e.profile_id = r.profile_id and e.occurred_at = r.occurred_at
       and e.message_id = r.message_id and e.source_id = r.source_id
 where o.profile_id = any(%s::bigint[]) and r.profile_id = any(%s::bigint[]) and o.ordered_at is not null
   and (e.properties ?| %s or e.properties ? 'discount' or e.properties @? '$.products[*] ?
        (exists(@.coupon) || exists(@.coupons) || exists(@.discount_code) || exists(@.discount_codes))')
 order by o.profile_id, o.order_id, r.occurred_at, r.message_id, r.source_id
"""


@dataclass
class Order:
    """`codes` in capitals, as they are compared."""

    profile_id: int
    order_id: str
    at: datetime
    value: Decimal
    """Net of refunds, in the reporting currency."""
    is_taken_back: bool
    codes: tuple[str, ...] = ()
    discount: Decimal | None = None
    """In `currency` as sent; None: not said."""
    currency: str = ""


def orders_of(cursor: Cursor, profile_ids: Iterable[int], *, reporting: str) -> list[Order]:
    """The orders of these people that name a code. The newest report that says something of codes has it right; so
    has the newest that says what was taken off."""
    listed = numbers(profile_ids)
    cursor.execute(_REPORTS, [listed, listed, list(KEYS)])
    found: dict[tuple[int, str], Order] = {}
    for profile_id, order_id, at, total, refunded, is_cancelled, properties in cursor.fetchall():
        gone = is_cancelled or (total > 0 and refunded >= total)
        order = found.setdefault(
            (profile_id, order_id), Order(profile_id, order_id, at, Decimal(0) if gone else total - refunded, gone)
        )
        _read(order, _as_dict(properties), reporting=reporting)
    named = [order for order in found.values() if order.codes]
    _convert(cursor, named, reporting=reporting)
    return named


def codes_in(properties: Mapping[str, Any]) -> tuple[str, ...] | None:
    """None: it says nothing of codes. Each once, in the order in which they stand."""
    products = properties.get("products")
    lines = [line for line in products if isinstance(line, dict)] if isinstance(products, list) else []
    places = [one for one in (properties, *lines) if any(key in one for key in KEYS)]
    if not places:
        return None
    texts = (text for place in places for key in KEYS for text in _texts(place.get(key)))
    return tuple(dict.fromkeys(key_of(text) for text in texts if text.strip()))[:MOST_CODES]


def _texts(value: Any) -> Iterator[str]:
    """One code, several with commas between them, or a list of codes or of objects that hold one."""
    if isinstance(value, str):
        yield from (part for part in value.split(",") if len(part.strip()) <= MOST)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for one in value[:MOST_CODES]:
            yield from _texts(one.get("code") if isinstance(one, dict) else one if not isinstance(one, list) else None)
    elif isinstance(value, dict):
        yield from _texts(value["code"] if isinstance(value.get("code"), str) else None)


def _read(order: Order, properties: Mapping[str, Any], *, reporting: str) -> None:
    if (codes := codes_in(properties)) is not None:
        order.codes = codes
    if (discount := number(properties.get("discount"))) is not None:
        order.discount = abs(discount)
        try:
            order.currency = currency_of(properties, reporting=reporting)
        except MoneyError:
            order.discount = None


def _convert(cursor: Cursor, orders: Iterable[Order], *, reporting: str) -> None:
    """What has no rate is not said."""
    stated = [order for order in orders if order.discount is not None]
    rates = load_rates(cursor, [(order.currency, order.at.date()) for order in stated], reporting=reporting)
    for order in stated:
        order.discount = _converted(order, rates)


def _converted(order: Order, rates: Rates) -> Decimal | None:
    try:
        return rounded((order.discount or Decimal(0)) * rates.rate(order.currency, on=order.at.date()))
    except MoneyError:
        return None


def _as_dict(properties: str) -> Mapping[str, Any]:
    found = json.loads(properties)
    return found if isinstance(found, dict) else {}
