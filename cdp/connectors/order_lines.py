"""Rows that are lines of orders, grouped into orders.

Two passes: the first counts the lines of each order, so that the second can hand an order on as soon as its last
line has come, wherever in the file its lines stand, and keep only the open ones in memory.

What is counted how:
- The total of an order is the sum of all its lines, rounded once: products, postage, fees, discounts. Lines with a
  charge code are listed as `charges` and are no products. Equal lines stay: a basket may hold a thing twice.
- An order number with the refund prefix, or lines that sum below zero, is money given back: `Order Refunded`.
- The order's time is that of its first line, whatever minute the others carry.
- Orders of nobody (no customer on any line) are left out, counted and summed; they can be no one's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from cdp.connectors.cells import BadCell, to_email, to_number, to_time
from cdp.connectors.happenings import Blamed, read
from cdp.connectors.tables import Row
from cdp.connectors.units import CODE, Columns, Options, Problem, Skip, Unit, iso, plain, sender, with_id
from cdp.events.items import ItemRow
from cdp.events.money import rounded

NOBODY = "no customer"
WHOLE_REFUND = frozenset({"refunded", "returned"})
CANCELLED = frozenset({"cancelled", "canceled", "voided"})
POSTAGE = frozenset({"POST", "DOT", "C2", "SHIPPING", "POSTAGE"})


@dataclass(frozen=True, slots=True)
class Line:
    code: str
    name: str
    quantity: Decimal
    price: Decimal
    is_charge: bool

    @property
    def total(self) -> Decimal:
        return self.quantity * self.price


@dataclass(slots=True)
class Told:
    """What need not be said again."""

    traits: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each person, as last said."""
    items: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Open:
    """An order whose lines are still coming."""

    id: str
    rows: int = 0
    user_id: str = ""
    email: str = ""
    currency: str = ""
    at: datetime | None = None
    stated_total: Decimal | None = None
    refunded: Decimal | None = None
    status: str = ""
    lines: list[Line] = field(default_factory=list)
    traits: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None


def count_lines(rows: Iterable[Row], columns: Columns) -> Counter[str]:
    """The first pass: lines per order number."""
    return Counter(columns.text(row, "order_id") for row in rows)


def orders(rows: Iterable[Row], columns: Columns, options: Options, *, lines: Counter[str]) -> Iterator[Unit]:
    """The second pass. Orders come in the order of their last lines; cut-off ones (a sample) come last."""
    still = Counter(lines)
    opened: dict[str, Open] = {}
    told = Told()
    for row in rows:
        order_id = columns.text(row, "order_id")
        if not order_id:
            yield Unit(
                problem=Problem(row.number, row.cells, columns.header("order_id"), "The row needs an order number")
            )
            continue
        order = opened.setdefault(order_id, Open(order_id))
        _add(order, row, columns, options)
        still[order_id] -= 1
        if still[order_id] <= 0:
            yield _close(opened.pop(order_id), options, told)
    for order in opened.values():
        yield _close(order, options, told)


def _add(order: Open, row: Row, columns: Columns, options: Options) -> None:
    order.rows += 1
    if order.problem is not None:
        return
    try:
        order.lines.append(_line(row, columns, options))
        order.at = order.at or read(
            columns, row, "occurred_at", lambda text: to_time(text, order=options.date_order, zone=options.zone)
        )
        if columns.text(row, "email"):
            order.email = order.email or read(columns, row, "email", to_email)
        if columns.text(row, "total"):
            order.stated_total = read(columns, row, "total", to_number)
        if columns.text(row, "refunded"):
            order.refunded = read(columns, row, "refunded", to_number)
    except BadCell as error:
        column = error.column if isinstance(error, Blamed) else ""
        order.problem = Problem(row.number, row.cells, column, f"{error}; the whole order {order.id} is left out")
        return
    order.user_id = order.user_id or columns.text(row, "user_id")
    order.currency = order.currency or columns.text(row, "currency") or options.currency
    order.status = order.status or columns.text(row, "status").lower()
    order.traits |= {column.detail: text for column, text in columns.each("trait", row)}


