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


def event(name: str, op: str = "at_least", value: float | str = 1, **more: Any) -> dict[str, Any]:
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
    (event(BUY, where=[{"column": "value", "op": "between", "value": 55, "to": 70}]), "ann"),
    (event(BUY, "between", 100, to=150, measure="sum"), "ann"),
    ({"kind": "event", "name": BUY, "op": "zero"}, "bob dan"),
    (event(BUY, "at_least", 56, measure="avg"), "cat"),
    (event(BUY, "at_least", 55, measure="avg"), "ann cat"),
    (event(BUY, "exactly", 50, measure="min"), "ann"),
    (event(BUY, "at_least", 2, measure="distinct", of={"property": "order_id"}), "ann"),
    ({"kind": "event", "name": BUY, "op": "is_set", "measure": "first", "of": {"property": "coupon"}}, ""),
    (event(BUY, "is", "X", measure="last", of={"property": "coupon"}), "ann"),
    (event(BUY, window={"kind": "before", "amount": 100, "unit": "day"}), "cat"),
    (event(BUY, window={"kind": "dates", "from": "2026-02-24", "to": "2026-02-24"}), "ann"),
    (event(BUY, window={"kind": "calendar", "amount": 2, "unit": "day"}), "ann"),
    (event(BUY, window={"kind": "calendar", "amount": 1, "unit": "day"}), ""),
    (event(BUY, window={"kind": "next", "amount": 1, "unit": "day"}), ""),
    (trait("city", "ends_with", "LO"), "cat"),
    (trait("city", "not_contains", "rom"), "cat dan"),
    (trait("city", "one_of", ["oslo", "Rome"]), "ann cat"),
    ({"kind": "sequence", "steps": [{"name": VIEW}, {"name": BUY, "did": False}]}, "bob"),
    (
        {"kind": "sequence", "steps": [{"name": BUY}, {"name": BUY, "within": {"amount": 4, "unit": "day"}}]},
        "ann",
    ),
    (
        {"kind": "sequence", "steps": [{"name": BUY}, {"name": BUY, "within": {"amount": 95, "unit": "hour"}}]},
        "",
    ),
    (trait("city", "matches", "^ro.+y$"), "bob"),
    (trait("city", "not_matches", "^r"), "cat dan"),
    (trait("city", "contains_any", ["SLO", "ill"]), "bob cat"),
    (trait("city", "contains_none", ["slo", "ill"]), "ann dan"),
    (event(BUY, where=[{"column": "weekday", "op": "is", "value": 6}]), "ann"),
    (event(BUY, where=[{"column": "date", "op": "is", "value": "2026-02-24"}]), "ann"),
    (event(BUY, where=[{"property": "coupon", "op": "is_not", "trait": "city"}]), "ann cat"),
    (event(BUY, "exactly", 2, measure="distinct", of={"column": "date"}), "ann"),
    ({"kind": "seen", "which": "first", "op": "within_last", "amount": 1, "unit": "week"}, "ann dan"),
    ({"kind": "seen", "which": "last", "op": "before", "value": "2026-02-28"}, ""),
    ({"kind": "interval", "name": BUY, "times": 0.25, "least": 2}, "ann"),
    ({"kind": "interval", "name": BUY, "times": 0.26, "least": 2}, ""),
    ({"kind": "sample", "seed": "s", "to": 100}, "ann bob cat dan"),
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
    node = parse(rule(event("Never", "exactly", 0)))
    assert matching(node, everybody, now=NOW) == living
    assert {one for one in everybody if explain(node, one, now=NOW).is_in} == living


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
            event(BUY, "between", 1, to=3, measure="avg", window={"kind": "calendar", "amount": 2, "unit": "week"}),
            "People whose average value of Order Completed this week or in the week before is between 1 and 3",
        ),
        (
            event(BUY, "is_not", "X", measure="last", of={"property": "coupon"}),
            "People whose last Order Completed at any time is one whose coupon is not “X”",
        ),
        (
            {
                "kind": "sequence",
                "steps": [{"name": VIEW}, {"name": BUY, "did": False, "within": {"amount": 2, "unit": "day"}}],
            },
            "People who did Product Viewed at any time, then did not do Order Completed within 2 days",
        ),
        (
            {"kind": "item", "name": BUY, "by": "category", "values": ["hats"], "measure": "quantity", "value": 2}
            | {"op": "at_least", "window": last(3)},
            "People who did Order Completed with the category “hats”: at least 2 pieces in the last 3 days",
        ),
        (
            {"kind": "anniversary", "name": "birthday", "op": "within_next", "days": 7, "zone": "own"},
            "People whose anniversary of birthday is within the next 7 days (in their own time zone)",
        ),
        (
            {"kind": "interval", "name": BUY, "times": 1.5},
            "People who have not done Order Completed for longer than 1.5 times their usual gap",
        ),
        (
            {"kind": "sample", "seed": "s", "from": 10, "to": 30},
            "People who are among a random 20 % (from 10 to 30) drawn as “s”",
        ),
        (
            {"kind": "percentile", "percent": 10, "of": {"kind": "event", "name": BUY, "measure": "sum"}},
            "People who are in the top 10 % by sum value of Order Completed at any time",
        ),
        (
            {"kind": "top", "count": 1000, "side": "bottom", "of": {"kind": "trait", "name": "points"}},
            "People who are in the 1,000 people with the smallest points",
        ),
        (
            event(
                BUY,
                where=[
                    {"column": "brand", "op": "is", "trait": "brand"},
                    {"column": "month", "op": "one_of"} | {"value": [11, 12]},
                ],
            ),
            "People who did Order Completed (where brand is their brand and month is one of 11, 12) at any time",
        ),
        (trait("birthday", "in_month", [5, 3]), "People whose birthday is in March, May"),
        (trait("city", "matches", "^R"), "People whose city matches “^R”"),
        (
            {"kind": "seen", "which": "first", "op": "within_last", "amount": 7, "unit": "day"},
            "People who were first seen in the last 7 days",
        ),
        (
            {"kind": "seen", "which": "last", "op": "before", "value": "2026-01-01"},
            "People for whom the time they were last seen is before 2026-01-01",
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
        (rule(event(BUY, "between")), "root.of[0].to"),
        (rule(event(BUY, "between", 5, to=4)), "root.of[0].to"),
        (rule(event(BUY, "zero")), "root.of[0].value"),
        (rule(event(BUY, measure="median")), "root.of[0].measure"),
        (rule(event(BUY, of={"column": "value"})), "root.of[0].of"),
        (rule(event(BUY, measure="sum", of={"column": "brand"})), "root.of[0].of"),
        (rule(event(BUY, measure="sum", of={"column": "colour"})), "root.of[0].of.column"),
        (rule(event(BUY, where=[{"column": "item", "op": "more_than", "value": 3}])), "root.of[0].where[0].value"),
        (rule(event(BUY, where=[{"column": "value", "op": "contains", "value": "3"}])), "root.of[0].where[0].value"),
        (
            rule(event(BUY, where=[{"property": "due", "op": "within_last", "amount": 1, "unit": "day"}])),
            "root.of[0].where[0].op",
        ),
        (rule(event(BUY, window={"kind": "dates"})), "root.of[0].window.from"),
        (rule(event(BUY, window={"kind": "dates", "from": "2026-02-30"})), "root.of[0].window.from"),
        (rule(event(BUY, window={"kind": "dates", "from": "2026-02-02", "to": "2026-02-01"})), "root.of[0].window.to"),
        (rule(event(BUY, window={"kind": "calendar", "amount": 1, "unit": "hour"})), "root.of[0].window.unit"),
        (rule(trait("a", "before", "soon")), "root.of[0].value"),
        (rule(trait("a", "one_of", [])), "root.of[0].value"),
        (rule(trait("a", "one_of", ["x", None])), "root.of[0].value[1]"),
        (rule(trait("a", "within_last", 7)), "root.of[0].value"),
        (rule({"kind": "sequence", "steps": [{"name": BUY}]}), "root.of[0].steps"),
        (rule({"kind": "sequence", "steps": [{"name": BUY, "did": False}, {"name": VIEW}]}), "root.of[0].steps[0]"),
        (rule({"kind": "sequence", "steps": [{"name": BUY}, {"name": VIEW, "did": 1}]}), "root.of[0].steps[1].did"),
        (rule({"kind": "item", "name": BUY, "by": "colour", "values": ["x"]}), "root.of[0].by"),
        (rule({"kind": "item", "name": BUY, "by": "item", "values": ["x", 3]}), "root.of[0].values[1]"),
        (rule({"kind": "anniversary", "name": "b", "op": "today", "days": 3}), "root.of[0].days"),
        (rule({"kind": "interval", "name": BUY, "times": 0}), "root.of[0].times"),
        (rule({"kind": "sample", "seed": "s", "from": 50, "to": 50}), "root.of[0].to"),
        (rule({"kind": "percentile", "percent": 100, "of": {"kind": "trait", "name": "a"}}), "root.of[0].percent"),
        (rule({"kind": "top", "count": 5, "of": {"kind": "weather", "name": "a"}}), "root.of[0].of.kind"),
        (rule({"kind": "top", "count": 5, "of": {"kind": "trait", "name": "a", "op": "is"}}), "root.of[0].of.op"),
        (rule(no({"kind": "all", "of": []})), "root.of[0].of.of"),
        (rule(trait("a", "matches", "(a")), "root.of[0].value"),
        (rule(trait("a", "in_month", [13])), "root.of[0].value[0]"),
        (rule(trait("a", "contains_any", ["x", ""])), "root.of[0].value[1]"),
        (rule({**trait("a", "is", "x"), "trait": "b"}), "root.of[0].value"),
        (rule({**trait("a", "is_set"), "trait": "b"}), "root.of[0].trait"),
        (rule({**trait("a", "is"), "other_property": "b"}), "root.of[0].other_property"),
        (rule(event(BUY, where=[{"column": "month", "op": "contains", "value": "3"}])), "root.of[0].where[0].value"),
        (rule(event(BUY, where=[{"column": "brand", "op": "at_least", "trait": "b"}])), "root.of[0].where[0].op"),
        (rule(event(BUY, measure="sum", of={"column": "hour"})), "root.of[0].of"),
        (rule({"kind": "seen", "which": "often", "op": "on", "value": "2026-01-01"}), "root.of[0].which"),
        (rule({"kind": "seen", "which": "first", "op": "is_set"}), "root.of[0].op"),
        (rule({"kind": "consent", "op": "granted", "channel": "email"}), "root.of[0].channel"),
        (rule({"kind": "consent", "op": "suppressed", "channel": "pigeon"}), "root.of[0].channel"),
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
