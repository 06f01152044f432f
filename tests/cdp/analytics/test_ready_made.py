"""The computed traits that come with the product, by what people did."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from cdp.analytics.models import ComputedTrait
from cdp.analytics.points import half_lives, score
from cdp.analytics.ready_made import READY_MADE
from cdp.events.items import ItemRow, upsert_items
from tests.cdp.analytics.keeping import everything, follow_all, refresh_all, refresh_anew, value
from tests.taking_in import NOW, ago, take_in, track

pytestmark = pytest.mark.django_db
BUY = "Order Completed"


def order(user: str, number: str, total: float, *, days: float, name: str = BUY, **more: Any) -> dict[str, Any]:
    return track(user, name, at=ago(days=days), properties={"order_id": number, "total": total, **more})


def test_all_are_on_after_migrating_and_are_made_once() -> None:
    assert set(ComputedTrait.objects.filter(is_on=True).values_list("key", flat=True)) == {
        one.key for one in READY_MADE
    }


def test_orders_net_of_refunds_and_without_cancelled_ones() -> None:
    take_in(
        [
            order("ann", "1", 100, days=30),
            order("ann", "2", 50, days=20),
            order("ann", "3", 70, days=10),
            order("ann", "1", 40, days=5, name="Order Refunded"),
            order("ann", "3", 70, days=4, name="Order Cancelled"),
            order("bob", "9", 10, days=1),
        ]
    )
    follow_all()
    assert value("frequency", "ann") == 2
    assert value("monetary", "ann") == 110
    assert value("average_order_value", "ann") == 55
    assert value("recency", "ann") == ago(days=20)
    assert value("order_gap", "ann") is None
    assert value("frequency", "bob") == 1


def test_the_usual_gap_needs_three_orders() -> None:
    take_in([order("ann", str(n), 10, days=days) for n, days in enumerate((31, 11, 1))])
    follow_all()
    assert value("order_gap", "ann") == 15


def test_visits_end_with_half_an_hour_of_silence() -> None:
    minutes = (0, 10, 40, 71, 200)
    take_in([track("ann", at=NOW - timedelta(days=1) + timedelta(minutes=one)) for one in minutes])
    take_in([track("ann", "Email Opened", at=NOW - timedelta(hours=1))])
    follow_all()
    assert value("sessions", "ann") == 3
    assert value("session_duration", "ann") == 800
    assert value("days_since_visit", "ann") == NOW - timedelta(days=1) + timedelta(minutes=200)


def test_the_score_fades_by_half_in_a_half_life() -> None:
    take_in([track("ann", "Product Viewed", at=ago(days=14)), track("ann", "Product Added", at=NOW)])
    follow_all()
    e, half_life = value("engagement", "ann"), timedelta(days=14)
    assert score(e, now=NOW, half_life=half_life) == pytest.approx(6)
    assert score(e, now=NOW + half_life, half_life=half_life) == pytest.approx(3)
    assert e == pytest.approx(Decimal(half_lives(NOW, half_life)) + Decimal("2.584962501"), abs=Decimal("1e-8"))


def test_the_favourite_category_follows_what_is_bought_more_than_what_is_viewed() -> None:
    with connection.cursor() as cursor:
        upsert_items(cursor, [ItemRow(id="a", category="shoes"), ItemRow(id="b", category="hats")], now=NOW)
    views = [track("ann", "Product Viewed", properties={"product_id": "a"}, at=ago(days=n)) for n in (1, 2, 3)]
    take_in([*views, order("ann", "1", 5, days=4, products=[{"product_id": "b", "price": 5}])])
    follow_all()
    assert value("favourite_category", "ann") == "hats"


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        ([1], "new"),
        ([89.9], "new"),
        ([90], "at risk"),
        ([180], "lapsed"),
        ([1, 20], "active"),
        ([1, 181], "won back"),
        ([1, 180.9], "active"),
        ([39, 59, 79], "active"),  # usual gap of 20 days
        ([40, 60, 80], "at risk"),
        ([80, 100, 120], "lapsed"),
        ([1, 81, 101, 121], "won back"),
        ([0.1, 0.2, 0.3], "active"),  # a gap of hours counts as 7 days
        ([14, 14.1, 14.2], "at risk"),
    ],
)
def test_the_stage(days: list[float], stage: str) -> None:
    take_in([order("ann", str(n), 10, days=one) for n, one in enumerate(days)])
    follow_all()
    assert value("lifecycle_stage", "ann") == stage


def test_the_stage_changes_when_its_time_comes() -> None:
    take_in([order("ann", "1", 10, days=0)])
    follow_all()
    for days, stage in ((90, "at risk"), (180, "lapsed")):
        due = NOW + timedelta(days=days)
        assert follow_all(now=due - timedelta(microseconds=1)) == {}
        (news,) = follow_all(now=due).values()
        assert news == {"computed:lifecycle_stage"}
        assert value("lifecycle_stage", "ann") == stage


def test_bands_part_the_buyers_in_fifths_and_make_the_cell() -> None:
    people = [f"p{n}" for n in range(10)]
    take_in(
        [
            order(one, f"{one}-{k}", 10 * (n + 1), days=n + 1 + k / 10)
            for n, one in enumerate(people)
            for k in range(1 + n // 5)
        ]
    )
    refresh_all()
    assert [value("rfm_recency", one) for one in people] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert [value("rfm_monetary", one) for one in people] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [value("rfm_frequency", one) for one in people] == [1] * 5 + [3] * 5
    assert value("rfm", "p0") == "5-1-1"
    take_in([order("p9", "new", 1, days=0)])
    (news,) = follow_all().values()
    assert {"computed:recency", "computed:rfm_recency", "computed:rfm"} <= news
    assert value("rfm", "p9") == "5-5-5"
    before = everything()
    refresh_anew(now=NOW)
    assert everything() == before
