"""How right a segment is at the moment, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cdp.common.models import Job
from segments.models import Segment

BEHIND = timedelta(minutes=5)
"""A live segment says at least once a minute what moment it is right for."""
OVERDUE = timedelta(minutes=15)
"""So long a full refresh may wait for a worker before somebody should look."""


class State(StrEnum):
    ARCHIVED = "archived"
    FAILED = "failed"
    REFRESHING = "refreshing"
    WAITING = "waiting"
    BEHIND = "behind"
    OVERDUE = "overdue"
    LIVE = "live"
    SCHEDULED = "scheduled"
    FIXED = "fixed"


TONES = {
    State.FAILED: "red",
    State.BEHIND: "yellow",
    State.OVERDUE: "yellow",
    State.WAITING: "yellow",
    State.REFRESHING: "primary",
    State.LIVE: "green",
    State.SCHEDULED: "green",
}


@dataclass(frozen=True)
class Freshness:
    state: State
    words: str
    percent: int | None = None

    @property
    def tone(self) -> str:
        """The colour that goes with the words; never the only sign."""
        return TONES.get(self.state, "secondary")

    @property
    def is_late(self) -> bool:
        return self.state in (State.FAILED, State.BEHIND, State.OVERDUE)


def freshness(segment: Segment, *, now: datetime) -> Freshness:
    """`segment.job` is read: select it with the segment."""
    if segment.archived_at:
        return Freshness(State.ARCHIVED, "Archived")
    if segment.job and segment.job.state == Job.State.RUNNING:
        percent = 100 * segment.job.done // segment.job.total if segment.job.total else None
        return Freshness(State.REFRESHING, "Refreshing" if percent is None else f"Refreshing, {percent} %", percent)
    if segment.error:
        return Freshness(State.FAILED, "Failed")
    if segment.is_stale or segment.as_of is None:
        return Freshness(State.WAITING, "Waiting for its first refresh" if segment.as_of is None else "Being refreshed")
    return _at_rest(segment, segment.as_of, now)


def _at_rest(segment: Segment, as_of: datetime, now: datetime) -> Freshness:
    if segment.pace == Segment.Pace.LIVE:
        if now - as_of > BEHIND:
            return Freshness(State.BEHIND, "Behind")
        return Freshness(State.FIXED, "Fixed list") if segment.kind == Segment.Kind.STATIC else LIVE
    if segment.due_at and now - segment.due_at > OVERDUE:
        return Freshness(State.OVERDUE, "Overdue")
    return Freshness(State.SCHEDULED, segment.get_pace_display())


LIVE = Freshness(State.LIVE, "Live")
