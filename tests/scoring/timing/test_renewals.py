"""Gaps and silences from orders, as known at a moment; and the order that came next."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from cdp.profiles.models import Profile
from scoring.renewals import MOST_GAPS, came, renewals_as_of
from tests.taking_in import NOW, ago, take_in, track

pytestmark = pytest.mark.django_db


def ordered(user: str, *days_ago: float) -> None:
    for days in days_ago:
        about = {"order_id": f"{user}-{days}", "total": 9}
        take_in([track(user, "Order Completed", at=ago(days=days), properties=about)], lane="bulk")


def as_of(moment: datetime) -> dict[str, tuple[float, ...]]:
    ids, found = renewals_as_of(moment)
    who = dict(Profile.objects.values_list("id", "traits"))
    columns = np.stack([found.gaps, np.exp(found.logs), found.silence], axis=1).round(3)
    return {who[i]["name"]: tuple(row) for i, row in zip(ids.tolist(), columns.tolist(), strict=True)}


@pytest.fixture
def people() -> None:
    take_in([{**track(name), "type": "identify", "traits": {"name": name}} for name in ("ann", "bob", "cy")])
    ordered("ann", 100, 70, 60)
    ordered("bob", 50, 49.8, 30)  # the second belongs to the first


def test_gaps_and_silence(people: None) -> None:
    assert as_of(NOW) == {"ann": (2, 300, 60), "bob": (1, 19.8, 30)}
    assert as_of(ago(days=65)) == {"ann": (1, 30, 5)}


def test_nothing_later_is_looked_at(people: None) -> None:
    before = as_of(ago(days=40))
    ordered("bob", 39)
    assert as_of(ago(days=40)) == before


def test_only_the_latest_gaps_count() -> None:
    take_in([{**track("ann"), "type": "identify", "traits": {"name": "ann"}}])
    ordered("ann", 5000, *range(2 * MOST_GAPS + 8, 0, -2))
    gaps, product, _ = as_of(NOW)["ann"]
    assert gaps == MOST_GAPS
    assert product == pytest.approx(2**gaps)


def test_the_next_order_within_the_window(people: None) -> None:
    moment = ago(days=49.9)
    ids, known = renewals_as_of(moment)
    found = came(ids, known, after=moment, until=moment + timedelta(days=25))
    names = [Profile.objects.get(pk=i).traits["name"] for i in ids]
    assert dict(zip(names, found.round(3).tolist(), strict=True)) == {
        "ann": pytest.approx(np.nan, nan_ok=True),
        "bob": 19.9,
    }


def test_narrowed_to_ids(people: None) -> None:
    ids, whole = renewals_as_of(NOW)
    some, part = renewals_as_of(NOW, ids=[int(ids[1])])
    assert some.tolist() == [ids[1]]
    assert part.silence[0] == whole.silence[1]
