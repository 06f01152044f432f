"""Events into the store, with their product lines and the per-profile state that rules read."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from cdp.common.copying import NULL, Cursor, array, copy_lines, copy_rows, escaped
from cdp.events.message import Message

EVENT_COLUMNS = (
    "profile_id",
    "occurred_at",
    "message_id",
    "record_id",
    "name",
    "item_id",
    "value",
    "properties",
    "context",
    "source_id",
    "received_at",
)
ITEM_COLUMNS = (
    "profile_id",
    "occurred_at",
    "message_id",
    "source_id",
    "line",
    "record_id",
    "name",
    "item_id",
    "quantity",
    "value",
)
MOST = 999_999_999_999
LARGEST = Decimal(MOST)

State = dict[tuple[int, str], tuple[int, Decimal, datetime, datetime]]


def store(cursor: Cursor, messages: Sequence[Message]) -> None:
    """Appends events and lines, and adds to the state. The profiles are locked by the caller."""
    events, lines = [], []
    state: State = {}
    for message in messages:
        value = amount(message.properties, "value", "revenue", "total")
        events.append(_event(message, value))
        lines += _lines(message)
        _add(state, message, value)
    if events:
        copy_lines(cursor, "events_event", EVENT_COLUMNS, events)
    copy_rows(cursor, "events_eventitem", ITEM_COLUMNS, lines)
    _write_state(cursor, state)


def _event(message: Message, value: Decimal | None) -> str:
    """A ready-made line: this is the innermost loop of the pipeline."""
    item_id = text(message.properties.get("product_id") or message.properties.get("sku"))
    return (
        f"{message.profile_id}\t{message.occurred_at}\t{escaped(message.message_id)}\t{message.record_id}"
        f"\t{escaped(message.name)}\t{NULL if item_id is None else escaped(item_id)}"
        f"\t{NULL if value is None else value}\t{escaped(message.properties_json)}"
        f"\t{escaped(message.context_json)}\t{message.source_id}\t{message.received_at}"
    )


def _lines(message: Message) -> list[tuple[Any, ...]]:
    products = message.properties.get("products")
    if not isinstance(products, list):
        return []
    found = []
    for line, product in enumerate(products):
        if not isinstance(product, dict):
            continue
        item_id = text(product.get("product_id") or product.get("sku"))
        if not item_id:
            continue
        quantity = amount(product, "quantity")
        price = amount(product, "price")
        quantity = Decimal(1) if quantity is None else quantity
        found.append(
            (
                message.profile_id,
                message.occurred_at,
                message.message_id,
                message.source_id,
                line,
                message.record_id,
                message.name,
                item_id,
                quantity,
                None if price is None else round(price * quantity, 2),
            )
        )
    return found


def amount(properties: dict[str, Any], *keys: str) -> Decimal | None:
    """The first of these properties that is a number; text that reads as one counts."""
    for key in keys:
        value = properties.get(key)
        if value is None or isinstance(value, bool | list | dict):
            continue
        if isinstance(value, int) and -MOST < value < MOST:
            return Decimal(value)
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            continue
        if number.is_finite() and abs(number) < LARGEST:
            return number
    return None


def text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _add(state: State, message: Message, value: Decimal | None) -> None:
    key = (message.profile_id, message.name)
    n, total, first, last = state.get(key, (0, Decimal(0), message.occurred_at, message.occurred_at))
    state[key] = (
        n + 1,
        total + (value or 0),
        min(first, message.occurred_at),
        max(last, message.occurred_at),
    )


def _write_state(cursor: Cursor, state: State) -> None:
    rows = [(profile_id, name, *state[profile_id, name]) for profile_id, name in sorted(state)]
    if not rows:
        return
    cursor.execute(
        "insert into events_eventstate as s (profile_id, name, n, sum, first_at, last_at) select * from"
        " unnest(%s::bigint[], %s::text[], %s::bigint[], %s::numeric[], %s::timestamptz[], %s::timestamptz[])"
        " on conflict (profile_id, name) do update set n = s.n + excluded.n, sum = s.sum + excluded.sum,"
        " first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at)",
        [array(column) for column in zip(*rows, strict=True)],
    )
