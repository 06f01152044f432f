"""What a condition saw: the newest of the events behind it, and how many there are in all."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings

from cdp.rules.evidence import evidence, evidences
from cdp.rules.explain import explain
from cdp.rules.parse import parse
from cdp.rules.tree import UTC, Leaf, Scope, leaves
from tests.cdp.rules.compared import as_text
from tests.cdp.rules.drawing import LEAVES, MESSAGE
from tests.cdp.rules.histories import Happened, Person, people, write
from tests.cdp.rules.oracle import World
from tests.cdp.rules.test_oracle import CLOCK, ZONE, quick
from tests.taking_in import NOW

ABOUT_EVENTS = ("event", "window", "end", "item", "interval", "sequence", "message")


@pytest.fixture
def crowd(db: None) -> list[Person]:
    found = people(1)
    write(found)
    return found


def leaf_of(said: dict[str, Any]) -> Leaf:
    return next(leaves(parse({"version": 1, "root": said})))


def counted(world: World, said: dict[str, Any], person: Person) -> list[Happened]:
    """The events that count, newest first; of a sequence those of its first step."""
    if said["kind"] == "message":
        return sorted(world.mails(said, person), key=lambda one: (one.at, one.key), reverse=True)
    found = world.counting({**said, **said.get("steps", [{}])[0]}, person)
    if said["kind"] == "item":
        found = [one for one in found if world.lines(said, one)]
    if said.get("measure") in ("first", "last"):
        end = min if said["measure"] == "first" else max
        found = [end(found, key=lambda one: (one.at, one.key))] if found else []
    return sorted(found, key=lambda one: (one.at, one.key), reverse=True)


@pytest.mark.parametrize("kind", ABOUT_EVENTS)
def test_the_events_behind_a_condition_are_those_that_count(crowd: list[Person], kind: str) -> None:
    @settings(quick, max_examples=30)
    @given({**LEAVES, "message": MESSAGE}[kind], CLOCK, ZONE)
    def check(said: dict[str, Any], now: Any, zone: Any) -> None:
        world, leaf = World(now, zone, crowd), leaf_of(said)
        found = evidences([leaf], Scope(now, [one.id for one in crowd], zone), limit=2)
        for person in crowd:
            expected = counted(world, said, person)
            [one] = found[person.id]
            if kind == "sequence":
                assert one.n_events >= len(expected)
            else:
                assert one.n_events == len(expected)
                seen = [(event.occurred_at, event.properties, event.item_id) for event in one.events]
                assert seen == [(each.at, each.properties, each.item) for each in expected[:2]]

    check()


def test_a_sequence_shows_what_completes_it_and_what_spoils_it(crowd: list[Person]) -> None:
    then = {"name": "Buy", "within": {"amount": 3, "unit": "day"}}
    for did in (True, False):
        said = {"kind": "sequence", "steps": [{"name": "View"}, {**then, "did": did}]}
        found = evidences([leaf_of(said)], Scope(NOW, [one.id for one in crowd]), limit=100)
        for person in crowd:
            views = [one for one in person.events if one.name == "View" and one.at <= NOW]
            buys = [
                one
                for one in person.events
                if one.name == "Buy"
                and one.at <= NOW
                and any(0 < (one.at - view.at).total_seconds() <= 3 * 86400 for view in views)
            ]
            assert sorted(one.occurred_at for one in found[person.id][0].events) == sorted(
                one.at for one in [*views, *buys]
            )


def test_several_people_and_conditions_take_two_statements_and_an_explanation_few(crowd: list[Person]) -> None:
    asked = [
        leaf_of(one)
        for one in (
            {"kind": "trait", "name": "city", "op": "is_set"},
            {"kind": "event", "name": "Buy", "op": "zero"},
            {"kind": "event", "name": "View", "measure": "last", "of": {"property": "color"}, "op": "is_set"},
            {"kind": "item", "name": "Buy", "by": "category", "values": ["shoes"]},
        )
    ]
    ids = [one.id for one in crowd[:5]]
    with CaptureQueriesContext(connection) as queries:
        found = evidences(asked, Scope(NOW, ids))
    assert len(queries) == 2
    for person in crowd[:5]:
        each = [evidence(leaf, person.id, now=NOW) for leaf in asked]
        assert found[person.id] == each
        assert each[0].events == () and each[0].seen == as_seen(person.traits.get("city"))
        last = counted(World(NOW, UTC, crowd), {"kind": "event", "name": "View", "measure": "last"}, person)
        assert each[2].seen == as_seen(last[0].properties.get("color") if last else None)
    rule = {"version": 1, "root": {"kind": "all", "of": [{"kind": "event", "name": "Never", "op": "zero"}] * 40}}
    with CaptureQueriesContext(connection) as queries:
        assert explain(parse(rule), ids[0], now=NOW).is_in
    assert len(queries) <= 4


def as_seen(value: Any) -> str:
    return "" if value is None else as_text(value)
