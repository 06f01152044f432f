"""The one place that reads the clock. Views, tasks and commands call it and pass `now` down."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
