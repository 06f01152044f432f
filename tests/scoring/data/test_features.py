"""Features as of a moment: what they say of a history made by hand, and that nothing later is seen."""

from datetime import datetime

import pytest

from scoring.features import Wanted, columns, features_as_of
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db
BUY, VIEW = "Order Completed", "Product Viewed"


def of_one(moment: datetime = NOW, wanted: Wanted = Wanted()) -> dict[str, float | str | None]:  # noqa: B008
    table = features_as_of(moment, wanted=wanted)
    assert len(table) == 1
    assert table.words is not None
    row = [*table.values[0].tolist(), *table.words[0].tolist()]
    return dict(zip([one.name for one in table.columns], row, strict=True))


def test_a_history_by_hand() -> None:
    take_in(
        [
            track("ann", VIEW, at=ago(days=200), properties={"product_id": "a"}),
            track("ann", BUY, at=ago(days=100), properties={"order_id": "1", "total": 50, "coupon": "X"}),
            track("ann", BUY, at=ago(days=70), properties={"order_id": "2", "total": 30}),
            track("ann", BUY, at=ago(days=60), properties={"order_id": "3", "total": 10}),
            track("ann", "Order Refunded", at=ago(days=50), properties={"order_id": "2", "total": 15}),
            track("ann", VIEW, at=ago(days=5, minutes=10)),
            track("ann", VIEW, at=ago(days=5)),
            identify("ann", at=ago(days=9), traits={"plan": "pro", "age": 30}),
        ]
    )
    found = of_one(wanted=Wanted(events=(VIEW,), traits=("plan", "age")))
    expected = {
        "orders": 3,
        "recency_days": 60,
        "customer_days": 100,
        "order_span_days": 40,
        "revenue": 75,
        "mean_gap_days": 20,
        "last_gap_days": 10,
        "orders_90d": 2,
        "refund_share": 15 / 90,
        "discount_share": 1 / 3,
        "tenure_days": 200,
        "quiet_days": 5,
        "views_30d": 2,
        "visits_30d": 1,
        "browsing_minutes_90d": 10,
        "visits_without_order_90d": 1,
        f"event.{VIEW}.n": 3,
        "trait.age": 30,
        "trait.plan.word": "pro",
        "source": "web",
        "first_channel": "direct",
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["trait.plan"] != found["trait.plan"], "not a number"


def test_columns_are_those_of_the_table() -> None:
    take_in([track("ann", VIEW)])
    wanted = Wanted(events=(VIEW, BUY), traits=("plan",))
    table = features_as_of(NOW, wanted=wanted)
    assert table.columns == columns(wanted)
    assert table.values.shape == (1, len(table.numeric))
