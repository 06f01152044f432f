"""What came true, of all kinds, against histories made by hand."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from cdp.profiles.models import Identifier
from scoring.models import Predictor
from scoring.populations import people_as_of
from scoring.targets import outcome
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db
Kind = Predictor.Kind
BUY = "Order Completed"
MOMENT = ago(days=30)


def a_predictor(kind: str, days: int = 20, **more: Any) -> Predictor:
    return Predictor(name=kind, kind=kind, days=days, created_at=NOW, **more)


def an_order(user: str, order_id: str, *, days: float, total: float = 10) -> dict[str, Any]:
    return track(user, BUY, at=ago(days=days), properties={"order_id": order_id, "total": total})


def a_shop() -> dict[str, int]:
    """ann buys every ten days, bob bought long ago, cid just before the window ends and has his money back after,
    dan gets mails."""
    take_in(
        [
            *(an_order("ann", f"a{n}", days=30.5 + 10 * n) for n in range(8)),
            an_order("ann", "a-in", days=25, total=40),
            an_order("bob", "b1", days=300),
            an_order("cid", "c1", days=31),
            an_order("cid", "c2", days=10, total=70),
            track("cid", "Order Refunded", at=ago(days=9), properties={"order_id": "c2", "total": 70}),
            track("dan", "Email Delivered", at=ago(days=40)),
            track("dan", "Email Opened", at=ago(days=20)),
            identify("dan", at=ago(days=20), traits={"plan": "pro"}),
        ]
    )
    return {one.value: one.profile_id for one in Identifier.objects.filter(namespace="user_id")}


PRO = {"version": 1, "root": {"kind": "trait", "name": "plan", "op": "is", "value": "pro"}}


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        (Kind.PURCHASE, {}, {"ann": 1, "bob": 0, "cid": 1, "dan": 0}),
        (Kind.CHURN, {}, {"ann": 0, "bob": 1, "cid": 0, "dan": 1}),
        (Kind.OPEN, {}, {"ann": 0, "bob": 0, "cid": 0, "dan": 1}),
        (Kind.CLICK, {}, {"ann": 0, "bob": 0, "cid": 0, "dan": 0}),
        (Kind.EVENT, {"event_name": "Email Opened"}, {"ann": 0, "bob": 0, "cid": 0, "dan": 1}),
        (Kind.RULE, {"target": PRO}, {"ann": 0, "bob": 0, "cid": 0, "dan": 1}),
        (Kind.VALUE, {}, {"ann": 40, "bob": 0, "cid": 70, "dan": 0}),
        (Kind.NEXT_ORDER, {}, {"ann": 5, "bob": np.nan, "cid": 20, "dan": np.nan}),
        # Half a year at most: ann's own gap is ten days, so 20 days of silence would be twice her usual.
        (Kind.LAPSE, {"days": 180}, {"ann": 0, "bob": 1, "cid": 0}),
    ],
)
def test_what_came_true(kind: str, more: dict[str, Any], expected: dict[str, float]) -> None:
    ids = a_shop()
    found = outcome(
        a_predictor(kind, **more), [ids[one] for one in expected], after=MOMENT, until=MOMENT + timedelta(days=20)
    )
    np.testing.assert_allclose(found, list(expected.values()))


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        (Kind.PURCHASE, {}, "ann bob cid dan"),
        (Kind.CHURN, {"days": 30}, "ann cid"),
        (Kind.LAPSE, {}, "ann cid"),
        (Kind.OPEN, {}, "dan"),
        (Kind.NEXT_ORDER, {}, "ann bob cid"),
        (Kind.RULE, {"target": PRO}, "ann bob cid dan"),
        (Kind.PURCHASE, {"population": PRO}, ""),
    ],
)
def test_who_is_asked(kind: str, more: dict[str, Any], expected: str) -> None:
    ids = a_shop()
    found = people_as_of(a_predictor(kind, **more), MOMENT)
    assert found.tolist() == sorted(ids[one] for one in expected.split())
