"""Full refreshes by schedule."""

from datetime import datetime
from zoneinfo import ZoneInfo

from segments import schedule
from segments.refresh import FULL_WITHIN_S, refresh_fully


def run(segment_id: int, *, now: datetime, zone: ZoneInfo, within_s: float = FULL_WITHIN_S) -> None:
    """The next time is counted from now, so that times missed while nobody worked are made up for once. One that fails
    is tried again before it, as all are."""
    refresh_fully(segment_id, now=now, zone=zone, within_s=within_s)
    schedule.set_next(segment_id, now=now, zone=zone)
