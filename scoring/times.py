"""When everybody is scored, in words a marketer chooses from; a cron expression underneath."""

import re
from dataclasses import dataclass
from enum import StrEnum

from segments.schedule import BadCron, read_cron

MINUTE = 10
"""Past the hour: what is counted at the full hour is there by then."""
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
NIGHTLY = re.compile(rf"{MINUTE} (\d+) \* \* \*")
WEEKLY = re.compile(rf"{MINUTE} (\d+) \* \* ([0-6])")
HOURLY = f"{MINUTE} * * * *"


class Pace(StrEnum):
    DAY = "day"
    HOUR = "hour"
    WEEK = "week"
    OWN = "own"


PACES = (
    (Pace.DAY, "Every day"),
    (Pace.HOUR, "Every hour"),
    (Pace.WEEK, "Once a week"),
    (Pace.OWN, "At times of one’s own"),
)


@dataclass(frozen=True)
class Times:
    pace: Pace = Pace.DAY
    hour: int = 3
    weekday: int = 1
    """0 is Sunday."""
    cron: str = ""

    def schedule(self) -> str:
        """As a cron expression. Raises BadCron."""
        if self.pace is Pace.HOUR:
            return HOURLY
        if self.pace is Pace.DAY:
            return f"{MINUTE} {self.hour} * * *"
        return f"{MINUTE} {self.hour} * * {self.weekday}" if self.pace is Pace.WEEK else read_cron(self.cron)

    def english(self) -> str:
        if self.pace is Pace.HOUR:
            return f"every hour, {MINUTE} minutes past"
        at = f"at {self.hour}:{MINUTE:02}"
        if self.pace is Pace.DAY:
            return f"every day {at}"
        return f"every {WEEKDAYS[self.weekday]} {at}" if self.pace is Pace.WEEK else f"at the times “{self.cron}”"


def times_of(schedule: str) -> Times:
    if schedule == HOURLY:
        return Times(Pace.HOUR)
    if found := NIGHTLY.fullmatch(schedule):
        return Times(Pace.DAY, int(found[1]))
    if found := WEEKLY.fullmatch(schedule):
        return Times(Pace.WEEK, int(found[1]), int(found[2]))
    return Times(Pace.OWN, cron=schedule)


__all__ = ["PACES", "WEEKDAYS", "BadCron", "Pace", "Times", "times_of"]
