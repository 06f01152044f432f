"""Where a goal stands on its way: what would be needed by now, and the state in words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from campaigns.goals.metrics import TOTALS
from campaigns.models import Goal

MARGIN = 0.05
"""Of the whole way: so far from the line one is still on track."""
Direction = Goal.Direction


class State(StrEnum):
    WAITS = "begins later"
    UNKNOWN = "not counted yet"
    AHEAD = "ahead"
    ON_TRACK = "on track"
    BEHIND = "behind"
    REACHED = "reached"
    MISSED = "missed"


TONES = {
    State.AHEAD: "green",
    State.ON_TRACK: "green",
    State.BEHIND: "yellow",
    State.REACHED: "blue",
    State.MISSED: "red",
}


@dataclass(frozen=True)
class Standing:
    state: State
    words: str
    needed: float | None = None
    """By now, to be on track."""

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "secondary")


def is_limit(goal: Goal) -> bool:
    """What grows and is to stay small: kept once the time is over, missed as soon as it is more."""
    return goal.direction == Direction.AT_MOST and goal.metric in TOTALS


def is_there(goal: Goal, value: float) -> bool:
    return value >= goal.target if goal.direction == Direction.AT_LEAST else value <= goal.target


def begins_at(goal: Goal, first: float | None) -> float | None:
    """Where the way begins: totals at nothing, the others where they were when they were first counted."""
    return 0.0 if goal.metric in TOTALS else first


def needed(goal: Goal, first: float | None, *, at: datetime) -> float | None:
    """On the straight line to the target."""
    begins = begins_at(goal, first)
    if begins is None:
        return None
    share = (at - goal.starts_at) / (goal.ends_at - goal.starts_at)
    return begins + (goal.target - begins) * min(max(share, 0.0), 1.0)


def standing(goal: Goal, *, first: float | None, value: float | None, now: datetime) -> Standing:
    """`first` and `value` are the first and the latest count."""
    if now < goal.starts_at:
        return Standing(State.WAITS, f"begins on {said_day(goal.starts_at.date())}")
    line = needed(goal, first, at=now)
    if is_limit(goal):
        return _kept(goal, value, line, now)
    if goal.reached_at:
        return Standing(State.REACHED, f"reached on {said_day(goal.reached_at.date())}", line)
    if now >= goal.ends_at:
        return Standing(State.MISSED, "missed", line)
    return _under_way(goal, value, line, begins_at(goal, first))


def _kept(goal: Goal, value: float | None, line: float | None, now: datetime) -> Standing:
    if value is not None and value > goal.target:
        return Standing(State.MISSED, "missed", line)
    if now >= goal.ends_at:
        return Standing(State.REACHED, f"reached on {said_day(goal.ends_at.date())}", line)
    return _under_way(goal, value, line, 0.0)


def _under_way(goal: Goal, value: float | None, line: float | None, begins: float | None) -> Standing:
    if value is None or line is None or begins is None:
        return Standing(State.UNKNOWN, "not counted yet", line)
    way = abs(goal.target - begins) or abs(goal.target) or 1.0
    gain = (value - line) / way * (1 if goal.direction == Direction.AT_LEAST else -1)
    state = State.AHEAD if gain > MARGIN else State.BEHIND if gain < -MARGIN else State.ON_TRACK
    return Standing(state, str(state), line)


def said_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
