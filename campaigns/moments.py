"""When somebody's own clock shows a time: the first moment that is not too early."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

FIRST_ZONE = timezone(timedelta(hours=14))
"""Where days begin first."""


def at_time(clock: time, *, zone: ZoneInfo, not_before: datetime, on: date | None = None) -> datetime:
    """On that day at the earliest. A time that the clock leaps over counts as so long after the leap, one that comes
    twice as its first coming; where it has passed that day, it is the next day's."""
    day = max(not_before.astimezone(zone).date(), on or date.min)
    while (moment := datetime.combine(day, clock, zone).astimezone(UTC)) < not_before:
        day += timedelta(days=1)
    return moment


def at_hour(hour: int, *, zone: ZoneInfo, not_before: datetime, on: date | None = None) -> datetime:
    """The same of an hour, which is not passed before it is over."""
    there = not_before.astimezone(zone)
    if there.hour == hour and there.date() >= (on or date.min):
        return not_before
    return at_time(time(hour), zone=zone, not_before=not_before, on=on)


def begins_anywhere(on: date) -> datetime:
    """When the day begins where it begins first."""
    return datetime.combine(on, time(), FIRST_ZONE).astimezone(UTC)
