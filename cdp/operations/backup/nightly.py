"""When the backup of each day is made, as the beat schedule says it."""

from typing import Any

from celery.schedules import crontab


class NoTime(ValueError):
    """BACKUP_AT is an hour and a minute, as 02:30, in TIME_ZONE; or empty for no backup."""


def beat_entry(at: str) -> dict[str, Any]:
    """For the schedule of celery; empty if no backup is wanted."""
    if not at.strip():
        return {}
    hour, _, minute = at.strip().partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise NoTime(NoTime.__doc__)
    when = crontab(hour=str(int(hour)), minute=str(int(minute)))
    return {"operations.backup": {"task": "cdp.operations.backup.nightly", "schedule": when}}
