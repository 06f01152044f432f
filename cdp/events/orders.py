"""Segment's e-commerce events about orders, settled into one row per order.

`events_orderreport` keeps every report; `events_order`, `Event.value` and the sums of `EventState` follow
from the set of them (see accounting), whatever the order of arrival.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import connection
from django.db.backends.utils import CursorWrapper

from .accounting import Account, EventKey, Kind, Report, account
from .money import Money, MoneyError, Rates, Wanted, currency_of, load_rates, number, rounded

KINDS = {
    "Order Completed": Kind.COMPLETED,
    "Order Updated": Kind.UPDATED,
    "Order Refunded": Kind.REFUNDED,
    "Order Cancelled": Kind.CANCELLED,
}
NAMES = {kind: name for name, kind in KINDS.items()}
LOCK = 7_305_003
BUCKETS = 64
"""A power of two. Order ids share so few locks that the lock table of PostgreSQL cannot overflow."""
NO_IDS = frozenset({"undefined", "null", "none", "nan", "0", "-1", "[object object]", "n/a", "-", "test"})
"""What broken senders send for every order: taken for one order, its reports would grow without end."""


class Stated(Protocol):
    """What pricing looks at in an event."""

    @property
    def name(self) -> str: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...
    @property
    def occurred_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Priced:
    """`amount` in the reporting currency, for orders not negative; `rate` is what one unit of the event's
    currency is worth, for its product lines. `refusal` says why the event cannot be taken in."""

    amount: Decimal | None = None
    rate: Decimal | None = None
    refusal: str = ""


NOTHING = Priced()


def price(cursor: CursorWrapper, events: Sequence[Stated], *, reporting: str) -> list[Priced]:
    """For the check of a batch: the worth of each event, or why it goes to quarantine."""
    read = [_read(event, reporting=reporting) for event in events]
    wanted: list[Wanted] = [
        (one.currency, event.occurred_at.date())
        for one, event in zip(read, events, strict=True)
        if isinstance(one, Money)
    ]
    rates = load_rates(cursor, wanted, reporting=reporting)
    return [
        _worth(one, rates, on=event.occurred_at.date()) if one is not None else NOTHING
        for one, event in zip(read, events, strict=True)
    ]


def _worth(read: Money | MoneyError, rates: Rates, *, on: date) -> Priced:
    if isinstance(read, MoneyError):
        return Priced(refusal=str(read))
    try:
        rate = rates.rate(read.currency, on=on)
    except MoneyError as error:
        return NOTHING if read.amount is None else Priced(refusal=str(error))
    return Priced(None if read.amount is None else rounded(read.amount * rate), rate)


def _read(event: Stated, *, reporting: str) -> Money | MoneyError | None:
    """The money of an event; None if it says nothing of money."""
    try:
        if event.name in KINDS:
            return order_money(event.name, event.properties, reporting=reporting)
        amount = _first_number(event.properties, ("value", "revenue", "total"))
        if amount is None and not event.properties.get("products"):
            return None
        return Money(amount, currency_of(event.properties, reporting=reporting))
    except MoneyError as error:
        return error


def order_money(name: str, properties: Mapping[str, Any], *, reporting: str) -> Money:
    """The order's total: `total`, else `revenue`, else the sum of its products, else nothing."""
    stated = next((properties[key] for key in ("total", "revenue") if properties.get(key) is not None), None)
    amount = number(stated) if stated is not None else _products_total(properties.get("products"))
    if stated is not None and amount is None:
        raise MoneyError(f"The total of “{name}” is not a number below 10¹², such as 49.90.")
    currency = currency_of(properties, reporting=reporting)
    if amount is None:
        return Money(None, currency)
    if amount < 0 and KINDS[name] is not Kind.REFUNDED:
        raise MoneyError(f"The total of “{name}” is negative; send “Order Refunded” for money given back.")
    return Money(abs(amount), currency)


def order_id_of(properties: Mapping[str, Any]) -> str:
    """Segment calls it order_id; numbers are common. Empty if there is none."""
    stated = properties.get("order_id", properties.get("orderId"))
    if isinstance(stated, bool) or not isinstance(stated, str | int):
        return ""
    text = str(stated).strip()[:200]
    return "" if text.lower() in NO_IDS else text


