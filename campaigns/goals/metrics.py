"""What a goal counts of each person, as SQL: (profile_id, y) of those who have anything to count."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.models import Goal
from cdp.analytics.models import ComputedTrait
from cdp.events.revenue import COUNTS, NET
from cdp.rules import to_sql
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope

Metric = Goal.Metric
TOTALS = frozenset({Metric.DID, Metric.ORDERS, Metric.REVENUE, Metric.PER_PERSON})
"""They grow from nothing at the start; the others are as they are at a moment."""
EVERYBODY = Sql("select p.id from profiles_profile p where p.merged_into is null")
_DID = (
    "select e.profile_id, 1::float8 as y from events_event e where e.name = {name} and e.occurred_at >= {since}"
    " and e.occurred_at <= {until} group by e.profile_id having count(*) >= {times}"
)
_ORDERS = (
    "select o.profile_id, {measured}::float8 as y from events_order o where {counts} and o.ordered_at >= {since}"
    " and o.ordered_at <= {until} group by o.profile_id"
)
_SHARE = "select m.profile_id, 1::float8 as y from segments_membership m where m.segment_id = {segment}"
_TRAIT = (
    "select v.profile_id, v.number::float8 as y from analytics_computedvalue v"
    " where v.trait_id = {trait} and v.number is not null"
)
_SCORE = "select s.profile_id, s.value as y from scoring_score s where s.predictor_id = {predictor}"


def values_sql(goal: Goal, *, now: datetime) -> Sql:
    return _MADE[Metric(goal.metric)](goal, min(now, goal.ends_at))


def population_sql(goal: Goal, *, now: datetime, zone: ZoneInfo) -> Sql:
    """Ids. Raises RuleError where the rule names what is gone."""
    if goal.population is None:
        return EVERYBODY
    node = parse(goal.population)
    return to_sql.members_sql(node, Scope(now, zone=zone, cuts=cuts_for(node, now=now, zone=zone)))


def averaged_trait(goal: Goal) -> ComputedTrait | None:
    """Of an average over a computed trait; one that decays has no number that could be averaged."""
    key = goal.params.get("trait")
    return ComputedTrait.objects.filter(key=key, is_removed=False).first() if key else None


def _did(goal: Goal, until: datetime) -> Sql:
    named = {"name": goal.params["event"], "times": goal.params["times"]}
    return fill(_DID, since=goal.starts_at, until=until, **named)


def _orders(goal: Goal, until: datetime) -> Sql:
    measured = "count(*)" if goal.metric == Metric.ORDERS else f"sum({NET})"
    return fill(_ORDERS, measured=Sql(measured), counts=Sql(COUNTS), since=goal.starts_at, until=until)


def _share(goal: Goal, until: datetime) -> Sql:
    return fill(_SHARE, segment=goal.params["segment"])


def _average(goal: Goal, until: datetime) -> Sql:
    if "predictor" in goal.params:
        return fill(_SCORE, predictor=goal.params["predictor"])
    trait = averaged_trait(goal)
    return fill(_TRAIT, trait=trait.pk if trait else 0)


_MADE: Mapping[Goal.Metric, Callable[[Goal, datetime], Sql]] = {
    Metric.DID: _did,
    Metric.ORDERS: _orders,
    Metric.REVENUE: _orders,
    Metric.PER_PERSON: _orders,
    Metric.SHARE: _share,
    Metric.AVERAGE: _average,
}
