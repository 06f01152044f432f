"""Timestamps as tracking clients write them."""

import re
from datetime import UTC, datetime, timedelta

EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
"""Clocks wrong by ten years are corrected by `sentAt`; outside these years no clock was ever meant."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60(?=$|[.,Z+-])")
_MILLISECONDS_FROM = 100_000_000_000
"""Seconds up to the year 5138; larger numbers are milliseconds, as JavaScript counts."""


class BadTimestamp(ValueError):
    """The timestamp must be ISO 8601 such as 2026-05-01T10:30:00.000Z, between the years 1970 and 2100."""


def parse_time(value: object) -> datetime | None:
    """The aware UTC time of an ISO 8601 string or of epoch seconds or milliseconds; None if absent.

    A time without a zone is UTC, as Segment reads it. A leap second is the second after it.
    """
    if value is None or value == "":
        return None
    try:
        moment = _from_text(value) if isinstance(value, str) else _from_number(value)
    except (ValueError, OverflowError) as error:
        raise BadTimestamp(str(BadTimestamp.__doc__)) from error
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise BadTimestamp(str(BadTimestamp.__doc__))
    return moment


def _from_text(text: str) -> datetime:
    text = text.strip()
    plain = _LEAP_SECOND.sub(":59", text)
    moment = datetime.fromisoformat(plain)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment if plain == text else moment + timedelta(seconds=1)


def _from_number(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadTimestamp
    seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
    return _EPOCH + timedelta(seconds=seconds)
