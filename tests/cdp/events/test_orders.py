"""Settling in the database, batch by batch, equals one account of everything; so does moving reports."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from cdp.events import revenue
from cdp.events.accounting import Kind, Report, account
from cdp.events.models import Order
from cdp.events.orders import NAMES, recount_orders, settle
from tests.taking_in import rows as rows_of
from tests.taking_in import take_in, track

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def some_reports(random: Random) -> list[Report]:
    """Ten orders of four people, each told in several ways."""
    kinds = [Kind.COMPLETED] * 3 + [Kind.REFUNDED] * 3 + [Kind.UPDATED, Kind.CANCELLED]
    return [
        Report(
            profile_id=(profile := random.randint(1, 4)),
            occurred_at=DAY + timedelta(hours=random.randint(0, 99)),
            message_id=f"m{n}",
            source_id=random.randint(1, 2),
            record_id=profile * 10,
            order_id=f"A{random.randint(0, 9)}",
            kind=random.choice(kinds),
            amount=random.choice([None, Decimal(random.randint(1, 9_999)) / 100]),
        )
        for n in range(60)
    ]


def store(cursor: Any, reports: Sequence[Report]) -> None:
    """What the event store does with a batch: settle, then write events and states."""
    values = settle(cursor, reports).values
    for one in reports:
        cursor.execute(
            "insert into events_event values (%s,%s,%s,%s,%s,null,%s,'{}','{}',%s,%s)",
            [one.profile_id, one.occurred_at, one.message_id, one.record_id, NAMES[one.kind],
             values[one.event], one.source_id, DAY],
        )  # fmt: skip
        cursor.execute(
            """insert into events_eventstate (profile_id, name, n, valued, sum, first_at, last_at)
               values (%s,%s,1,%s,%s,%s,%s) on conflict (profile_id, name)
               do update set n = events_eventstate.n + 1, valued = events_eventstate.valued + excluded.valued,
               sum = events_eventstate.sum + excluded.sum""",
            [
                one.profile_id,
                NAMES[one.kind],
                int(values[one.event] is not None),
                values[one.event] or 0,
                one.occurred_at,
                one.occurred_at,
            ],
        )


def rows(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql)
    return cursor.fetchall()  # type: ignore[no-any-return]


ORDERS = """select profile_id, order_id, record_id, ordered_at, total, refunded, is_cancelled
              from events_order order by order_id, profile_id"""
VALUES = "select profile_id, occurred_at, message_id, source_id, value from events_event"
SUMS = """select s.profile_id, s.name from events_eventstate s
            left join (select profile_id, name, coalesce(sum(value), 0) as sum, count(value) as valued
                         from events_event group by 1, 2) e
                using (profile_id, name) where (e.sum, e.valued) is distinct from (s.sum, s.valued)"""


@pytest.mark.parametrize("seed", range(6))
def test_any_batches_in_any_order_come_to_the_same(seed: int) -> None:
    random = Random(seed)
    reports = some_reports(random)
    random.shuffle(reports)
    with connection.cursor() as cursor:
        while reports_left := reports[: random.randint(1, 15)]:
            store(cursor, reports_left)
            reports = reports[len(reports_left) :]
        told = account(some_reports(Random(seed)))
        expected = [tuple(vars(order).values()) for order in told.orders]
        assert rows(cursor, ORDERS) == sorted(expected, key=lambda row: (row[1], row[0]))
        assert {row[:4]: row[4] for row in rows(cursor, VALUES)} == told.values
        assert rows(cursor, SUMS) == []


def test_a_refund_that_comes_in_under_another_person_is_news_of_whose_order_it_was() -> None:
    take_in([track("ann", "Order Completed", properties={"order_id": "1", "total": 30})])
    take_in([track("shop", "Order Refunded", properties={"order_id": "1", "total": 10})])
    touched = rows_of(
        "select names::text from profiles_touched where reader = 'segments' and profile_id ="
        " (select profile_id from events_order) order by id"
    )
    assert len(touched) == 2
    assert json.loads(touched[1][0]) == ["event:Order Completed"]


def test_merge_and_back_leaves_what_was() -> None:
    with connection.cursor() as cursor:
        store(cursor, some_reports(Random(9)))
        before = rows(cursor, ORDERS), sorted(rows(cursor, VALUES))
        tables = ("events_orderreport", "events_event")
        for table in tables:
            cursor.execute(f"update {table} set profile_id = 1 where profile_id = 2")
        recount_orders([1])
        merged = rows(cursor, ORDERS)
        assert merged != before[0]
        assert all(row[0] != 2 for row in merged)
        for table in tables:
            cursor.execute(f"update {table} set profile_id = 2 where record_id = 20")
        recount_orders([1, 2])
        assert (rows(cursor, ORDERS), sorted(rows(cursor, VALUES))) == before


def test_revenue_is_said_once_in_sql_and_in_django() -> None:
    with connection.cursor() as cursor:
        store(cursor, some_reports(Random(4)))
        per_person = rows(
            cursor,
            f"""select profile_id, {revenue.REVENUE}, {revenue.ORDERS} from events_order o
                 group by profile_id order by profile_id""",
        )
    by_django = Order.objects.values("profile_id").order_by("profile_id")
    assert per_person == list(
        by_django.annotate(net=revenue.revenue, n=revenue.orders).values_list("profile_id", "net", "n")
    )
    assert sum(row[1] for row in per_person) == Order.objects.aggregate(net=Sum(revenue.net))["net"]


@pytest.mark.parametrize(
    ("order", "net", "counts"),
    [
        ({"total": 50}, 50, True),
        ({"total": 0}, 0, True),
        ({"total": 50, "refunded": 20}, 30, True),
        ({"total": 50, "refunded": 50}, 0, False),
        ({"total": 50, "is_cancelled": True}, 0, False),
        ({"refunded": 20, "ordered_at": None}, -20, False),
    ],
)
def test_what_counts_as_an_order(order: dict[str, Any], net: int, counts: bool) -> None:
    Order.objects.create(**({"profile_id": 1, "order_id": "A", "record_id": 1, "ordered_at": DAY} | order))
    found = Order.objects.annotate(net=revenue.net, is_one=revenue.is_counted).get()
    assert (found.net, found.is_one) == (net, counts)
