"""The rule language in tables: who a rule holds for, what it says, and where it is wrong."""

from typing import Any

import pytest

from cdp.profiles.models import Identifier, Profile
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.sets import count, crossing, matching
from cdp.rules.to_english import to_english
from tests.taking_in import NOW, ago, identify, take_in, track

BUY, VIEW = "Order Completed", "Product Viewed"


def rule(*leaves: dict[str, Any], kind: str = "all") -> dict[str, Any]:
    return {"version": 1, "root": {"kind": kind, "of": list(leaves)}}


def trait(name: str, op: str, *value: Any) -> dict[str, Any]:
    return {"kind": "trait", "name": name, "op": op, **({"value": value[0]} if value else {})}


def event(name: str, op: str = "at_least", value: float = 1, **more: Any) -> dict[str, Any]:
    return {"kind": "event", "name": name, "op": op, "value": value, **more}


def last(amount: int, unit: str = "day") -> dict[str, Any]:
    return {"kind": "last", "amount": amount, "unit": unit}


def no(leaf: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "not", "of": leaf}


@pytest.fixture
def shop(db: None) -> dict[str, int]:
    """ann bought twice, bob viewed, cat bought long ago, dan is only known."""
    take_in(
        [
            identify("ann", traits={"city": "Rome", "age": 30, "vip": True}),
            identify("bob", traits={"city": "Romilly", "age": 41.5}),
            identify("cat", traits={"city": "oslo", "age": "30"}),
            identify("dan", traits={"name": "Dan"}),
            track("ann", BUY, at=ago(days=1), properties={"order_id": "1", "total": 60, "coupon": "X"}),
            track("ann", BUY, at=ago(days=5), properties={"order_id": "2", "total": 50}),
            track("bob", VIEW, at=ago(days=7), properties={"color": "red"}),
            track("cat", BUY, at=ago(days=100), properties={"order_id": "3", "total": 200}),
        ]
    )
    edges = Identifier.objects.filter(namespace="user_id")
    return dict(edges.values_list("value", "profile_id"))


WHO = [
    (trait("city", "is", "Rome"), "ann"),
    (trait("city", "is_not", "Rome"), "bob cat dan"),
    (trait("city", "contains", "ROM"), "ann bob"),
    (trait("city", "starts_with", "O"), "cat"),
    (trait("age", "is", 30), "ann"),
    (trait("age", "is", "30"), "cat"),
    (trait("age", "at_least", 30), "ann bob"),
    (trait("age", "less_than", 41.5), "ann"),
    (trait("vip", "is", True), "ann"),
    (trait("city", "is_set"), "ann bob cat"),
    (trait("city", "is_not_set"), "dan"),
    (event(BUY), "ann cat"),
    (event(BUY, window=last(5)), "ann"),
    (event(BUY, value=2, window=last(5)), ""),
    (event(BUY, value=2, window=last(6)), "ann"),
    (event(BUY, "exactly", 0), "bob dan"),
    (event(BUY, "exactly", 0, window=last(30)), "bob cat dan"),
    (event(BUY, "at_most", 1), "bob cat dan"),
    (event(BUY, "less_than", 2, window=last(30)), "bob cat dan"),
    (event(BUY, "more_than", 100, measure="sum"), "ann cat"),
    (event(BUY, "at_most", 110, measure="sum"), "ann bob dan"),
    (event(BUY, window={"kind": "between", "from": 90, "to": 110, "unit": "day"}), "cat"),
    (event(BUY, window={"kind": "between", "from": 5, "to": 100, "unit": "day"}), "ann"),
    (event(VIEW, window=last(7)), ""),
    (event(VIEW, window=last(169, "hour")), "bob"),
    (event(BUY, where=[{"property": "coupon", "op": "is", "value": "X"}]), "ann"),
    (event(BUY, where=[{"property": "coupon", "op": "is_not_set"}]), "ann cat"),
    (no(event(BUY)), "bob dan"),
    ({"kind": "any", "of": [event(VIEW), trait("name", "is", "Dan")]}, "bob dan"),
    ({"kind": "all", "of": [event(BUY), no(trait("city", "is", "Rome"))]}, "cat"),
]


@pytest.mark.parametrize(("leaf", "names"), WHO)
def test_a_rule_holds_for_the_right_people(shop: dict[str, int], leaf: dict[str, Any], names: str) -> None:
    node = parse(rule(leaf))
    wanted = {shop[name] for name in names.split()}
    assert matching(node, list(shop.values()), now=NOW) == wanted
    assert count(node, now=NOW) == len(wanted)
    assert matching(node, [shop["ann"]], now=NOW) == wanted & {shop["ann"]}


