"""When people are best sent to, as the page tells it."""

from dataclasses import dataclass
from typing import Any

from scoring.estimators.send_hour import Habits, best
from scoring.models import SendHourFit
from scoring.send_time_measured import Measured

Chart = dict[str, Any]
FIFTHS = (
    "hardly: a fifth at most",
    "a little: up to two fifths",
    "about half",
    "mostly: up to four fifths",
    "nearly all of it",
)
MOST_GROUPS = 5
LISTED_GROUPS = 30


@dataclass(frozen=True)
class GroupLine:
    name: str
    hour: int
    share: float
    """Of the group's activity in that hour."""


@dataclass(frozen=True)
class Shown:
    fit: SendHourFit
    measured: Measured
    own: list[tuple[str, int]]
    mostly_own: int
    """People whose hour is at least to three fifths their own habit."""
    groups: list[GroupLine]
    more_groups: int
    everybody: GroupLine
    charts: dict[str, Chart]


def shown() -> Shown | None:
    """None before the first look that found anybody."""
    fit = SendHourFit.objects.order_by("-at").first()
    if fit is None or not fit.people:
        return None
    habits = Habits.from_facts(fit.habits)
    groups = [_line(name, shares) for name, shares in sorted(habits.groups.items())]
    return Shown(
        fit=fit,
        measured=Measured.from_facts(fit.quality),
        own=list(zip(FIFTHS, fit.own, strict=True)),
        mostly_own=sum(fit.own[3:]),
        groups=groups[:LISTED_GROUPS],
        more_groups=max(0, len(groups) - LISTED_GROUPS),
        everybody=_line("Everybody", habits.everybody),
        charts={"spread": _spread(fit), "activity": _activity(habits)},
    )


def _line(name: str, shares: Any) -> GroupLine:
    hour = int(best(shares))
    return GroupLine(name, hour, float(shares[hour]))


def _spread(fit: SendHourFit) -> Chart:
    return {
        "title": "When people are best sent to",
        "type": "bar",
        "x": _hours(),
        "xLabel": "Hour of their own day",
        "yLabel": "People",
        "series": [{"name": "People", "data": fit.spread}],
    }


def _activity(habits: Habits) -> Chart:
    named = [("Everybody", habits.everybody), *sorted(habits.groups.items())[:MOST_GROUPS]]
    return {
        "title": "When people are active",
        "type": "line",
        "x": _hours(),
        "xLabel": "Hour of their own day",
        "yLabel": "Share of activity, %",
        "unit": "%",
        "series": [{"name": name, "data": [round(100 * float(one), 1) for one in shares]} for name, shares in named],
    }


def _hours() -> list[str]:
    return [f"{hour:02}:00" for hour in range(24)]
