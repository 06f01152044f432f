from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from cdp.events.models import ExchangeRate
from cdp.events.orders import order_id_of, price

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Stated:
    name: str
    properties: dict[str, Any]
    occurred_at: datetime


AT = datetime(2026, 3, 10, 23, 59, tzinfo=UTC)

CASES: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("Order Completed", {"order_id": "1", "total": 10}, "10.00", ""),
    ("Order Completed", {"order_id": "1", "total": "10.005", "currency": "eur"}, "10.01", ""),
    ("Order Completed", {"order_id": "1", "total": 10, "currency": "USD"}, "9.00", ""),
    ("Order Completed", {"order_id": "1", "revenue": 7}, "7.00", ""),
    (
        "Order Completed",
        {"order_id": 5, "products": [{"price": 2.5, "quantity": 2}, {"price": 1}]},
        "6.00",
        "",
    ),
    ("Order Completed", {"order_id": "1"}, None, ""),
    ("Order Completed", {"total": 10}, "10.00", ""),
    ("Order Completed", {"order_id": "1", "total": "ten"}, None, "is not a number"),
    ("Order Completed", {"order_id": "1", "total": float("nan")}, None, "is not a number"),
    ("Order Completed", {"order_id": "1", "total": 10**12}, None, "is not a number below"),
    ("Order Completed", {"order_id": "1", "total": -1}, None, "is negative"),
    ("Order Refunded", {"order_id": "1", "total": -4}, "4.00", ""),
    ("Order Completed", {"order_id": "1", "total": 10, "currency": "GOLD"}, None, "“GOLD” is not a currency"),
    ("Order Completed", {"order_id": "1", "total": 10, "currency": "JPY"}, None, "no exchange rate from JPY"),
    ("Product Added", {"value": 3, "currency": "USD"}, "2.70", ""),
    ("Product Added", {"value": True}, None, ""),
    ("Signed Up", {"currency": "GOLD"}, None, ""),
    ("Product List Viewed", {"products": [{"price": 1}], "currency": "JPY"}, None, ""),
]


@pytest.mark.parametrize(("name", "properties", "amount", "refusal"), CASES)
def test_worth_of_an_event(name: str, properties: dict[str, Any], amount: str | None, refusal: str) -> None:
    for day, rate in ((date(2026, 3, 1), "0.8"), (date(2026, 3, 10), "0.9"), (date(2026, 3, 11), "1.5")):
        ExchangeRate.objects.create(currency="USD", valid_on=day, rate=Decimal(rate))
    with connection.cursor() as cursor:
        (priced,) = price(cursor, [Stated(name, properties, AT)], reporting="EUR")
    assert (priced.amount and str(priced.amount)) == amount
    assert refusal in priced.refusal
    assert bool(priced.refusal) == bool(refusal)


def test_a_batch_in_the_reporting_currency_asks_the_database_nothing(django_assert_num_queries: Any) -> None:
    stated = [Stated("Order Completed", {"order_id": str(n), "total": n}, AT) for n in range(100)]
    with django_assert_num_queries(0), connection.cursor() as cursor:
        price(cursor, stated, reporting="EUR")


def test_a_batch_in_many_currencies_asks_once(django_assert_num_queries: Any) -> None:
    stated = [Stated("Product Added", {"value": 1, "currency": code}, AT) for code in ("USD", "GBP", "JPY") * 9]
    with django_assert_num_queries(1), connection.cursor() as cursor:
        price(cursor, stated, reporting="EUR")


@pytest.mark.parametrize(
    ("properties", "order_id"),
    [({"order_id": " A1 "}, "A1"), ({"order_id": 7}, "7"), ({"orderId": "x"}, "x"), ({}, ""), ({"order_id": None}, ""),
     ({"order_id": "undefined"}, ""), ({"order_id": "NULL"}, ""), ({"order_id": 0}, ""), ({"order_id": True}, "")],
)  # fmt: skip
def test_order_ids_that_name_no_order_are_none(properties: dict[str, Any], order_id: str) -> None:
    assert order_id_of(properties) == order_id
