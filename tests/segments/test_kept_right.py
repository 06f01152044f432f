"""Random rules over random histories at random clocks: what touches and ticks make of memberships is what a full
refresh makes of them, and what plain Python says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.profiles.touched import touch
from segments import save
from segments.models import Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from tests.cdp.rules.drawing import TREE, made
from tests.cdp.rules.histories import STATE_COLUMNS, STEP, Happened, Person, people, state, write, write_events
from tests.cdp.rules.oracle import World
from tests.taking_in import NOW

TRAITS = ("city", "age", "vip", "tags", "renews", "birthday", "timezone")
SOON = timedelta(seconds=1)
Rule = dict[str, Any]
Step = tuple[timedelta, list[tuple[int, int]], timedelta]
"""How much later; whose event, or trait if the second is negative; how far back this worker's clock is."""

CLOCK = st.integers(-80, 20).map(lambda steps: NOW + steps * STEP)
LATER = st.sampled_from([timedelta(microseconds=1), SOON, timedelta(minutes=30), STEP, 4 * STEP, 30 * STEP])
BACK = st.sampled_from([timedelta(0), timedelta(0), timedelta(days=2)])
STEPS = st.lists(
    st.tuples(LATER, st.lists(st.tuples(st.integers(0, 11), st.integers(-7, 11)), max_size=4), BACK),
    min_size=1,
    max_size=6,
)
ON_THE_FIRST = made(kind="segment", id=0, op=st.sampled_from(["in", "not_in"]))
BUILT_ON = made(
    kind=st.sampled_from(["all", "any"]), of=st.tuples(ON_THE_FIRST, TREE | made(kind="not", of=TREE)).map(list)
)
ZONE = st.sampled_from(["UTC", "Europe/Rome", "America/St_Johns"]).map(ZoneInfo)


@dataclass
class Told:
    """The people as the tables have them, and what is still to happen."""

    people: list[Person]
    to_come: list[list[Happened]]
    others: list[Person]
    """Whose traits they take over."""

    def tell(self, happenings: list[tuple[int, int]], *, now: datetime) -> None:
        names: dict[int, set[str]] = {}
        with connection.cursor() as cursor:
            for number, which in happenings:
                person = self.people[number]
                name = self._trait(cursor, number, -which - 1) if which < 0 else self._event(cursor, number, which)
                if name:
                    names.setdefault(person.id, set()).add(name)
            touch(cursor, names, now=now)

    def _trait(self, cursor: Any, number: int, which: int) -> str:
        person, name = self.people[number], TRAITS[which]
        person.traits.pop(name, None)
        if name in self.others[number].traits:
            person.traits[name] = self.others[number].traits[name]
        cursor.execute("update profiles_profile set traits = %s where id = %s", [json.dumps(person.traits), person.id])
        return f"trait:{name}"

    def _event(self, cursor: Any, number: int, which: int) -> str:
        waiting = self.to_come[number]
        if not waiting:
            return ""
        event = waiting.pop(which % len(waiting))
        person = self.people[number]
        person.events.append(event)
        write_events(cursor, [(person.id, event)])
        cursor.execute("delete from events_eventstate where profile_id = %s and name = %s", [person.id, event.name])
        same = [(person.id, one) for one in person.events if one.name == event.name]
        cursor.execute(
            f"insert into events_eventstate ({', '.join(STATE_COLUMNS)}) values (%s, %s, %s, %s, %s, %s, %s)",
            state(same)[0],
        )
        return f"event:{event.name}"


def a_segment(name: str, root: Rule, *, now: datetime, zone: ZoneInfo) -> Segment:
    segment = save.create(name, rule={"version": 1, "root": root}, by=None, now=now)
    assert refresh_fully(segment.pk, now=now, zone=zone)
    return segment


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment_id=segment.pk).values_list("profile_id", flat=True))


def replaced(rule: Any, put: Mapping[str, Any]) -> Any:
    """Segment leaves by others: by the real id for the product, by the other's rule for the oracle."""
    if isinstance(rule, list):
        return [replaced(one, put) for one in rule]
    if not isinstance(rule, dict):
        return rule
    if rule.get("kind") == "segment":
        return put[rule["op"]]
    return {key: replaced(value, put) for key, value in rule.items()}


@pytest.fixture
def crowd(db: None) -> list[Person]:
    """Half of what they do has not happened yet. Their segments are the test's own."""
    found = people(3, n=12)
    write([replace(one, events=one.events[::2]) for one in found])
    with connection.cursor() as cursor:
        cursor.execute(
            "truncate segments_segment, segments_membership, segments_membershipchange restart identity cascade"
        )
        cursor.execute("update profiles_profile set created_at = %s", [NOW - timedelta(days=900)])
        cursor.execute("analyze profiles_profile; analyze events_eventstate; analyze events_eventitem")
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(TREE, BUILT_ON, CLOCK, ZONE, STEPS)
def test_touches_and_ticks_make_what_a_full_refresh_makes_and_plain_python_says(
    crowd: list[Person], first: Rule, second: Rule, clock: datetime, zone: ZoneInfo, steps: list[Step]
) -> None:
    told = Told(
        [replace(one, traits=dict(one.traits), events=list(one.events[::2])) for one in crowd],
        [list(one.events[1::2]) for one in crowd],
        people(4, n=12),
    )
    with transaction.atomic():
        keep_and_compare(told, first, second, clock, zone, steps)
        transaction.set_rollback(True)


def keep_and_compare(told: Told, first: Rule, second: Rule, clock: datetime, zone: ZoneInfo, steps: list[Step]) -> None:
    a = a_segment("A", first, now=clock, zone=zone)
    real = {op: {"kind": "segment", "id": a.pk, "op": op} for op in ("in", "not_in")}
    b = a_segment("B", replaced(second, real), now=clock, zone=zone)
    meant = replaced(second, {"in": first, "not_in": {"kind": "not", "of": first}})
    for later, happenings, back in steps:
        clock += later
        refresh_changes(now=clock, zone=zone)
        told.tell(happenings, now=clock)
        refresh_changes(now=clock - back, zone=zone)
        world = World(clock, zone, told.people)
        assert members(a) == world.holding(first), clock
        assert members(b) == world.holding(meant), clock
    again = a_segment("again", first, now=clock, zone=zone)
    assert members(again) == members(a)
    assert set(Segment.objects.filter(is_stale=True).values_list("error", flat=True)) == set()
    for segment in (a, b):
        segment.refresh_from_db()
        assert segment.size == len(members(segment))
        assert_entering_and_leaving_alternate(segment)


def assert_entering_and_leaving_alternate(segment: Segment) -> None:
    last: dict[int, str] = {}
    latest: datetime | None = None
    for change in MembershipChange.objects.filter(segment_id=segment.pk).order_by("id"):
        assert last.get(change.profile_id, "left") != change.kind
        assert latest is None or change.at >= latest
        last[change.profile_id], latest = change.kind, change.at
