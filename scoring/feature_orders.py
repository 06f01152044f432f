"""Features of what people ordered: how often, how lately, how regularly, for how much, and what."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from cdp.common.copying import Cursor
from cdp.rules.sql import Sql, fill
from scoring.binary import read_numbers, read_packed
from scoring.columns import Numbers
from scoring.feature_columns import ORDER, VIEW
from scoring.grouped import Flags, Groups, Ints, places, ratio
from scoring.past import Then
from scoring.whose import People

Named = dict[str, Numbers]
RELATIONS = ("events_event", "events_eventitem", "events_order")
_ORDERS = (
    "select e.profile_id::float8, coalesce(date_part('epoch', {moment} - e.ordered_at) / 86400, 'NaN')::float8,"
    " coalesce((e.ordered_at at time zone {zone})::date - date '2000-01-01', 0)::float8, e.total::float8,"
    " e.refunded::float8, e.is_cancelled::int::float8 from events_order e where {of_people}"
    " order by e.profile_id, e.ordered_at desc nulls first"
)
_ITEMS = (
    "select e.profile_id::float8, coalesce(e.quantity, 'NaN')::float8,"
    " coalesce(hashtext(nullif(t.category, '')), 'NaN'::float8) from events_eventitem e"
    " left join events_item t on t.id = e.item_id where e.name = {order} and {of_people}"
)
_DISCOUNTS = (
    "select e.profile_id::float8, ((coalesce(e.properties ->> 'coupon', '') <> '' or e.properties ->> 'discount'"
    " ~ '[1-9]') is true)::int::float8 from events_event e where e.name = {order} and {of_people}"
)
_VIEWED = (
    "select e.profile_id << 20 | hashtext(t.category) & 1048575 from events_event e join events_item t"
    " on t.id = e.item_id where e.name = {view} and t.category <> ''"
    " and e.occurred_at > {moment} - interval '90 days' and {of_people}"
)
"""A category is known by its hash: of a thousand categories two share one in one case of two, which loses one of a
thousand."""


def orders(cursor: Cursor, past: Then, people: People, *, moment: datetime, zone: ZoneInfo, profile_ids: Ints) -> Named:
    """`profile_ids` ascend."""
    found = _read(cursor, past, _ORDERS, people, columns=6, moment=_at(moment), zone=zone.key)
    row, found = _rows(found, profile_ids)
    days_ago, day, total, refunded, is_cancelled = found[:, 1], found[:, 2], found[:, 3], found[:, 4], found[:, 5] > 0
    everyone = Groups(row, len(profile_ids))
    net = np.where(is_cancelled, 0, total - refunded)
    counts = ~is_cancelled & ~np.isnan(days_ago)
    revenue = everyone.sum(net)
    placed = _placed(everyone.only(counts), days_ago[counts], day[counts], net[counts])
    lines, quantity, categories = _items(cursor, past, people, profile_ids)
    return {
        **placed,
        "revenue": revenue,
        "mean_order": ratio(revenue, placed["orders"]),
        "refund_share": np.minimum(
            1, ratio(everyone.sum(np.where(is_cancelled, total, refunded)), everyone.sum(total))
        ),
        "items_per_order": ratio(quantity, placed["orders"]),
        "lines_per_order": ratio(lines, placed["orders"]),
        "categories_bought": categories,
        "discount_share": _discounts(cursor, past, people, profile_ids),
        "categories_viewed_90d": _viewed(cursor, past, people, moment, profile_ids),
    }


def _placed(of: Groups, days_ago: Numbers, day: Numbers, net: Numbers) -> Named:
    """Of orders that count, each person's oldest last; `day` is the calendar's."""
    n = of.count()
    recency, age = of.first(days_ago), of.last(days_ago)
    gaps, gap_of = _gaps(of, day)
    mean_gap = gap_of.mean(gaps)
    n_90, n_180 = of.count(days_ago < 90), of.count(days_ago < 180)
    return {
        "orders": n,
        "order_days": gap_of.count() + (n > 0),
        "recency_days": recency,
        "customer_days": age,
        "order_span_days": of.first(day) - of.last(day),
        "last_order": of.first(net),
        "largest_order": of.largest(net),
        "mean_gap_days": mean_gap,
        "last_gap_days": gap_of.first(gaps),
        "gap_spread_days": gap_of.spread(gaps),
        "overdue": ratio(recency, np.nan_to_num(mean_gap)),
        "orders_30d": of.count(days_ago < 30),
        "orders_90d": n_90,
        "orders_180d": n_180,
        "orders_365d": of.count(days_ago < 365),
        "orders_trend": 2 * n_90 - n_180,
        "revenue_90d": of.sum(net, days_ago < 90),
        "revenue_365d": of.sum(net, days_ago < 365),
    }


def _gaps(of: Groups, day: Numbers) -> tuple[Numbers, Groups]:
    """The days between two days with orders, the newest first."""
    between: Flags = (of.of[1:] == of.of[:-1]) & (day[1:] != day[:-1])
    return (day[:-1] - day[1:])[between], Groups(of.of[1:][between], of.people)


def _items(cursor: Cursor, past: Then, people: People, profile_ids: Ints) -> tuple[Numbers, Numbers, Numbers]:
    """Lines, pieces and categories of all orders."""
    row, found = _rows(_read(cursor, past, _ITEMS, people, columns=3, order=ORDER), profile_ids)
    has_category = ~np.isnan(found[:, 2])
    pairs = np.unique((row[has_category] << 32) + found[has_category, 2].astype(np.int64) + (1 << 31))
    everyone = Groups(row, len(profile_ids))
    return everyone.count(), everyone.sum(found[:, 1]), Groups(pairs >> 32, len(profile_ids)).count()


def _discounts(cursor: Cursor, past: Then, people: People, profile_ids: Ints) -> Numbers:
    row, found = _rows(_read(cursor, past, _DISCOUNTS, people, columns=2, order=ORDER), profile_ids)
    everyone = Groups(row, len(profile_ids))
    return everyone.mean(found[:, 1])


def _viewed(cursor: Cursor, past: Then, people: People, moment: datetime, profile_ids: Ints) -> Numbers:
    sql = fill(_VIEWED, view=VIEW, moment=_at(moment), of_people=people.narrowed("e.profile_id"))
    pairs = np.unique(read_packed(cursor, past.before(RELATIONS, sql)))
    row, _ = _rows((pairs >> 20)[:, None], profile_ids)
    return Groups(row, len(profile_ids)).count()


def _read(
    cursor: Cursor, past: Then, template: str, people: People, *, columns: int, **parts: object
) -> NDArray[np.float64]:
    sql = fill(template, of_people=people.narrowed("e.profile_id"), **parts)
    return read_numbers(cursor, past.before(RELATIONS, sql), columns=columns)


def _rows(found: NDArray[Any], profile_ids: Ints) -> tuple[Ints, NDArray[Any]]:
    """Places among `profile_ids` of the people in the first column, without those who are not there."""
    row, is_there = places(found[:, 0].astype(np.int64), profile_ids)
    return row[is_there], found[is_there]


def _at(moment: datetime) -> Sql:
    return Sql("%s::timestamptz", (moment,))
