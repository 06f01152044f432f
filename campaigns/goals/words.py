"""A goal in words: what is counted, its numbers with their unit."""

from django.conf import settings

from campaigns.goals.metrics import averaged_trait
from campaigns.models import Goal
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from scoring.models import Predictor
from segments.models import Segment

Metric = Goal.Metric
MONEY = (Metric.REVENUE, Metric.PER_PERSON)
WHOLE = (Metric.DID, Metric.ORDERS)
HAVING = {
    Metric.DID: "did it",
    Metric.ORDERS: "ordered",
    Metric.REVENUE: "ordered",
    Metric.PER_PERSON: "ordered",
    Metric.SHARE: "are in the segment",
    Metric.AVERAGE: "have a value",
}
"""What is said of the people who have anything to count."""


def counted(goal: Goal) -> str:
    """What it counts: “people who did Order Completed at least 2 times”."""
    if goal.metric == Metric.DID:
        often = f" at least {goal.params['times']} times" if goal.params["times"] > 1 else ""
        return f"people who did {goal.params['event']}{often}"
    if goal.metric == Metric.SHARE:
        segment = Segment.objects.filter(pk=goal.params["segment"]).first()
        return f"share of people in “{segment.name if segment else 'a segment that is gone'}”"
    if goal.metric == Metric.AVERAGE:
        return f"average of {averaged(goal)}"
    return str(Metric(goal.metric).label).lower()


def averaged(goal: Goal) -> str:
    if "predictor" in goal.params:
        predictor = Predictor.objects.filter(pk=goal.params["predictor"]).first()
        return f"the score “{predictor.name}”" if predictor else "a score that is gone"
    trait = averaged_trait(goal)
    return f"“{trait.label}”" if trait else "a computed trait that is gone"


def whom(goal: Goal) -> str:
    if goal.population is None:
        return "Everybody"
    try:
        return to_english(parse(goal.population))
    except RuleError as error:
        return f"A rule that cannot be read any more: {error}"


def number(goal: Goal, value: float | None) -> str:
    """With its unit; a dash for nothing."""
    if value is None:
        return "–"
    if goal.metric in WHOLE:
        return f"{value:,.0f}"
    if goal.metric in MONEY:
        return f"{value:,.2f} {settings.REPORTING_CURRENCY}"
    return (
        f"{value:,.1f} %" if goal.metric == Metric.SHARE else f"{value:,.3g}" if abs(value) < 100 else f"{value:,.1f}"
    )


def per_person(goal: Goal, mean: float) -> str:
    """The mean of one number of each."""
    if goal.metric in (Metric.DID, Metric.SHARE):
        return f"{100 * mean:.2f} %"
    if goal.metric in MONEY:
        return f"{mean:,.2f} {settings.REPORTING_CURRENCY}"
    return f"{mean:,.3f}"