def report_of(event: Stated, *, key: EventKey, record_id: int, amount: Decimal | None) -> Report:
    """The report that one of KINDS makes about its order; without an order id it is an order of its own.

    `amount` comes from `price`.
    """
    profile_id, occurred_at, message_id, source_id = key
    refund_id = event.properties.get("refund_id")
    return Report(
        profile_id=profile_id,
        occurred_at=occurred_at,
        message_id=message_id,
        source_id=source_id,
        record_id=record_id,
        order_id=order_id_of(event.properties) or f"message {source_id} {message_id}",
        kind=KINDS[event.name],
        amount=amount,
        refund_id=str(refund_id)[:200] if isinstance(refund_id, str | int) else "",
    )


@dataclass(frozen=True)
class Settled:
    """What a batch's reports came to."""

    values: Mapping[EventKey, Decimal | None]
    """Of the batch's own events."""
    concerned: Mapping[int, set[str]]
    """Profile id → names of events, of whoever's orders or earlier events are worth something else now: a refund may
    come in under another profile than its order."""


def settle(cursor: CursorWrapper, reports: Sequence[Report]) -> Settled:
    """Takes in a batch's reports, before its events are written.

    Orders are recounted over all their reports. Where an event stored earlier changes its worth (an earlier
    report of its order arrived, or the sale after its cancellation), its value and its person's sum follow.
    Locks: the orders' buckets, in order, until commit; then states, in order.
    """
    if not reports:
        return Settled({}, {})
    _lock(cursor, {report.order_id for report in reports})
    _insert(cursor, reports)
    changed, owners = _recount(cursor, sorted({report.order_id for report in reports}))
    new = {report.event: changed.pop(report.event, None) for report in reports}
    _correct(cursor, changed)
    concerned = {profile_id: {NAMES[Kind.COMPLETED]} for profile_id in owners}
    for (profile_id, *_), change in changed.items():
        concerned.setdefault(profile_id, set()).add(change.name)
    return Settled({event: change.value if change else None for event, change in new.items()}, concerned)


