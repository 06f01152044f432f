"""How far a goal is: over its population, and within it over the control group and the others who drew."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.goals.metrics import averaged_trait, population_sql, values_sql
from campaigns.models import Goal
from campaigns.policy import policy
from cdp.rules.sql import fill

Metric = Goal.Metric
ALL, CONTROL, OTHERS = "all", "control", "others"
UNDRAWN = "undrawn"
# Who has not drawn was never meant by a campaign since there is a control group: in neither group.
_GROUPS = """
with population as materialized ({population}), counted as materialized ({values})
select case when d.draw is null then {undrawn} when d.draw < {share} then {control} else {others} end, count(*),
       count(v.y), coalesce(sum(v.y), 0)::float8, coalesce(sum(v.y * v.y), 0)::float8
  from population p left join counted v on v.profile_id = p.id
  left join campaigns_controldraw d on d.profile_id = p.id group by 1
"""


@dataclass(frozen=True)
class Group:
    people: int = 0
    having: int = 0
    """People with anything to count: who did it, ordered, are in the segment, have a value."""
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Group") -> "Group":
        return Group(
            self.people + other.people,
            self.having + other.having,
            self.total + other.total,
            self.squares + other.squares,
        )


@dataclass(frozen=True)
class Measured:
    all: Group
    control: Group
    others: Group

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> "Measured":
        return cls(*(Group(**figures[name]) for name in (ALL, CONTROL, OTHERS)))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(goal: Goal, *, now: datetime, zone: ZoneInfo) -> Measured:
    """Raises RuleError where the population's rule cannot be read any more."""
    sql = fill(
        _GROUPS,
        population=population_sql(goal, now=now, zone=zone),
        values=values_sql(goal, now=now),
        share=policy().control_percent,
        undrawn=UNDRAWN,
        control=CONTROL,
        others=OTHERS,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        found = {name: Group(*some) for name, *some in cursor.fetchall()}
    control, others = found.get(CONTROL, Group()), found.get(OTHERS, Group())
    return Measured(control + others + found.get(UNDRAWN, Group()), control, others)


def value_of(goal: Goal, group: Group) -> float | None:
    """In the target's unit. None where there is nobody to average over."""
    if goal.metric in (Metric.DID, Metric.ORDERS, Metric.REVENUE):
        return group.total
    n = averaged_over(goal, group)
    return (100 if goal.metric == Metric.SHARE else 1) * group.total / n if n else None


def averaged_over(goal: Goal, group: Group) -> int:
    """People whose numbers a mean is taken of: of an average those who have one, unless without one means 0."""
    if goal.metric != Metric.AVERAGE:
        return group.people
    trait = averaged_trait(goal)
    return group.people if trait is not None and trait.is_zero_without else group.having
