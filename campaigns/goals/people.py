"""The people behind a goal's numbers."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from campaigns.goals.metrics import population_sql, values_sql
from campaigns.models import Goal
from campaigns.policy import policy
from cdp.common.copying import numbers
from cdp.profiles.models import Profile
from cdp.rules.sql import Sql, fill

WHO = {"": "All of them", "counted": "Counted", "control": "Control group", "others": "Others who drew"}
_DREW = (
    "select f.id from ({population}) f join campaigns_controldraw d on d.profile_id = f.id where d.draw {than} {share}"
)
_COUNTED = "select f.id from ({population}) f join ({values}) v on v.profile_id = f.id"
_OF = "select v.profile_id, v.y from ({values}) v where v.profile_id = any({ids}::bigint[])"


def people_of(goal: Goal, who: str, *, now: datetime, zone: ZoneInfo) -> QuerySet[Profile]:
    """As they are now. Raises RuleError where the population's rule cannot be read any more."""
    population = population_sql(goal, now=now, zone=zone)
    sql = _narrowed(goal, who, population, now)
    # Its text is of this module and of the rules; values are bound.
    return Profile.objects.filter(pk__in=RawSQL(sql.text, sql.values))  # noqa: S611


def _narrowed(goal: Goal, who: str, population: Sql, now: datetime) -> Sql:
    if who == "counted":
        return fill(_COUNTED, population=population, values=values_sql(goal, now=now))
    if who in ("control", "others"):
        than = Sql("<" if who == "control" else ">=")
        return fill(_DREW, population=population, than=than, share=policy().control_percent)
    return population


def numbers_of(goal: Goal, ids: Collection[int], *, now: datetime) -> Mapping[int, Any]:
    """What is counted of each of them."""
    sql = fill(_OF, values=values_sql(goal, now=now), ids=numbers(sorted(ids)))
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return dict(cursor.fetchall())
