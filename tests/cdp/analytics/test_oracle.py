"""Random histories at random clocks: what is kept incrementally and by time alone is what a full recomputation finds,
and both are what plain Python says."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cdp.analytics.models import ComputedTrait
from cdp.analytics.points import score
from cdp.common.copying import copy_rows
from cdp.events.state import recompute_state
from tests.cdp.analytics.keeping import a_trait, everything, follow_these, refresh_anew, values
from tests.cdp.analytics.oracle import Customer, Order, value_of
from tests.cdp.rules.histories import STEP, Happened, people, write, write_events
from tests.cdp.rules.oracle import World
from tests.taking_in import NOW, rows

VIEWS: dict[str, Any] = {"kind": "events", "name": "View"}
COLOR, VALUE = {"property": "color"}, {"column": "value"}


def last(amount: int, unit: str = "day") -> dict[str, Any]:
    return {"kind": "last", "amount": amount, "unit": unit}


RED = [{"property": "color", "op": "contains", "value": "red"}]
DEFINITIONS: list[dict[str, Any]] = [
    {**VIEWS, "measure": "count"},
    {**VIEWS, "measure": "count", "window": last(5), "where": RED},
    {**VIEWS, "measure": "sum", "window": {"kind": "between", "from": 2, "to": 9, "unit": "day"}},
    {**VIEWS, "measure": "avg", "window": {"kind": "calendar", "amount": 2, "unit": "week"}},
    {**VIEWS, "measure": "min", "of": {"property": "size"}, "window": {"kind": "before", "amount": 3, "unit": "day"}},
    {**VIEWS, "measure": "max", "window": {"kind": "dates", "from": "2026-02-10", "to": "2026-03-01"}},
    {**VIEWS, "measure": "distinct", "of": COLOR, "window": {"kind": "next", "amount": 2, "unit": "day"}},
    {**VIEWS, "measure": "first", "of": {"property": "size"}, "read_as": "number"},
    {**VIEWS, "measure": "last", "of": COLOR, "window": last(1, "week")},
    {**VIEWS, "measure": "most_frequent", "of": {"column": "category"}, "window": last(10)},
    {**VIEWS, "measure": "list", "of": COLOR, "most": 2, "window": {"kind": "calendar", "amount": 1, "unit": "month"}},
    {**VIEWS, "measure": "days_since_last", "where": RED},
    {**VIEWS, "measure": "first_at", "window": last(2, "week")},
    {**VIEWS, "measure": "usual_gap"},
    *({"kind": "orders", "measure": one} for one in ("count", "net", "average", "days_since_last", "usual_gap")),
    {"kind": "orders", "measure": "stage", "gap_days": 4, "risk": 1.5, "lapse": 3},
    *({"kind": "visits", "measure": one, "without": ["Cart"]} for one in ("sessions", "days_since_last")),
    {"kind": "visits", "measure": "mean_duration", "gap_minutes": 720, "without": ["Cart"]},
    {"kind": "points", "weights": {"View": 1, "Buy": 5.5}, "half_life_days": 3},
    {"kind": "favourite", "by": "category", "weights": {"View": 1, "Buy": 2}},
    {"kind": "favourite", "by": "item", "weights": {"Buy": 1}},
]
BANDS: dict[str, dict[str, Any]] = {
    "band": {"kind": "band", "of": "t0"},
    "cell": {"kind": "cell", "of": ["band", "t0"]},
}
MICROSECOND = timedelta(microseconds=1)
DELTA = st.sampled_from([timedelta(0), MICROSECOND, timedelta(minutes=30), STEP, 3 * STEP, 11 * STEP, 50 * STEP])
KEYS = [f"t{n}" for n in range(len(DEFINITIONS))]


def customers(seed: int) -> list[Customer]:
    draw = random.Random(seed)
    found = [Customer(**vars(one)) for one in people(seed, n=12)]
    for one in found:
        times = [draw.choice([None, *(NOW + draw.randrange(-160, 20) * STEP for _ in range(9))]) for _ in range(4)]
        one.orders = [
            Order(f"{one.id}-{n}", at, draw.choice([0, 10, 30]), draw.choice([0, 0, 10]), draw.random() < 0.2)
            for n, at in enumerate(times[: draw.choice([0, 1, 4])])
        ]
    return found


def add_orders(person: Customer, orders: list[Order]) -> None:
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            "events_order",
            ("profile_id", "order_id", "record_id", "ordered_at", "total", "refunded", "is_cancelled"),
            [(person.id, one.id, 1, one.at, one.total, one.refunded, one.is_cancelled) for one in orders],
        )


def take_back(population: list[Customer], draw: random.Random) -> dict[int, tuple[list[Happened], list[Order]]]:
    """Some of what happened is taken out, to arrive later."""
    held: dict[int, tuple[list[Happened], list[Order]]] = {}
    for person in population:
        events = [one for one in person.events if draw.random() < 0.5]
        orders = [one for one in person.orders if draw.random() < 0.5]
        held[person.id] = events, orders
        person.events = [one for one in person.events if one not in events]
        person.orders = [one for one in person.orders if one not in orders]
    return held


def arrive(person: Customer, events: list[Happened], orders: list[Order]) -> set[str]:
    """Late, as they may; returns the facts that changed."""
    person.events = [*person.events, *events]
    person.orders = [*person.orders, *orders]
    with connection.cursor() as cursor:
        write_events(cursor, [(person.id, one) for one in events])
    recompute_state([person.id])
    add_orders(person, orders)
    return {f"event:{one.name}" for one in events} | ({"event:Order Completed"} if orders else set())


def agree(found: Any, definition: dict[str, Any], person: Customer, world: World) -> None:
    expected = value_of(definition, person, world)
    if definition["kind"] == "points" and found is not None:
        found = score(found, now=world.now, half_life=timedelta(days=definition["half_life_days"]))
        assert expected is not None and abs(found / expected - 1) < 1e-6
    elif isinstance(found, Decimal):
        assert expected is not None and abs(float(found) - float(expected)) < 1e-6, (definition, found, expected)
    else:
        assert found == expected, (definition, found, expected)


def rounded() -> list[tuple[Any, ...]]:
    """e is a sum of floats: the last digit may differ with the order of adding."""
    return [(*one[:2], None if one[2] is None else round(one[2], 6), *one[3:]) for one in everything()]


@pytest.fixture
def traits(db: None) -> None:
    ComputedTrait.objects.all().delete()
    for key, definition in zip(KEYS, DEFINITIONS, strict=True):
        a_trait(key, **definition)
    for key, made_of in BANDS.items():
        a_trait(key, **made_of)


@pytest.mark.usefixtures("traits")
def test_incremental_and_by_time_is_a_full_recomputation_is_plain_python() -> None:
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        phases=[Phase.generate],
    )
    @given(
        st.integers(1, 500),
        st.integers(-80, 10),
        st.lists(st.tuples(DELTA, st.lists(st.integers(0, 11), max_size=4)), min_size=1, max_size=5),
        st.sampled_from(["UTC", "Europe/Rome"]).map(ZoneInfo),
    )
    def check(seed: int, start: int, steps: list[tuple[timedelta, list[int]]], zone: ZoneInfo) -> None:
        with transaction.atomic():
            run(seed, NOW + start * STEP, steps, zone)
            transaction.set_rollback(True)

    check()


def run(seed: int, now: datetime, steps: list[tuple[timedelta, list[int]]], zone: ZoneInfo) -> None:
    population = customers(seed)
    held = take_back(population, random.Random(seed))
    write([*population])
    for person in population:
        add_orders(person, person.orders)
    refresh_anew(now=now, zone=zone)
    was_cut = bool(values("t0"))
    for delta, touched in steps:
        now += delta
        names = {}
        for index in set(touched):
            person = population[index]
            names[person.id] = arrive(person, *held.pop(person.id, ([], [])))
        follow_these(names, now=now, zone=zone)
    world = World(now, zone, [*population])
    for key, definition in zip(KEYS, DEFINITIONS, strict=True):
        found = values(key)
        for person in population:
            agree(found.get(person.id), definition, person, world)
    kept = rounded()
    rows("delete from analytics_computedvalue returning 1")
    refresh_anew(now=now, zone=zone)
    # Where nobody had the number at first there was no cut to keep: the last refresh publishes the first one.
    banded = set() if was_cut else set(ComputedTrait.objects.filter(key__in=BANDS).values_list("pk", flat=True))
    assert {row for row in {*rounded()} ^ {*kept} if row[1] not in banded} == set()