def test_a_merged_profile_is_never_a_member(shop: dict[str, int]) -> None:
    take_in([track(anonymousId="phone")])
    everybody = list(Profile.objects.values_list("pk", flat=True))
    take_in([identify("bob", traits={"email": "b@x.org"}), identify(anonymousId="phone", traits={"email": "b@x.org"})])
    living = set(Profile.objects.filter(merged_into=None).values_list("pk", flat=True))
    assert len(everybody) == len(living) + 1
    assert matching(parse(rule(event("Never", "exactly", 0))), everybody, now=NOW) == living


def test_time_alone_flips_who_reaches_an_edge_of_a_window(shop: dict[str, int]) -> None:
    """ann's orders are 1 and 5 days old, cat's 100."""
    node = parse(rule(event(BUY, window=last(5))))
    assert crossing(node, since=ago(minutes=1), until=NOW) == {shop["ann"]}
    assert crossing(node, since=NOW, until=ago(days=-1)) == set()
    between = parse(rule(event(BUY, window={"kind": "between", "from": 1, "to": 100, "unit": "day"})))
    assert crossing(between, since=ago(minutes=1), until=NOW) == {shop["ann"], shop["cat"]}


def test_it_explains_each_condition_with_the_value_seen(shop: dict[str, int]) -> None:
    found = explain(parse(rule(event(BUY, value=3), trait("city", "is", "Rome"))), shop["ann"], now=NOW)
    assert not found.is_in
    assert [(one.holds, one.seen) for one in found.findings] == [(False, "2"), (True, "Rome")]


@pytest.mark.parametrize(
    ("leaf", "english"),
    [
        (trait("city", "is", "Rome"), "People whose city is “Rome”"),
        (trait("vip", "is_not", True), "People whose vip is not yes"),
        (event(BUY, window=last(1)), "People who did Order Completed in the last day"),
        (event(BUY, "exactly", 0), "People who did not do Order Completed at any time"),
        (
            event(
                BUY, "more_than", 1000, measure="sum", window={"kind": "between", "from": 7, "to": 30, "unit": "day"}
            ),
            "People whose Order Completed sum up to more than 1,000 between 7 and 30 days ago",
        ),
        (
            event(BUY, value=2, where=[{"property": "size", "op": "at_least", "value": 4}]),
            "People who did Order Completed (where size is at least 4) at least 2 times at any time",
        ),
        (
            {"kind": "any", "of": [event(BUY), no(event(VIEW))]},
            "People who did Order Completed at any time or except those who did Product Viewed at any time",
        ),
        (
            {"kind": "all", "of": [event(BUY), no(event(VIEW)), trait("a", "is_set"), no(trait("b", "is_set"))]},
            "People who did Order Completed at any time and whose a is known,"
            " but not those who did Product Viewed at any time, nor those whose b is known",
        ),
    ],
)
def test_it_says_itself(leaf: dict[str, Any], english: str) -> None:
    assert to_english(parse(rule(leaf))) == english


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ([], "rule"),
        ({"version": 2, "root": {}}, "rule.version"),
        ({"version": 1}, "rule.root"),
        (rule(), "root.of"),
        (rule({"kind": "shoe"}), "root.of[0].kind"),
        (rule(trait("", "is", "x")), "root.of[0].name"),
        (rule(trait("a", "almost", "x")), "root.of[0].op"),
        (rule(trait("a", "is")), "root.of[0].value"),
        (rule(trait("a", "at_least", "7")), "root.of[0].value"),
        (rule(trait("a", "contains", 7)), "root.of[0].value"),
        (rule(trait("a\x00", "is", "x")), "root.of[0].name"),
        (rule(trait("a", "is", "x"), event(BUY, window={"kind": "last", "unit": "day"})), "root.of[1].window.amount"),
        (rule(event(BUY, window={"kind": "last", "amount": 0, "unit": "day"})), "root.of[0].window.amount"),
        (rule(event(BUY, window=last(9_000_000, "week"))), "root.of[0].window.amount"),
        (rule(event(BUY, window={"kind": "between", "from": 9, "to": 9, "unit": "day"})), "root.of[0].window.to"),
        (rule(event(BUY, value=float("nan"))), "root.of[0].value"),
        (rule(event(BUY, where=[{"property": "p", "op": "is"}])), "root.of[0].where[0].value"),
        (rule({**event(BUY), "colour": 1}), "root.of[0].colour"),
        (rule(no({"kind": "all", "of": []})), "root.of[0].of.of"),
    ],
)
def test_an_error_names_the_place(wrong: Any, place: str) -> None:
    with pytest.raises(RuleError) as raised:
        parse(wrong)
    assert raised.value.place == place


def test_nesting_without_end_is_refused() -> None:
    deep: dict[str, Any] = trait("a", "is_set")
    for _ in range(50):
        deep = no(deep)
    with pytest.raises(RuleError, match="nested deeper"):
        parse(rule(deep))
