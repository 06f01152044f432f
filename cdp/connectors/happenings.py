"""Rows about events and about items of the catalogue: one thing per row."""

from collections.abc import Iterable, Iterator
from typing import Any

from cdp.connectors.cells import BadCell, shown, to_answer, to_email, to_number, to_time
from cdp.connectors.tables import Row
from cdp.connectors.units import Columns, Options, Problem, Unit, iso, plain, sender, with_id
from cdp.events.items import ItemRow
from cdp.events.money import ISO_4217

LONGEST_NAME = 200


def events(rows: Iterable[Row], columns: Columns, options: Options) -> Iterator[Unit]:
    for row in rows:
        try:
            yield Unit(messages=[_event(row, columns, options)])
        except BadCell as error:
            yield Unit(problem=Problem(row.number, row.cells, _blamed(error), str(error)))


def items(rows: Iterable[Row], columns: Columns, options: Options) -> Iterator[Unit]:
    for row in rows:
        try:
            item = _item(row, columns, options)
            alias = columns.text(row, "alias")
            yield Unit(items=[item], aliases=[(alias, item.id)] if alias else [])
        except BadCell as error:
            yield Unit(problem=Problem(row.number, row.cells, _blamed(error), str(error)))


class Blamed(BadCell):
    """A bad cell that knows its column."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def _blamed(error: BadCell) -> str:
    return error.column if isinstance(error, Blamed) else ""


def _event(row: Row, columns: Columns, options: Options) -> dict[str, Any]:
    name = columns.text(row, "event")
    if not name or len(name) > LONGEST_NAME:
        raise Blamed(columns.header("event"), "The row needs the name of the event, of 200 characters at most")
    who = _sender(row, columns)
    if not columns.text(row, "occurred_at"):
        raise Blamed(columns.header("occurred_at"), "The row needs the time of the event")
    at = read(columns, row, "occurred_at", lambda text: to_time(text, order=options.date_order, zone=options.zone))
    properties: dict[str, Any] = {column.detail: text for column, text in columns.each("property", row)}
    for key in ("value", "quantity"):
        if columns.text(row, key):
            properties[key] = plain(read(columns, row, key, to_number))
    properties |= {key: text for key in ("product_id", "order_id") if (text := columns.text(row, key))}
    if currency := columns.text(row, "currency") or (options.currency if "value" in properties else ""):
        properties["currency"] = currency
    message = {"type": "track", "event": name, **who, "timestamp": iso(at), "properties": properties}
    return with_id(message, given=columns.text(row, "message_id"))


def _sender(row: Row, columns: Columns) -> dict[str, Any]:
    user_id, email, phone = (columns.text(row, name) for name in ("user_id", "email", "phone"))
    if email:
        email = read(columns, row, "email", to_email)
    if anonymous := columns.text(row, "anonymous_id"):
        return {**sender(user_id or "-", email, phone), "userId": user_id or None, "anonymousId": anonymous}
    if not user_id and not email and not phone:
        raise BadCell("The row names nobody: it needs an id, an e-mail address or a phone number")
    return sender(user_id, email, phone)


def _item(row: Row, columns: Columns, options: Options) -> ItemRow:
    item_id = columns.text(row, "item_id")
    if not item_id or len(item_id) > LONGEST_NAME:
        raise Blamed(columns.header("item_id"), "The row needs the item's id, of 200 characters at most")
    price = read(columns, row, "price", to_number) if columns.text(row, "price") else None
    currency = (columns.text(row, "currency") or (options.currency if price is not None else "")).upper()
    if currency and currency not in ISO_4217:
        raise Blamed(columns.header("currency"), f"“{shown(currency)}” is not a currency code of ISO 4217, such as EUR")
    for name in ("url", "image_url"):
        if (link := columns.text(row, name)) and not link.startswith(("https://", "http://")):
            raise Blamed(columns.header(name), f"“{shown(link)}” is not a link that begins with https://")
    stock = columns.text(row, "is_in_stock")
    return ItemRow(
        id=item_id.upper() if options.upper_codes else item_id,
        name=columns.text(row, "name") or None,
        category=columns.text(row, "category") or None,
        brand=columns.text(row, "brand") or None,
        price=price,
        currency=currency or None,
        url=columns.text(row, "url") or None,
        image_url=columns.text(row, "image_url") or None,
        is_in_stock=read(columns, row, "is_in_stock", _in_stock) if stock else None,
        attributes={column.detail: text for column, text in columns.each("property", row)} or None,
    )


def _in_stock(text: str) -> bool | None:
    """Yes or no, or how many are left."""
    if text.strip().isdigit():
        return int(text) > 0
    words = {"in stock": True, "in_stock": True, "out of stock": False, "out_of_stock": False}
    return words[text.lower()] if text.lower() in words else to_answer(text)


def read(columns: Columns, row: Row, name: str, reader: Any) -> Any:
    """The cell of the column through `reader`; what goes wrong names the column."""
    try:
        return reader(columns.text(row, name))
    except BadCell as error:
        raise Blamed(columns.header(name), str(error)) from error
