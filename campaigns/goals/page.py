"""What the pages of goals show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils.text import capfirst

from campaigns.goals import words
from campaigns.goals.against import SHARES, Against, against
from campaigns.goals.course import Standing, begins_at, is_limit, standing
from campaigns.goals.measure import Measured
from campaigns.models import Goal, GoalSample
from campaigns.policy import policy


@dataclass(frozen=True)
class Line:
    """A goal as the list says it."""

    goal: Goal
    standing: Standing
    counted: str
    now: str
    target: str
    value: float | None
    at: datetime | None
    last_moment: datetime
    """Of its last day: the deadline is the end of one."""


def with_counts(goals: Any) -> Any:
    """Of each its first and latest count."""
    samples = GoalSample.objects.filter(goal=OuterRef("pk"))
    first, last = samples.exclude(value=None).order_by("on"), samples.order_by("-on")
    return goals.annotate(
        first_value=Subquery(first.values("value")[:1]),
        last_value=Subquery(last.values("value")[:1]),
        last_at=Subquery(last.values("at")[:1]),
        last_figures=Subquery(last.values("figures")[:1]),
    )


def line_of(goal: Any, *, now: datetime) -> Line:
    return Line(
        goal,
        standing(goal, first=goal.first_value, value=goal.last_value, now=now),
        words.counted(goal),
        words.number(goal, goal.last_value),
        words.number(goal, goal.target),
        goal.last_value,
        goal.last_at,
        goal.ends_at - timedelta(seconds=1),
    )


def context_of(goal: Any, *, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    line = line_of(goal, now=now)
    samples = list(goal.samples.order_by("on"))
    measured = Measured.from_json(goal.last_figures) if goal.last_figures else None
    compared = against(goal, measured, share=policy().control_percent) if measured else None
    return {
        "goal": goal,
        "line": line,
        "whom": words.whom(goal),
        "measured": measured,
        "having": words.HAVING[Goal.Metric(goal.metric)],
        "needed": words.number(goal, line.standing.needed),
        "days_left": max((goal.ends_at - now).days, 0),
        "chart": chart_of(goal, samples, zone=zone),
        "against": compared,
        "verdict": verdict(goal, compared) if compared else "",
        "sides": sides(goal, compared) if compared else (),
    }


def chart_of(goal: Any, samples: Sequence[GoalSample], *, zone: ZoneInfo) -> dict[str, Any] | None:
    known = [one for one in samples if one.value is not None]
    begins = begins_at(goal, goal.first_value)
    if not known or begins is None:
        return None
    course = [[one.at.astimezone(zone).isoformat(), one.value] for one in known]
    line = [
        [goal.starts_at.astimezone(zone).isoformat(), begins],
        [goal.ends_at.astimezone(zone).isoformat(), goal.target],
    ]
    name = "At most, to keep to it" if is_limit(goal) else "Needed to be on track"
    unit = "%" if goal.metric == Goal.Metric.SHARE else ""
    return {
        "title": f"{capfirst(words.counted(goal))}: how far it is, and what is needed to be there in time",
        "type": "line",
        "time": True,
        "series": [{"name": "Counted", "data": course}, {"name": name, "data": line}],
        "yLabel": capfirst(words.counted(goal)),
        "unit": unit,
        "columns": ["Day", "Counted"],
        "rows": [[one.on.isoformat(), words.number(goal, one.value)] for one in known],
    }


def sides(goal: Goal, compared: Against) -> tuple[tuple[str, str, int, str], ...]:
    """Name, what opens its people, how many, mean."""
    return (
        ("Control group: no campaigns", "control", compared.control.n, words.per_person(goal, compared.control.mean)),
        ("The others: may get campaigns", "others", compared.others.n, words.per_person(goal, compared.others.mean)),
    )


def verdict(goal: Goal, compared: Against) -> str:
    effect = compared.effect
    if effect is None:
        return compared.problem
    between = f"{_gain(goal, effect.low)} to {_gain(goal, effect.high)} per person, with 95 % certainty"
    if effect.low <= 0 <= effect.high:
        return f"No difference to the control group can be told yet: {between}."
    side = "more" if effect.value > 0 else "less"
    return f"With campaigns it is {side} than in the control group: {_gain(goal, effect.value)} ({between})."


def _gain(goal: Goal, value: float) -> str:
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    said = f"{100 * abs(value):.2f} points" if goal.metric in SHARES else words.per_person(goal, abs(value))
    return f"{sign}{said}"
