"""Random rules over random histories at random clocks: the sets are what plain Python says, narrowed or not; time
alone changes nobody whom the crossings do not name; and an explanation foretells the next change."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.rules.cuts import wanted_cuts
from cdp.rules.explain import explain
from cdp.rules.parse import parse
from cdp.rules.sets import count, crossing, matching, measure_cut, moved_by
from cdp.rules.to_english import to_english
from tests.cdp.rules.drawing import ALIKE, CUT, KEPT, LEAVES, TREE
from tests.cdp.rules.histories import STEP, Person, people, write
from tests.cdp.rules.oracle import World
from tests.taking_in import NOW

MICROSECOND = timedelta(microseconds=1)
CLOCK = st.tuples(
    st.integers(-60, 60), st.sampled_from([timedelta(0), -MICROSECOND, MICROSECOND, timedelta(minutes=30)])
).map(lambda two: NOW + two[0] * STEP + two[1])
LATER = st.sampled_from([MICROSECOND, timedelta(minutes=30), STEP, 4 * STEP, 20 * STEP, 80 * STEP])
ZONE = st.sampled_from(["UTC", "Europe/Rome", "America/St_Johns"]).map(ZoneInfo)
quick = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
Rule = dict[str, Any]
DRAWN = {**LEAVES, **KEPT, "tree": TREE, "alike": ALIKE}


@pytest.fixture
def crowd(db: None) -> list[Person]:
    found = people(1)
    write(found)
    return found


def node_of(leaf: Rule) -> Any:
    return parse({"version": 1, "root": leaf})


@pytest.mark.parametrize("kind", [*DRAWN])
def test_a_rule_holds_for_whom_plain_python_says_and_time_flips_only_crossings(crowd: list[Person], kind: str) -> None:
    ids = [one.id for one in crowd]

    @quick
    @given(DRAWN[kind], CLOCK, LATER, ZONE)
    def check(leaf: Rule, since: datetime, later: timedelta, zone: ZoneInfo) -> None:
        until, node = since + later, node_of(leaf)
        assert to_english(node).startswith("People ")
        old, new = World(since, zone, crowd).holding(leaf), World(until, zone, crowd).holding(leaf)
        assert matching(node, ids, now=since, zone=zone) == old
        assert matching(node, ids[::2], now=until, zone=zone) == new & set(ids[::2])
        assert count(node, now=until, zone=zone) == len(new)
        crossed = crossing(node, since=since, until=until, zone=zone)
        assert old ^ new <= crossed
        assert crossing(node, since=since, until=until, zone=zone, ids=ids[::2]) == crossed & set(ids[::2])

    check()


def test_a_cut_parts_the_population_and_names_whom_moving_it_concerns(crowd: list[Person]) -> None:
    ids = [one.id for one in crowd]

    @quick
    @given(CUT, CLOCK, CLOCK, ZONE)
    def check(leaf: Rule, one: datetime, other: datetime, zone: ZoneInfo) -> None:
        since, until = sorted((one, other))
        node = node_of(leaf)
        [(key, wanted)] = wanted_cuts(node).items()
        old, new = (measure_cut(wanted, now=at, zone=zone) for at in (since, until))
        world = World(until, zone, crowd)
        expected = world.cut(leaf)
        assert (new.value is None) == (expected is None)
        assert new.value is None or abs(float(new.value) - float(expected or 0)) < 1e-9
        found = matching(node, ids, now=until, zone=zone, cuts={key: new})
        assert found == world.holding(leaf)
        before = matching(node, ids, now=until, zone=zone, cuts={key: old})
        assert before ^ found <= moved_by(wanted, old=old, new=new, now=until, zone=zone)
        earlier = matching(node, ids, now=since, zone=zone, cuts={key: old})
        assert earlier ^ before <= crossing(node, since=since, until=until, zone=zone)

    check()


@pytest.mark.parametrize("kind", [*DRAWN])
def test_an_explanation_foretells_the_next_change(crowd: list[Person], kind: str) -> None:
    @settings(quick, max_examples=25)
    @given(DRAWN[kind], CLOCK, ZONE, st.sampled_from(crowd), st.integers(1, 200))
    def check(leaf: Rule, now: datetime, zone: ZoneInfo, person: Person, steps: int) -> None:
        found = explain(node_of(leaf), person.id, now=now, zone=zone)
        assert found.is_in == World(now, zone, crowd).holds(leaf, person)
        until = found.flips_at or now + 400 * STEP
        if found.looked_until:
            until = min(until, found.looked_until)
        between = now + (until - now - MICROSECOND) * (steps / 200)
        assert World(between, zone, crowd).holds(leaf, person) == found.is_in
        if found.flips_at:
            assert World(found.flips_at, zone, crowd).holds(leaf, person) != found.is_in
            assert World(found.flips_at - MICROSECOND, zone, crowd).holds(leaf, person) == found.is_in

    check()