def recount_orders(profile_ids: Sequence[int]) -> None:
    """After reports moved between profiles (merge, un-merge): their orders, values and sums anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct order_id from events_orderreport where profile_id = any(%s)", [list(profile_ids)]
        )
        order_ids = sorted(order_id for (order_id,) in cursor.fetchall())
        if order_ids:
            _lock(cursor, order_ids)
            changed, _ = _recount(cursor, order_ids)
            _correct(cursor, changed)


@dataclass(frozen=True)
class _Change:
    name: str
    before: Decimal | None
    value: Decimal | None


def _lock(cursor: CursorWrapper, order_ids: Iterable[str]) -> None:
    cursor.execute(
        """select pg_advisory_xact_lock(%s, bucket)
             from (select distinct hashtext(id) & %s as bucket
                     from unnest(%s::text[]) id order by 1) b""",
        [LOCK, BUCKETS - 1, list(order_ids)],
    )


def _insert(cursor: CursorWrapper, reports: Sequence[Report]) -> None:
    rows = [(*r.event, r.record_id, r.order_id, r.kind.value, r.amount, r.refund_id) for r in reports]
    cursor.execute(
        """insert into events_orderreport
                  (profile_id, occurred_at, message_id, source_id, record_id, order_id, kind, amount,
                   refund_id)
           select * from unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[],
                                %s::text[], %s::text[], %s::numeric[], %s::text[])
           on conflict do nothing""",
        [list(column) for column in zip(*rows, strict=True)],
    )


def _recount(cursor: CursorWrapper, order_ids: list[str]) -> tuple[dict[EventKey, _Change], set[int]]:
    """What changed, and the profiles whose orders these are."""
    cursor.execute(
        """select profile_id, occurred_at, message_id, source_id, record_id, order_id, kind, amount,
                  refund_id, value
             from events_orderreport where order_id = any(%s)""",
        [order_ids],
    )
    rows = cursor.fetchall()
    reports = [_report(row) for row in rows]
    found = account(reports)
    _write_orders(cursor, order_ids, found)
    changed = {
        report.event: _Change(NAMES[report.kind], row[9], found.values[report.event])
        for report, row in zip(reports, rows, strict=True)
        if row[9] != found.values[report.event]
    }
    _write_values(cursor, "events_orderreport", changed)
    return changed, {order.profile_id for order in found.orders}


def _report(row: tuple[Any, ...]) -> Report:
    profile_id, occurred_at, message_id, source_id, record_id, order_id, kind, amount, refund_id, _ = row
    key = (profile_id, occurred_at, message_id, source_id)
    return Report(*key, record_id, order_id, Kind(kind), amount, refund_id)


def _write_orders(cursor: CursorWrapper, order_ids: list[str], found: Account) -> None:
    homes = [(order.profile_id, order.order_id) for order in found.orders]
    cursor.execute(
        """delete from events_order o where order_id = any(%s)
              and not exists (select from unnest(%s::bigint[], %s::text[]) kept (profile_id, order_id)
                               where kept.profile_id = o.profile_id and kept.order_id = o.order_id)""",
        [order_ids, [profile for profile, _ in homes], [order for _, order in homes]],
    )
    rows = [
        (o.profile_id, o.order_id, o.record_id, o.ordered_at, o.total, o.refunded, o.is_cancelled) for o in found.orders
    ]
    cursor.execute(
        """insert into events_order
                  (profile_id, order_id, record_id, ordered_at, total, refunded, is_cancelled)
           select * from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::numeric[],
                                %s::numeric[], %s::boolean[])
           on conflict (profile_id, order_id) do update
              set record_id = excluded.record_id, ordered_at = excluded.ordered_at, total = excluded.total,
                  refunded = excluded.refunded, is_cancelled = excluded.is_cancelled""",
        [list(column) for column in zip(*rows, strict=True)],
    )


def _write_values(cursor: CursorWrapper, table: str, changed: Mapping[EventKey, _Change]) -> None:
    if not changed:
        return
    columns = [list(column) for column in zip(*changed, strict=True)]
    cursor.execute(
        f"""update {table} t set value = new.value
              from unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[], %s::numeric[])
                   as new (profile_id, occurred_at, message_id, source_id, value)
             where t.profile_id = new.profile_id and t.occurred_at = new.occurred_at
               and t.message_id = new.message_id and t.source_id = new.source_id""",
        [*columns, [change.value for change in changed.values()]],
    )


def _correct(cursor: CursorWrapper, changed: Mapping[EventKey, _Change]) -> None:
    """Events already stored take their new worth, and so do the sums of their people."""
    if not changed:
        return
    _write_values(cursor, "events_event", changed)
    sums: dict[tuple[int, str], Decimal] = {}
    valued: Counter[tuple[int, str]] = Counter()
    for (profile_id, *_), change in changed.items():
        key = profile_id, change.name
        sums[key] = sums.get(key, Decimal(0)) + (change.value or 0) - (change.before or 0)
        valued[key] += (change.value is not None) - (change.before is not None)
    cursor.execute(
        """with delta as (select *
                           from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::numeric[])
                                as d (profile_id, name, valued, sum)),
                held as (select s.profile_id, s.name
                           from events_eventstate s join delta using (profile_id, name)
                          order by s.profile_id, s.name for update of s)
           update events_eventstate s set valued = s.valued + delta.valued, sum = s.sum + delta.sum
             from delta join held using (profile_id, name)
            where s.profile_id = delta.profile_id and s.name = delta.name""",
        [
            [profile for profile, _ in sums],
            [name for _, name in sums],
            [valued[key] for key in sums],
            list(sums.values()),
        ],
    )


def _first_number(properties: Mapping[str, Any], keys: Sequence[str]) -> Decimal | None:
    return next((found for key in keys if (found := number(properties.get(key))) is not None), None)


def _products_total(products: Any) -> Decimal | None:
    if not isinstance(products, list) or not products:
        return None
    lines = [_line_total(product) for product in products]
    return sum((line for line in lines if line is not None), Decimal(0)) if any(lines) else None


def line_value(product: Mapping[str, Any], *, name: str, rate: Decimal) -> Decimal | None:
    """What one product line is worth in the reporting currency: negative where it is given back."""
    total = _line_total(product)
    if total is None:
        return None
    given_back = KINDS.get(name) in (Kind.REFUNDED, Kind.CANCELLED)
    return rounded(-abs(total) * rate if given_back else total * rate)


def _line_total(product: Any) -> Decimal | None:
    if not isinstance(product, Mapping) or (price := number(product.get("price"))) is None:
        return None
    quantity = number(product.get("quantity"))
    return price * (1 if quantity is None else quantity)
