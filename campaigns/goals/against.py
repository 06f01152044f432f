"""A goal's number per person: those who may get campaigns against the control group, which gets none."""

from dataclasses import dataclass

from campaigns.experiments.statistics.compare import Effect, difference
from campaigns.experiments.statistics.samples import Sample, of_share, of_values
from campaigns.goals.measure import Group, Measured, averaged_over
from campaigns.models import Goal

LEAST = 100
"""People on either side: of fewer the interval would promise more than it holds."""
Metric = Goal.Metric
SHARES = frozenset({Metric.DID, Metric.SHARE})


@dataclass(frozen=True)
class Against:
    control: Sample
    others: Sample
    effect: Effect | None
    """Others less control, with 95 %; None where nothing can be said."""
    problem: str = ""
    """Why nothing can be said."""


def against(goal: Goal, measured: Measured, *, share: int) -> Against:
    """`share` is the policy's, in per cent."""
    control, others = sample_of(goal, measured.control), sample_of(goal, measured.others)
    if problem := _problem(control.n, others.n, share):
        return Against(control, others, None, problem)
    effect = difference(control, others)
    return Against(
        control, others, effect, "" if effect else "Nobody differs from anybody yet: nothing can be compared."
    )


def sample_of(goal: Goal, group: Group) -> Sample:
    """One number of each person, also of those with 0."""
    n = averaged_over(goal, group)
    return of_share(n, group.having) if goal.metric in SHARES else of_values(n, group.total, group.squares)


def _problem(control: int, others: int, share: int) -> str:
    if not share:
        return "There is no control group: campaigns go to everybody, so nobody can say what would be without them."
    if not control:
        return "Nobody of these people is in the control group yet: people draw when a campaign is first for them."
    if min(control, others) < LEAST:
        return (
            f"Too few to compare: {control:,} of these people are in the control group and {others:,} others drew;"
            f" below {LEAST} on either side a difference says nothing."
        )
    return ""