def _line(row: Row, columns: Columns, options: Options) -> Line:
    code = columns.text(row, "product_id")
    code = code.upper() if options.upper_codes else code
    quantity = read(columns, row, "quantity", to_number) if columns.text(row, "quantity") else Decimal(1)
    price = read(columns, row, "price", to_number) if columns.text(row, "price") else Decimal(0)
    return Line(code, columns.text(row, "name"), quantity, price, code.upper() in options.charge_codes)


def _close(order: Open, options: Options, told: Told) -> Unit:
    if order.problem is not None:
        return Unit(rows=order.rows, problem=order.problem)
    total = order.stated_total
    total = sum((line.total for line in order.lines), Decimal(0)) if total is None else total
    if not order.user_id and not order.email:
        return Unit(rows=order.rows, skip=Skip(NOBODY, total))
    who = sender(order.user_id, order.email)
    sale = _message(order, who, rounded(total), options)
    unit = Unit(rows=order.rows, messages=[sale, *_taken_back(order, sale)])
    person = order.user_id or order.email
    if order.traits and told.traits.get(person) != order.traits:
        told.traits[person] = dict(order.traits)
        unit.messages.insert(0, _identify(order, who))
    if options.adds_items:
        unit.new_items = [_item(line, order.currency, options) for line in order.lines if _is_new(line, told)]
    return unit


def _is_new(line: Line, told: Told) -> bool:
    """A product with a name that no earlier order of the file had."""
    if not line.code or not line.name or line.is_charge or line.price <= 0 or line.code in told.items:
        return False
    told.items.add(line.code)
    return True


def _item(line: Line, currency: str, options: Options) -> ItemRow:
    return ItemRow(
        id=line.code,
        name=line.name,
        price=rounded(line.price),
        currency=currency.upper() or None,
        url=options.item_url.replace(CODE, quote(line.code, safe="")) or None,
    )


def _message(order: Open, who: dict[str, Any], total: Decimal, options: Options) -> dict[str, Any]:
    is_refund = total < 0 or bool(options.refund_prefix and order.id.startswith(options.refund_prefix))
    sign = -1 if is_refund else 1
    properties: dict[str, Any] = {
        "order_id": order.id,
        "total": plain(abs(total) if is_refund else total),
        "products": [_product(line, sign) for line in order.lines if line.code and not line.is_charge],
    }
    charges = [line for line in order.lines if line.is_charge]
    if charges:
        properties["charges"] = [
            {"code": line.code, "name": line.name, "amount": plain(rounded(sign * line.total))} for line in charges
        ]
        postage = sum((line.total for line in charges if line.code.upper() in POSTAGE), Decimal(0))
        properties |= {"shipping": plain(rounded(sign * postage))} if postage else {}
    if order.currency:
        properties["currency"] = order.currency
    name = "Order Refunded" if is_refund else "Order Completed"
    assert order.at is not None  # set with the first line, or there is a problem
    return with_id({"type": "track", "event": name, **who, "timestamp": iso(order.at), "properties": properties})


def _taken_back(order: Open, sale: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a shop system's status says of an order besides the sale: refunded, in part or whole, or cancelled."""
    is_whole = order.status in WHOLE_REFUND
    if sale["event"] != "Order Completed":
        return
    if is_whole or order.refunded:
        amount = {} if is_whole or order.refunded is None else {"total": plain(rounded(abs(order.refunded)))}
        yield _about(sale, "Order Refunded", amount)
    if order.status in CANCELLED:
        yield _about(sale, "Order Cancelled", {})


def _about(sale: dict[str, Any], name: str, more: dict[str, Any]) -> dict[str, Any]:
    kept = {key: sale["properties"][key] for key in ("order_id", "currency") if key in sale["properties"]}
    message = {key: value for key, value in sale.items() if key != "messageId"}
    return with_id({**message, "event": name, "properties": kept | more})


def _product(line: Line, sign: int) -> dict[str, Any]:
    product = {"product_id": line.code, "quantity": plain(sign * line.quantity), "price": plain(line.price)}
    return {**product, "name": line.name} if line.name else product


def _identify(order: Open, who: dict[str, Any]) -> dict[str, Any]:
    assert order.at is not None
    return with_id({"type": "identify", **who, "timestamp": iso(order.at), "traits": order.traits})
