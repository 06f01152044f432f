"""Rules on computed traits: who they hold for, what they say, where they are wrong, and when time flips them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cdp.analytics import save
from cdp.analytics.models import ComputedTrait
from cdp.profiles.models import Identifier
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.sets import count, crossing, matching
from cdp.rules.to_english import to_english
from cdp.rules.tree import UTC, Node, depends
from tests.cdp.analytics.keeping import a_trait, follow_all, refresh_all
from tests.taking_in import NOW, ago, identify, rows, take_in, track

pytestmark = pytest.mark.django_db
BUY, VIEW = "Order Completed", "Product Viewed"
DAY = timedelta(days=1)


def rule(**leaf: Any) -> Node:
    return parse({"version": 1, "root": {"kind": "computed", **leaf}})


@pytest.fixture
def shop(db: None) -> dict[str, int]:
    """ann bought twice and viewed red, bob bought long ago, cat viewed, dan is only known."""
    take_in(
        [
            *(identify(one) for one in ("ann", "bob", "cat", "dan")),
            track("ann", BUY, at=ago(days=1), properties={"order_id": "1", "total": 60}),
            track("ann", BUY, at=ago(days=5), properties={"order_id": "2", "total": 50}),
            track("ann", VIEW, at=ago(days=2), properties={"color": "red"}),
            track("bob", BUY, at=ago(days=100), properties={"order_id": "3", "total": 20}),
            track("cat", VIEW, at=ago(days=7), properties={"color": "blue"}),
            track("cat", VIEW, at=ago(days=8), properties={"color": "green"}),
        ]
    )
    a_trait("color", kind="events", measure="last", name=VIEW, of={"property": "color"})
    a_trait("colors", kind="events", measure="list", name=VIEW, of={"property": "color"})
    a_trait("first_view", kind="events", measure="first_at", name=VIEW)
    a_trait("views", kind="events", measure="count", name=VIEW)
    refresh_all()
    return dict(Identifier.objects.filter(namespace="user_id").values_list("value", "profile_id"))


WHO = [
    ({"key": "frequency", "op": "at_least", "value": 1}, "ann bob"),
    ({"key": "frequency", "op": "is", "value": 2}, "ann"),
    ({"key": "frequency", "op": "is", "value": 0}, "cat dan"),
    ({"key": "frequency", "op": "is_not", "value": 2}, "bob cat dan"),
    ({"key": "frequency", "op": "is_not", "value": 0}, "ann bob"),
    ({"key": "frequency", "op": "less_than", "value": 2}, "bob cat dan"),
    ({"key": "frequency", "op": "between", "value": 0, "to": 1}, "bob cat dan"),
    ({"key": "frequency", "op": "between", "value": 1, "to": 1.5}, "bob"),
    ({"key": "frequency", "op": "is_set"}, "ann bob cat dan"),
    ({"key": "frequency", "op": "is_not_set"}, ""),
    ({"key": "average_order_value", "op": "at_most", "value": 55}, "ann bob"),
    ({"key": "average_order_value", "op": "is_not_set"}, "cat dan"),
    ({"key": "recency", "op": "at_least", "value": 100}, "bob"),
    ({"key": "recency", "op": "more_than", "value": 100}, ""),
    ({"key": "recency", "op": "at_most", "value": 100}, "ann bob"),
    ({"key": "recency", "op": "less_than", "value": 1}, ""),
    ({"key": "recency", "op": "between", "value": 0.5, "to": 1}, "ann"),
    ({"key": "lifecycle_stage", "op": "is", "value": "active"}, "ann"),
    ({"key": "lifecycle_stage", "op": "one_of", "value": ["active", "at risk"]}, "ann bob"),
    ({"key": "lifecycle_stage", "op": "none_of", "value": ["active"]}, "bob cat dan"),
    ({"key": "color", "op": "contains", "value": "RE"}, "ann"),
    ({"key": "color", "op": "is_not", "value": "red"}, "bob cat dan"),
    ({"key": "colors", "op": "has_all", "value": ["blue", "green"]}, "cat"),
    ({"key": "colors", "op": "has_none", "value": ["blue"]}, "ann bob dan"),
    ({"key": "colors", "op": "longer_than", "value": 1}, "cat"),
    ({"key": "first_view", "op": "before", "value": "2026-02-22"}, "cat"),
    ({"key": "first_view", "op": "within_last", "amount": 3, "unit": "day"}, "ann"),
    ({"key": "engagement", "op": "more_than", "value": 0}, "ann bob cat"),
    ({"key": "engagement", "op": "at_least", "value": 30}, "ann"),
    ({"key": "engagement", "op": "at_most", "value": 0}, "dan"),
    ({"key": "engagement", "op": "less_than", "value": 1}, "bob dan"),
    ({"key": "engagement", "op": "between", "value": 0, "to": 3}, "bob cat dan"),
]


@pytest.mark.parametrize(("leaf", "who"), WHO, ids=lambda one: str(one) if isinstance(one, dict) else "")
def test_a_rule_holds_for(shop: dict[str, int], leaf: dict[str, Any], who: str) -> None:
    node, expected = rule(**leaf), {shop[one] for one in who.split()}
    assert matching(node, list(shop.values()), now=NOW) == expected
    assert count(node, now=NOW) == len(expected)
    assert depends(node) == {f"computed:{leaf['key']}"}


def test_what_is_computed_can_be_cut(shop: dict[str, int]) -> None:
    longest_ago = {"kind": "percentile", "of": {"kind": "computed", "key": "recency"}, "percent": 50}
    node = parse({"version": 1, "root": longest_ago})
    cuts = cuts_for(node, now=NOW, zone=UTC)
    assert matching(node, list(shop.values()), now=NOW, cuts=cuts) == {shop["ann"], shop["bob"]}
    assert to_english(node) == "People who are in the top 50 % by “Days since last order”"
    most = {"kind": "top", "of": {"kind": "computed", "key": "engagement"}, "count": 1}
    node = parse({"version": 1, "root": most})
    assert matching(node, list(shop.values()), now=NOW, cuts=cuts_for(node, now=NOW, zone=UTC)) == {shop["ann"]}


def test_rfm(shop: dict[str, int]) -> None:
    for bands, who in (
        ({"recency": [5]}, {"ann"}),
        ({"recency": [5, 3], "monetary": [1]}, {"bob"}),
        ({"recency": [1, 2, 4]}, set()),
    ):
        node = parse({"version": 1, "root": {"kind": "rfm", **bands}})
        assert matching(node, list(shop.values()), now=NOW) == {shop[one] for one in who}
    assert to_english(node) == "People whose RFM: recency band is 1 or 2 or 4"
    assert rows("select count(*) from analytics_computedvalue where text = '5-3-3'") == [(1,)]


WRONG = [
    ({"key": "nonsense", "op": "is", "value": 1}, "root.key"),
    ({"key": "frequency", "op": "contains", "value": "x"}, "root.op"),
    ({"key": "frequency", "op": "is", "value": "2"}, "root.value"),
    ({"key": "engagement", "op": "is", "value": 2}, "root.op"),
    ({"key": "recency", "op": "at_least", "value": -1}, "root.value"),
    ({"key": "recency", "op": "within_last", "amount": 3, "unit": "day"}, "root.op"),
    ({"key": "lifecycle_stage", "op": "is", "value": 7}, "root.value"),
]


@pytest.mark.parametrize(("leaf", "place"), WRONG)
def test_what_is_wrong_is_told_with_its_place(leaf: dict[str, Any], place: str) -> None:
    with pytest.raises(RuleError) as error:
        rule(**leaf)
    assert error.value.place == place


def test_a_trait_that_is_off_cannot_be_named() -> None:
    save.switch(ComputedTrait.objects.get(key="sessions"), is_on=False, now=NOW)
    with pytest.raises(RuleError, match="switched off"):
        rule(key="sessions", op="at_least", value=1)


def test_it_says_itself() -> None:
    assert to_english(rule(key="recency", op="at_least", value=30)) == (
        "People whose “Days since last order” is at least 30 days"
    )


MOVING = [
    *({"key": "recency", "op": op, "value": n} for op in ("at_least", "more_than", "less_than") for n in (2, 7.5)),
    {"key": "recency", "op": "between", "value": 3, "to": 50},
    *({"key": "engagement", "op": op, "value": n} for op in ("at_least", "less_than") for n in (1, 20)),
    {"key": "engagement", "op": "between", "value": 0.5, "to": 3},
    {"key": "first_view", "op": "before_last", "amount": 9, "unit": "day"},
    {"key": "first_view", "op": "within_last", "amount": 3, "unit": "day"},
]


def test_time_alone_flips_only_whom_the_crossings_name_and_an_explanation_foretells_it(shop: dict[str, int]) -> None:
    ids = list(shop.values())
    quick = settings(
        max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None,
        phases=[Phase.generate],
    )  # fmt: skip

    @quick
    @given(st.sampled_from(MOVING), st.integers(0, 400), st.integers(1, 300), st.sampled_from(sorted(shop.values())))
    def check(leaf: dict[str, Any], start: int, later: int, person: int) -> None:
        node, since = rule(**leaf), NOW + start * DAY / 10
        until = since + later * DAY / 10
        old, new = matching(node, ids, now=since), matching(node, ids, now=until)
        assert old ^ new <= crossing(node, since=since, until=until)
        assert crossing(node, since=since, until=until, ids=ids[:2]) <= set(ids[:2])
        told = explain(node, person, now=since)
        assert told.is_in == (person in old)
        if told.flips_at is None or told.flips_at > until:
            assert (person in new) == told.is_in
        else:
            assert (person in matching(node, ids, now=told.flips_at)) != told.is_in
            just_before = told.flips_at - timedelta(milliseconds=3)
            assert just_before <= since or (person in matching(node, ids, now=just_before)) == told.is_in

    check()


def test_a_value_that_leaves_a_window_flips_a_rule(shop: dict[str, int]) -> None:
    a_trait("week", kind="events", measure="count", name=BUY, window={"kind": "last", "amount": 7, "unit": "day"})
    refresh_all()
    node = rule(key="week", op="at_least", value=2)
    assert matching(node, list(shop.values()), now=NOW) == {shop["ann"]}
    news = follow_all(now=NOW + 2 * DAY)
    assert news[shop["ann"]] == {"computed:week"}
    assert matching(node, list(shop.values()), now=NOW + 2 * DAY) == set()
