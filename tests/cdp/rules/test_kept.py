"""Leaves about segments and consent: what they say, where they are wrong, and that they agree with what sends."""

from typing import Any

import pytest

from campaigns.models import Campaign, Delivery
from campaigns.permitted import refusals
from cdp.privacy.models import Topic
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from cdp.rules.to_english import to_english
from cdp.rules.tree import UTC, depends
from segments.models import Segment
from segments.order import uses
from tests.cdp.rules.histories import TOPICS, Person, people, write
from tests.cdp.rules.oracle import World
from tests.taking_in import NOW


@pytest.fixture
def crowd(db: None) -> list[Person]:
    found = people(1)
    write(found)
    return found


def node_of(**leaf: Any) -> Any:
    return parse({"version": 1, "root": leaf})


@pytest.mark.parametrize("topic", [None, *TOPICS])
def test_who_is_reachable_is_who_is_not_refused_when_sending(crowd: list[Person], topic: str | None) -> None:
    about = {} if topic is None else {"topic": topic}
    node = node_of(kind="consent", op="reachable", channel="email", **about)
    campaign = Campaign(topic=Topic.objects.get(key=topic) if topic else None)
    world = World(NOW, UTC, crowd)
    addressed = {one.id: address for one in crowd if (address := world.address("email", one))}
    deliveries = [Delivery(profile_id=pk, address=address) for pk, address in addressed.items()]
    allowed = set()
    for one in deliveries:  # alone, for a refusal is told by address, and another person may have the same
        if not refusals(campaign, [one]):
            allowed.add(one.profile_id)
    assert matching(node, [one.id for one in crowd], now=NOW) == allowed
    assert 0 < len(allowed) < len(addressed)


@pytest.mark.parametrize(
    ("leaf", "english"),
    [
        ({"kind": "segment", "id": 1, "op": "not_in"}, "who are not in “S1”"),
        (
            {"kind": "segment", "id": 2, "op": "entered_within", "amount": 3, "unit": "day"},
            "who came into “S2” in the last 3 days",
        ),
        (
            {"kind": "segment", "id": 2, "op": "in_for", "amount": 1, "unit": "day"},
            "who came into “S2” before the last day",
        ),
        (
            {"kind": "segment", "id": 2, "op": "left_within", "amount": 2, "unit": "week"},
            "who left “S2” in the last 2 weeks and did not come back",
        ),
        (
            {"kind": "overlap", "segments": [3, 1], "op": "at_least", "value": 2},
            "who are in at least 2 of “S3”, “S1”",
        ),
        ({"kind": "consent", "op": "granted", "purpose": "post"}, "who said yes to “Post”"),
        ({"kind": "consent", "op": "unknown", "topic": "news"}, "who have said nothing about “news”"),
        (
            {"kind": "consent", "op": "not_reachable", "channel": "email", "topic": "news"},
            "whom we may not reach by email about “news”",
        ),
        ({"kind": "consent", "op": "suppressed", "channel": "phone"}, "whose phone address is suppressed"),
        ({"kind": "score", "id": 1, "op": "at_least", "value": 0.8}, "whose “P1” score is at least 0.8"),
        ({"kind": "score", "id": 2, "op": "more_than", "value": 50}, "whose expected spending by “P2” is more than 50"),
        ({"kind": "score", "id": 1, "op": "in_band", "bands": ["high", "low"]}, "whose “P1” band is high or low"),
        (
            {"kind": "score", "id": 3, "op": "expected_within", "amount": 30, "unit": "day"},
            "who are expected to order in the next 30 days by “P3”",
        ),
        (
            {"kind": "score", "id": 3, "op": "overdue", "amount": 1, "unit": "week"},
            "whose order was expected before the last week by “P3”",
        ),
    ],
)
def test_it_says_itself(crowd: list[Person], leaf: dict[str, Any], english: str) -> None:
    assert to_english(node_of(**leaf)) == f"People {english}"


@pytest.mark.parametrize(
    ("leaf", "place"),
    [
        ({"kind": "segment", "id": 9, "op": "in"}, "root.id"),
        ({"kind": "segment", "id": 1, "op": "in", "amount": 3}, "root.amount"),
        ({"kind": "segment", "id": 1, "op": "entered_within", "amount": 3}, "root.unit"),
        ({"kind": "overlap", "segments": [1], "op": "at_least", "value": 1}, "root.segments"),
        ({"kind": "overlap", "segments": [1, 1], "op": "at_least", "value": 1}, "root.segments[1]"),
        ({"kind": "overlap", "segments": [1, 9], "op": "at_least", "value": 1}, "root.segments[1]"),
        ({"kind": "consent", "op": "granted", "purpose": "spam"}, "root.purpose"),
        ({"kind": "consent", "op": "granted", "topic": "post"}, "root.topic"),
        ({"kind": "consent", "op": "granted", "topic": "news", "purpose": "post"}, "root.purpose"),
        ({"kind": "consent", "op": "reachable", "channel": "email", "topic": "spam"}, "root.topic"),
        ({"kind": "score", "id": 9, "op": "at_least", "value": 0.5}, "root.id"),
        ({"kind": "score", "id": 1, "op": "at_least", "value": 1.5}, "root.value"),
        ({"kind": "score", "id": 1, "op": "between", "value": 0.5, "to": 2}, "root.to"),
        ({"kind": "score", "id": 1, "op": "in_band", "bands": ["high", "top"]}, "root.bands[1]"),
        ({"kind": "score", "id": 1, "op": "in_band", "bands": ["high", "high"]}, "root.bands[1]"),
        ({"kind": "score", "id": 1, "op": "expected_within", "amount": 3, "unit": "day"}, "root.op"),
        ({"kind": "score", "id": 3, "op": "expected_within", "amount": 3}, "root.unit"),
        ({"kind": "score", "id": 3, "op": "overdue", "amount": 3, "unit": "day", "value": 1}, "root.value"),
    ],
)
def test_an_error_names_the_place(crowd: list[Person], leaf: dict[str, Any], place: str) -> None:
    with pytest.raises(RuleError) as raised:
        node_of(**leaf)
    assert raised.value.place == place


def test_an_overlap_names_its_segments_so_that_circles_are_found(crowd: list[Person]) -> None:
    node = node_of(kind="overlap", segments=[1, 3], op="at_least", value=1)
    assert uses(node) == {1, 3}
    assert depends(node) == {"segment:1", "segment:3"}
    [outside] = next(iter([node])).outside()
    before = outside()
    Segment.objects.filter(pk=3).update(name="Three")
    assert outside() != before
