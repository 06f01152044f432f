"""What the pages about tests show: the readout, its chart, and what must be said beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.experiments.against import Against
from campaigns.experiments.chart import Chart, chart_of
from campaigns.experiments.counts import Group, groups_of
from campaigns.experiments.readout import ORDERS, Line, Readout, percent, readout
from campaigns.models import Campaign, Decision

PERIODS = (30, 90, 365)
"""Days that the page of the control group looks back."""


@dataclass(frozen=True)
class Shown:
    readout: Readout
    chart: Chart | None
    sentences: tuple[str, ...]
    decision: Decision | None = None

    @property
    def lines(self) -> Sequence[Line]:
        return self.readout.lines

    @property
    def has_money(self) -> bool:
        return any(line.money for line in self.lines)

    @property
    def winner(self) -> str:
        if self.decision is None:
            return ""
        number = self.decision.number
        return next((one.group.name for one in self.lines if one.group.number == number), str(number))


def shown_test(campaign: Campaign) -> Shown | None:
    """None without variants."""
    groups = groups_of(campaign)
    if len(groups) < 2:
        return None
    found = readout(groups, decides_on=campaign.decides_on, seed=campaign.pk)
    decision = Decision.objects.filter(campaign=campaign).select_related("by").first()
    return Shown(found, chart_of(found), tuple(found.verdict), decision)


def shown_groups(groups: Sequence[Group], campaign: Campaign) -> Shown:
    found = readout(groups, decides_on=campaign.decides_on, seed=campaign.pk)
    return Shown(found, chart_of(found), tuple(found.verdict))


def shown_against(against: Against, *, seed: int) -> Shown:
    """Decided on orders: who got nothing has nothing to click on."""
    groups = [replace(against.held, name="Held out"), replace(against.meant, name="The others")]
    found = readout(groups, decides_on=ORDERS, seed=seed)
    return Shown(found, chart_of(found), (_worth(found),))


def _worth(found: Readout) -> str:
    held, others = found.lines
    shares = f"{percent(others.orders.value)} ordered, {percent(held.orders.value)} of those held out did"
    if others.verdict == "better":
        return f"It brings orders: {shares}. This holds however often you looked."
    if others.verdict == "worse":
        return f"It keeps people from ordering: {shares}. This holds however often you looked."
    return f"Whether it brings orders is not decided yet: {shares}. It is safe to look every day."
