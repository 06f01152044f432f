"""What sets a segment's people apart from everybody: traits and events that are far more, or far less, frequent.

Two samples are compared. A difference is told only where its interval leaves no doubt, with the interval made stricter
for the number of things compared; what the segment's own rule asks for is no finding and is left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from django.db import connection

from segments.intervals import Interval, ratio, z_for
from segments.models import Segment
from segments.sampled import Sample, listed, some_members, some_people

SAMPLE = 5_000
FEWEST_PEOPLE = 30
"""Below this many members nothing can be said."""
FEWEST = 10
"""A thing that fewer people of both samples have is not looked at."""
SHOWN = 12
PER_FACT = 2
"""More words on one trait would tell the same thing again."""
FEW_VALUES = 12
"""A number with more values than this is compared by quarters."""

TEXTS = """
select t.key, t.value #>> '{}', count(*) from profiles_profile p cross join lateral jsonb_each(p.traits) t
 where p.id = any(%s::bigint[]) and jsonb_typeof(t.value) in ('string', 'boolean')
 group by 1, 2 having count(*) >= %s
"""
NUMBERS = """
select t.key, (t.value #>> '{}')::float8, count(*) from profiles_profile p cross join lateral jsonb_each(p.traits) t
 where p.id = any(%s::bigint[]) and jsonb_typeof(t.value) = 'number' group by 1, 2
"""
EVENTS = """
select name, count(*) from events_eventstate where profile_id = any(%s::bigint[]) and n > 0
 group by 1 having count(*) >= %s
"""


@dataclass(frozen=True)
class Thing:
    """Something that is so of some people."""

    fact: str
    """The name by which rules depend on it: `trait:city`, `event:Order Completed`."""
    name: str
    value: str
    """As a clause after the name: “is Rome”, “done”."""


Counts = dict[Thing, int]
Values = dict[float, int]
"""How many people have each value of a number."""
Source = Callable[[Sequence[int], Sequence[int]], tuple[Counts, Counts]]
"""Counts the things of its kind among some members, and among some of everybody."""


@dataclass(frozen=True)
class Difference:
    thing: Thing
    members: int
    """How many of the members looked at; `everybody` likewise."""
    everybody: int
    of_members: float
    """Shares, 0 to 1."""
    of_everybody: float
    lift: Interval

    @property
    def is_more(self) -> bool:
        return self.lift.value > 1

    @property
    def weight(self) -> float:
        """Large where much is different for sure: by the end of the interval that is nearer to no difference."""
        sure = self.lift.low if self.is_more else self.lift.high
        return abs(self.of_members - self.of_everybody) * abs(log(max(sure, 1e-6)))


@dataclass(frozen=True)
class Found:
    members: Sample
    everybody: Sample
    differences: tuple[Difference, ...]
    compared: int
    """How many things were."""

    @property
    def is_enough(self) -> bool:
        return len(self.members.ids) >= FEWEST_PEOPLE


def differences(segment: Segment, *, without: Iterable[str], also: Sequence[Source] = ()) -> Found:
    """`without`: facts that the segment's own rule asks for. `also`: what else is known of people."""
    members, everybody = some_members(segment, SAMPLE), some_people(SAMPLE)
    if len(members.ids) < FEWEST_PEOPLE:
        return Found(members, everybody, (), 0)
    left_out = frozenset(without)
    compared: list[tuple[Thing, int, int]] = []
    for source in (_texts, _numbers, _events, *also):
        inside, outside = source(members.ids, everybody.ids)
        compared += [
            (thing, inside.get(thing, 0), outside.get(thing, 0))
            for thing in inside.keys() | outside.keys()
            if thing.fact not in left_out
        ]
    found = told(compared, len(members.ids), len(everybody.ids))
    return Found(members, everybody, found, len(compared))


def told(all_of_them: Sequence[tuple[Thing, int, int]], members: int, everybody: int) -> tuple[Difference, ...]:
    """Those of the (thing, among members, among everybody) that are different for sure, the most telling first."""
    compared = [one for one in all_of_them if one[1] + one[2] >= FEWEST]
    z = z_for(len(compared))
    found = []
    for thing, inside, outside in compared:
        lift = ratio(inside, members, outside, everybody, z=z)
        if lift.low > 1 or lift.high < 1:
            found.append(Difference(thing, inside, outside, inside / members, outside / everybody, lift))
    return _varied(sorted(found, key=lambda one: (-one.weight, one.thing.name, one.thing.value)))


def _varied(found: Iterable[Difference]) -> tuple[Difference, ...]:
    kept: list[Difference] = []
    for one in found:
        if sum(other.thing.fact == one.thing.fact for other in kept) < PER_FACT:
            kept.append(one)
    return tuple(kept[:SHOWN])


def _texts(members: Sequence[int], everybody: Sequence[int]) -> tuple[Counts, Counts]:
    inside, outside = (
        {
            Thing(f"trait:{name}", name, f"is {_said(value)}"): n
            for name, value, n in _rows(TEXTS, listed(ids), FEWEST // 3)
        }
        for ids in (members, everybody)
    )
    return inside, outside


def _numbers(members: Sequence[int], everybody: Sequence[int]) -> tuple[Counts, Counts]:
    inside, outside = (_valued(_rows(NUMBERS, listed(ids))) for ids in (members, everybody))
    return counted(inside, outside, named={name: name.partition(":")[2] for name in inside.keys() | outside.keys()})


def counted(
    inside: Mapping[str, Values], outside: Mapping[str, Values], *, named: Mapping[str, str]
) -> tuple[Counts, Counts]:
    """By fact: a number with few values by value, another by the quarters of everybody."""
    counts: tuple[Counts, Counts] = ({}, {})
    for fact in inside.keys() | outside.keys():
        for word, holds in parts(outside.get(fact) or inside[fact]):
            thing = Thing(fact, named[fact], word)
            for values, into in ((inside, counts[0]), (outside, counts[1])):
                if n := sum(n for value, n in values.get(fact, {}).items() if holds(value)):
                    into[thing] = n
    return counts


def parts(values: Mapping[float, int]) -> list[tuple[str, Callable[[float], bool]]]:
    """What may be said of a number, given how often each value occurs."""
    if len(values) <= FEW_VALUES:
        return [(f"is {value:,g}", _equals(value)) for value in sorted(values)]
    low, middle, high = (_quantile(values, share) for share in (0.25, 0.5, 0.75))
    least = f"is {low:,g}" if low == min(values) else f"is at most {low:,g}"
    found = {least: _at_most(low), f"is above {high:,g}": _above(high)}
    return [*found.items(), (f"is above {middle:,g}, the middle of everybody", _above(middle))]


def _quantile(values: Mapping[float, int], share: float) -> float:
    wanted, passed = share * sum(values.values()), 0
    for value in sorted(values):
        passed += values[value]
        if passed >= wanted:
            return value
    return max(values)


def _equals(wanted: float) -> Callable[[float], bool]:
    return lambda value: value == wanted


def _at_most(limit: float) -> Callable[[float], bool]:
    return lambda value: value <= limit


def _above(limit: float) -> Callable[[float], bool]:
    return lambda value: value > limit


def _events(members: Sequence[int], everybody: Sequence[int]) -> tuple[Counts, Counts]:
    inside, outside = (
        {Thing(f"event:{name}", name, "done at least once"): n for name, n in _rows(EVENTS, listed(ids), FEWEST // 3)}
        for ids in (members, everybody)
    )
    return inside, outside


def _valued(rows: Iterable[tuple[str, float, int]]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for name, value, n in rows:
        found.setdefault(f"trait:{name}", {})[value] = n
    return found


def _said(value: str) -> str:
    return {"true": "yes", "false": "no"}.get(value, value[:80])


def _rows(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())
