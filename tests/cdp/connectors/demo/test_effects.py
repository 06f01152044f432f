"""What is planted can be learned from the messages, and cannot be read off them."""

import math
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cdp.connectors.demo.people import Habit, Kind
from cdp.connectors.demo.season import black_friday
from cdp.connectors.demo.shop import Told

from .features import UNTIL, behaviour, rfm, style, table, told

SIXTY = timedelta(days=60)
LEAST, MOST = 0.70, 0.97
"""Area under the curve: below, there is nothing to find; above, there is nothing to learn."""
CLEAR = 0.99
"""The same for habits, which groups are to show without anybody saying what to look for."""


def customers() -> list[Told]:
    return [one for one in told() if one.person.kind in (Kind.ACCOUNT, Kind.GUEST) and one.facts]


def auc(features: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Of a plain logistic regression, each person judged by a model that has not seen them."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    chances = cross_val_predict(model, features, truth, cv=5, method="predict_proba")[:, 1]
    return float(roc_auc_score(truth, chances))


def names(one: Told) -> list[str]:
    return [fact.message.get("event", fact.message["type"]) for fact in one.facts]


@pytest.mark.parametrize("habit", list(Habit))
def test_habits_show_in_how_people_shop(habit: Habit) -> None:
    everyone = customers()
    features = table(style(behaviour(one.facts, before=UNTIL)) for one in everyone)
    assert LEAST < auc(features, np.array([one.person.taste.habit is habit for one in everyone])) < CLEAR


def test_clusters_find_the_three_habits() -> None:
    seen = [
        (one.person.taste.habit.value, behaviour(one.facts, before=UNTIL))
        for one in customers()
        if one.person.taste.habit is not Habit.REGULAR and one.person.consents.analytics
    ]
    seen = [(habit, done) for habit, done in seen if len(done.visit_days) + done.orders >= 3]
    features = StandardScaler().fit_transform(table(style(done) for _, done in seen))
    found = KMeans(3, n_init=10, random_state=1).fit_predict(features)
    assert 0.8 <= adjusted_rand_score([habit for habit, _ in seen], found) < 1


@pytest.mark.parametrize("days", [30, 90])
def test_the_next_order_can_be_foreseen_from_the_past(days: int) -> None:
    at = UNTIL - timedelta(days=days)
    past = [(one, behaviour(one.facts, before=at)) for one in customers()]
    past = [(one, done) for one, done in past if done.first_at]
    bought = np.array([behaviour(one.facts, before=UNTIL).orders > done.orders for one, done in past])
    assert LEAST < auc(table(rfm(done, at=at) for _, done in past), bought) < MOST


def test_those_who_drift_away_stop_opening_mails() -> None:
    everyone, features = customers(), []
    for one in everyone:
        recent = Counter(name for name, fact in zip(names(one), one.facts, strict=True) if UNTIL - fact.at < SIXTY)
        mails = [recent["Email Opened"], recent["Email Delivered"]]
        features.append([*rfm(behaviour(one.facts, before=UNTIL), at=UNTIL), *mails])
    assert LEAST < auc(table(features), np.array([one.truth["is_churned"] for one in everyone])) < MOST


def test_who_is_expected_to_order_did_so_lately() -> None:
    expected = [one.truth["orders_90d"] for one in customers()]
    recent = [sum(UNTIL - at < timedelta(days=90) for at in _orders(one)) for one in customers()]
    assert np.corrcoef(expected, recent)[0, 1] > 0.5
    assert all(0 <= one.truth["buys_90d"] <= 1 for one in told())


def _orders(one: Told) -> list[datetime]:
    return behaviour(one.facts, before=UNTIL).orders_at


def test_mails_are_opened_at_personal_hours() -> None:
    errors = [abs((_mean_hour(hours) - hour + 12) % 24 - 12) for hour, hours in _opened() if len(hours) >= 5]
    assert len(errors) > 100
    assert 0.2 < np.median(errors) < 1.5


def _opened() -> list[tuple[float, list[float]]]:
    found = []
    for one in customers():
        local = [
            fact.at.astimezone(one.person.zone)
            for name, fact in zip(names(one), one.facts, strict=True)
            if name == "Email Opened"
        ]
        found.append((one.truth["reading_hour"], [at.hour + at.minute / 60 for at in local]))
    return found


def _mean_hour(hours: list[float]) -> float:
    """On the circle, in [0, 24)."""
    x = sum(math.cos(hour * math.pi / 12) for hour in hours)
    y = sum(math.sin(hour * math.pi / 12) for hour in hours)
    return math.atan2(y, x) * 12 / math.pi % 24


def test_orders_follow_the_season() -> None:
    orders = [at.astimezone(one.person.zone) for one in customers() for at in _orders(one)]
    days = Counter(at.date() for at in orders)
    months = Counter(at.month for at in orders)
    usual = len(orders) / 365
    assert (months[11] + months[12]) / 61 > 1.25 * usual
    assert (months[7] + months[8]) / 62 < 0.9 * usual
    assert days[black_friday(2025)] > 1.4 * usual
    assert sum(days[date(2025, 12, day)] for day in (24, 25, 26)) < 3 * usual
    hours = Counter(at.hour for at in orders)
    assert sum(hours[hour] for hour in range(18, 22)) > 4 * sum(hours[hour] for hour in range(1, 5))


def test_tastes_show_in_what_is_bought() -> None:
    favourite = bought = 0
    for one in customers():
        for fact in one.facts:
            if fact.message.get("event") == "Order Completed":
                codes = [product["product_id"][:3] for product in fact.message["properties"]["products"]]
                bought += len(codes)
                favourite += codes.count(one.person.taste.categories[0])
    assert 0.25 < favourite / bought < 0.6


def test_exact_addresses_join_many_records_but_not_all_and_not_only_the_right_ones() -> None:
    """So that fuzzy matching has something to find, and shared addresses something to spoil."""
    owners: dict[str, set[int]] = {}
    addresses: dict[tuple[int, str], set[str]] = {}
    for one in told():
        for fact in one.facts:
            if fact.message["type"] == "identify" and "email" in fact.message["traits"]:
                email = fact.message["traits"]["email"].strip().lower()
                key = fact.message.get("userId") or fact.message["anonymousId"]
                owners.setdefault(email, set()).add(one.person.number)
                addresses.setdefault((one.person.number, fact.source + key), set()).add(email)
    by_person: dict[int, list[set[str]]] = {}
    for (person, _), emails in addresses.items():
        by_person.setdefault(person, []).append(emails)
    pairs = [bool(a & b) for records in by_person.values() for a, b in pairwise(records)]
    assert 0.6 < sum(pairs) / len(pairs) < 0.95
    assert sum(len(people) > 1 for people in owners.values()) > 5


def test_everything_promised_is_there() -> None:
    found = Counter(name for one in told() for name in names(one))
    for name in PROMISED:
        assert found[name] > 0, name
    assert {one.truth["habit"] for one in told()} == {habit.value for habit in Habit}
    tiers = {
        fact.message["traits"]["loyaltyTier"]
        for one in told()
        for fact in one.facts
        if "loyaltyTier" in fact.message.get("traits", {})
    }
    assert tiers == {"bronze", "silver", "gold", "platinum"}


PROMISED = (
    *("page", "identify", "Product List Viewed", "Products Searched", "Product Viewed", "Product Added"),
    *("Product Removed", "Cart Viewed", "Checkout Started", "Coupon Applied", "Coupon Denied", "Order Completed"),
    *("Order Refunded", "Order Cancelled", "Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced"),
    *("Unsubscribed", "Segment Consent Preference Updated", "Support Ticket Opened", "Support Ticket Solved"),
)
