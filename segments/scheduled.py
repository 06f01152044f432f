"""Full refreshes by schedule and on demand."""

from datetime import datetime
from zoneinfo import ZoneInfo

from segments import schedule
from segments.refresh import refresh_fully


def run(segment_id: int, *, now: datetime, zone: ZoneInfo) -> None:
    """The next time is counted from now, so that times missed while nobody worked are made up for once."""
    refresh_fully(segment_id, now=now, zone=zone)
    schedule.set_next(segment_id, now=now, zone=zone)
