"""Orders from a file read as a shop's, and leave no trace."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from scoring.features import Wanted, features_as_of
from scoring.models import Predictor
from scoring.populations import people_as_of
from scoring.scratch import TABLES, Orders, orders_apart
from scoring.targets import outcome
from tests.taking_in import NOW, ago, rows, take_in, track

pytestmark = pytest.mark.django_db
Kind = Predictor.Kind


def some_orders() -> Orders:
    """ann: two lines of one order, then one with money back; bob one later."""
    rows = [
        ("ann", ago(days=60), 10.0, "1"),
        ("ann", ago(days=60), 5.0, "1"),
        ("ann", ago(days=40), 20.0, "2"),
        ("ann", ago(days=35), -4.0, "C2"),
        ("bob", ago(days=50), 8.0, "3"),
        ("bob", ago(days=10), 9.0, "4"),
        ("bob", ago(days=5), -2.0, "C4"),
    ]
    customers, times, values, ids = zip(*rows, strict=True)
    return Orders(np.array(customers, object), times, np.array(values), np.array(ids, object))


def test_orders_of_a_file_give_features_people_and_targets() -> None:
    take_in([track("someone", "Order Completed", properties={"order_id": "9", "total": 5}, at=ago(days=45))])
    moment = ago(days=30)
    with orders_apart(some_orders()) as customers:
        assert customers.tolist() == ["ann", "bob"]
        table = features_as_of(moment, wanted=Wanted())
        assert table.profile_ids.tolist() == [1, 2]
        assert table.column("orders").tolist() == [2, 1]
        assert table.column("revenue").tolist() == [31, 8]
        assert table.column("recency_days").tolist() == [10, 20]
        buys = Predictor(kind=Kind.PURCHASE, days=30)
        assert people_as_of(buys, moment).tolist() == [1, 2]
        assert outcome(buys, [1, 2], after=moment, until=NOW).tolist() == [0, 1]
        value = Predictor(kind=Kind.VALUE, days=30)
        assert outcome(value, [1, 2], after=moment, until=NOW).tolist() == [0, 7]
    assert rows("select order_id from events_order") == [("9",)]
    left = "select count(*) from pg_class where relnamespace = pg_my_temp_schema() and relname = any(%s)"
    assert rows(left, [*TABLES, "given"]) == [(0,)]


def test_money_given_back_later_is_not_seen() -> None:
    with orders_apart(some_orders()):
        table = features_as_of(ago(days=38), wanted=Wanted())
        assert table.column("revenue").tolist() == [35, 8]
        assert table.column("refund_share").tolist() == [0, 0]


def test_without_ids_lines_of_one_time_are_one_order() -> None:
    orders = some_orders()
    with orders_apart(Orders(orders.customers, orders.times, orders.values)):
        assert features_as_of(NOW, wanted=Wanted()).column("orders").tolist() == [2, 2]


def test_many_orders_take_seconds() -> None:
    generator = np.random.default_rng(1)
    n = 20_000
    start = datetime(2025, 1, 1, tzinfo=UTC)
    times = [start + timedelta(hours=float(hours)) for hours in generator.uniform(0, 9000, n)]
    customers = generator.integers(0, 4000, n).astype(object)
    with orders_apart(Orders(customers, times, generator.gamma(2, 20, n).round(2) + 0.01)):
        table = features_as_of(start + timedelta(days=300), wanted=Wanted())
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from events_order where ordered_at <= %s", [start + timedelta(days=300)])
            assert table.column("orders").sum() == cursor.fetchone()[0]
