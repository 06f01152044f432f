"""The one place that reads the clock. Views, tasks and commands call it and pass `now` down."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def utc_now() -> datetime:
    return datetime.now(UTC)


def deployment_zone() -> ZoneInfo:
    """Where days begin (`TIME_ZONE`), unless a person's own time zone is meant."""
    return ZoneInfo(settings.TIME_ZONE)


def time_limit(seconds: float) -> Callable[[], bool]:
    """Tells whether so long has passed since: work that answers a page shows what it has by then."""
    until = utc_now() + timedelta(seconds=seconds)
    return lambda: utc_now() >= until


def stopwatch() -> Callable[[], float]:
    """Tells the seconds since: work that must answer in time looks how much of it is left."""
    started_s = time.monotonic()
    return lambda: time.monotonic() - started_s
