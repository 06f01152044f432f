"""What a computed trait is, said slowly in plain Python, person by person. It shares no code with the product."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.cdp.rules.compared import as_text
from tests.cdp.rules.histories import ITEMS, Happened, Person
from tests.cdp.rules.oracle import World

Json = Mapping[str, Any]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Order:
    id: str
    at: datetime | None
    total: int
    refunded: int
    is_cancelled: bool


@dataclass
class Customer(Person):
    orders: list[Order] = field(default_factory=list)


def value_of(definition: Json, person: Customer, world: World) -> Any:
    """As it is stored; None for nothing, and for the 0 of what is counted."""
    kind = definition["kind"]
    if kind == "events":
        return _of_events(definition, person, world)
    if kind == "orders":
        return _of_orders(definition, person, world.now)
    if kind == "visits":
        return _of_visits(definition, person, world.now)
    if kind == "points":
        return _points(definition, person, world.now)
    return _favourite(definition, person, world.now)


def _of_events(of: Json, person: Customer, world: World) -> Any:
    measure = of["measure"]
    found = sorted(world.counting(of, person), key=lambda one: (one.at, one.key))
    if measure in ("count", "sum", "avg", "min", "max", "distinct"):
        number = world.number({**of, "kind": "event"}, person)
        return None if number is None or (measure in ("count", "sum", "distinct") and number == 0) else float(number)
    if not found:
        return None
    if measure in ("first", "last"):
        return _read(of, found[0 if measure == "first" else -1], world)
    if measure in ("most_frequent", "list"):
        return _frequent(of, found, world)
    if measure == "usual_gap":
        return _usual_gap([one.at for one in found])
    return found[0 if "first" in measure else -1].at


def _read(of: Json, event: Happened, world: World) -> Any:
    value = world.looked_at(of, event)
    if of.get("read_as", "number" if of["of"] == {"column": "value"} else "text") == "number":
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    return None if value is None else as_text(value)


def _frequent(of: Json, found: list[Happened], world: World) -> Any:
    times: dict[str, list[datetime]] = defaultdict(list)
    for one in found:
        if (value := world.looked_at(of, one)) is not None:
            times[as_text(value)].append(one.at)
    if not times:
        return None
    if of["measure"] == "list":
        latest = sorted(times, key=lambda one: (-max(times[one]).timestamp(), one))
        return latest[: of.get("most", 20)]
    return min(times, key=lambda one: (-len(times[one]), -max(times[one]).timestamp(), one))


def _usual_gap(times: list[datetime]) -> float | None:
    if len(times) < 3 or times[0] == times[-1]:
        return None
    return (times[-1] - times[0]) / DAY / (len(times) - 1)


def _of_orders(of: Json, person: Customer, now: datetime) -> Any:
    counted = [one for one in person.orders if one.at and one.at <= now and not one.is_cancelled]
    times = sorted(one.at for one in counted if one.at)
    paid = [one for one in person.orders if not one.is_cancelled and (one.at is None or one.at <= now)]
    net = sum(one.total - one.refunded for one in paid)
    if of["measure"] == "net":
        return net or None
    if not times:
        return None
    found = {
        "count": len(times),
        "average": round(net / len(times), 4),
        "first_at": times[0],
        "days_since_last": times[-1],
        "usual_gap": _usual_gap(times),
        "stage": _stage(of, times, now),
    }
    return found[of["measure"]]


def _stage(of: Json, times: list[datetime], now: datetime) -> str:
    usual = of.get("gap_days", 45)

    def gap(of_times: list[datetime]) -> timedelta:
        own = _usual_gap(of_times)
        return DAY * (usual if own is None else min(max(own, 7), 180))

    silence, risk, lapse = now - times[-1], of.get("risk", 2), of.get("lapse", 4)
    if silence >= lapse * gap(times):
        return "lapsed"
    if silence >= risk * gap(times):
        return "at risk"
    if len(times) > 1 and times[-1] - times[-2] >= lapse * gap(times[:-1]):
        return "won back"
    return "new" if len(times) == 1 else "active"


def _of_visits(of: Json, person: Customer, now: datetime) -> Any:
    times = sorted(one.at for one in person.events if one.at <= now and one.name not in of.get("without", []))
    if not times:
        return None
    longest = timedelta(minutes=of.get("gap_minutes", 30))
    gaps = [b - a for a, b in pairwise(times)]
    visits = 1 + sum(gap > longest for gap in gaps)
    lasted = sum((gap for gap in gaps if gap <= longest), timedelta(0))
    found = {"sessions": visits, "mean_duration": lasted.total_seconds() / visits, "days_since_last": times[-1]}
    return found[of["measure"]]


def _points(of: Json, person: Customer, now: datetime) -> float | None:
    """The score itself, as of now."""
    ages = [(of["weights"][one.name], now - one.at) for one in person.events if one.name in of["weights"]]
    counted = [weight * math.pow(2, -(age / DAY) / of["half_life_days"]) for weight, age in ages if age >= timedelta(0)]
    return math.fsum(counted) if counted else None


def _favourite(of: Json, person: Customer, now: datetime) -> str | None:
    points: Counter[str] = Counter()
    latest: dict[str, datetime] = {}
    for one in person.events:
        for item in [one.item, *(line[0] for line in one.lines)]:
            what = item if of["by"] == "item" else item and ITEMS[item][("category", "brand").index(of["by"])]
            if what and one.name in of["weights"] and one.at <= now:
                points[what] += of["weights"][one.name]
                latest[what] = max(one.at, latest.get(what, one.at))
    return min(points, key=lambda one: (-points[one], -latest[one].timestamp(), one)) if points else None
