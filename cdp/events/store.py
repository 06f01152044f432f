"""Events into the store, with their product lines and the per-profile state that rules read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from cdp.common.copying import NULL, Cursor, copy_lines, copy_rows, escaped, numbers, texts, times
from cdp.events.accounting import EventKey, Report
from cdp.events.items import Called, resolve_items
from cdp.events.message import Message
from cdp.events.money import number
from cdp.events.orders import KINDS, line_value, report_of, settle

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
State = dict[tuple[int, str], tuple[int, int, Decimal, datetime, datetime]]
"""By profile and name: how many, how many with a value, the sum of these, the first and the last time."""
Items = Mapping[Called, str]


@dataclass(frozen=True, slots=True)
class Stored:
    concerned: Mapping[int, set[str]]
    """Whose earlier events or orders these changed: profile id → names of events."""
    first: Collection[int]
    """Profiles that did something they never did before."""


def store(cursor: Cursor, messages: Sequence[Message]) -> Stored:
    """Appends events and lines, and adds to the state. The profiles are locked by the caller."""
    items = resolve_items(cursor, _called(messages))
    settled = settle(cursor, _reports(messages))
    events: list[str] = []
    lines: list[tuple[Any, ...]] = []
    state: State = {}
    for message in messages:
        value = settled.values.get(_key(message), message.value)
        events.append(_event(message, value, items))
        lines += _lines(message, items)
        _add(state, message, value)
    if events:
        copy_lines(cursor, "events_event", EVENT_COLUMNS, events)
    copy_rows(cursor, "events_eventitem", ITEM_COLUMNS, lines)
    return Stored(settled.concerned, _write_state(cursor, state))


def _key(message: Message) -> EventKey:
    return message.profile_id, message.occurred_at, message.message_id, message.source_id


def _reports(messages: Sequence[Message]) -> list[Report]:
    return [
        report_of(message, key=_key(message), record_id=message.record_id, amount=message.value)
        for message in messages
        if message.name in KINDS
    ]


def _called(messages: Sequence[Message]) -> Iterator[Called]:
    for message in messages:
        if item_id := _item_of(message.properties):
            yield message.source_id, item_id
        for _, item_id, _ in _products(message):
            yield message.source_id, item_id


def _item_of(properties: dict[str, Any]) -> str | None:
    return text(properties.get("product_id") or properties.get("sku"))


def _products(message: Message) -> Iterator[tuple[int, str, dict[str, Any]]]:
    products = message.properties.get("products")
    if isinstance(products, list):
        for line, product in enumerate(products):
            if isinstance(product, dict) and (item_id := _item_of(product)):
                yield line, item_id, product


def _event(message: Message, value: Decimal | None, items: Items) -> str:
    """A ready-made line: this is the innermost loop of the pipeline."""
    item_id = _item_of(message.properties)
    if item_id and items:
        item_id = items.get((message.source_id, item_id), item_id)
    return (
        f"{message.profile_id}\t{message.occurred_at}\t{escaped(message.message_id)}\t{message.record_id}"
        f"\t{escaped(message.name)}\t{NULL if item_id is None else escaped(item_id)}"
        f"\t{NULL if value is None else value}\t{escaped(message.properties_json)}"
        f"\t{escaped(message.context_json)}\t{message.source_id}\t{message.received_at}"
    )


def _lines(message: Message, items: Items) -> Iterator[tuple[Any, ...]]:
    """One row per product, as the event tells it."""
    for line, item_id, product in _products(message):
        quantity = number(product.get("quantity"))
        yield (
            message.profile_id,
            message.occurred_at,
            message.message_id,
            message.source_id,
            line,
            message.record_id,
            message.name,
            items.get((message.source_id, item_id), item_id),
            Decimal(1) if quantity is None else quantity,
            None if message.rate is None else line_value(product, name=message.name, rate=message.rate),
        )


def text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _add(state: State, message: Message, value: Decimal | None) -> None:
    key = (message.profile_id, message.name)
    n, valued, total, first, last = state.get(key, (0, 0, Decimal(0), message.occurred_at, message.occurred_at))
    state[key] = (
        n + 1,
        valued + (value is not None),
        total + (value or 0),
        min(first, message.occurred_at),
        max(last, message.occurred_at),
    )


def _write_state(cursor: Cursor, state: State) -> list[int]:
    """Sorted, so that workers never wait for each other in a ring. Returns the profiles with a row that is new: one
    that was there before was locked by this transaction, so its xmax is set."""
    keys = sorted(state)
    if not keys:
        return []
    cursor.execute(
        "with written as ("
        "insert into events_eventstate as s (profile_id, name, n, valued, sum, first_at, last_at) select * from"
        " unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::numeric[], %s::timestamptz[],"
        " %s::timestamptz[])"
        " on conflict (profile_id, name) do update set n = s.n + excluded.n,"
        " valued = s.valued + excluded.valued, sum = s.sum + excluded.sum,"
        " first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at)"
        " returning s.profile_id, s.xmax = 0 as is_new) select distinct profile_id from written where is_new",
        [
            numbers(profile_id for profile_id, _ in keys),
            texts([name for _, name in keys]),
            numbers(state[key][0] for key in keys),
            numbers(state[key][1] for key in keys),
            numbers(state[key][2] for key in keys),
            times(state[key][3] for key in keys),
            times(state[key][4] for key in keys),
        ],
    )
    return [row[0] for row in cursor.fetchall()]
