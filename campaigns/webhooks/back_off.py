"""When a message that failed is posted again."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WAITS = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""After the first attempt, which is immediate, and after each further one."""
JITTER = 0.2
"""Up to so much longer, so that what failed together is not posted together again."""
LONGEST_REST = timedelta(hours=24)
"""An endpoint that wants to be left alone for longer is asked after that."""


def next_attempt(*, attempts: int, now: datetime, random: Random) -> datetime | None:
    """After so many attempts; None: it is given up."""
    if attempts > len(WAITS):
        return None
    return now + WAITS[attempts - 1] * (1 + JITTER * random.random())


def rest(retry_after: str, *, now: datetime) -> datetime | None:
    """Until when a `Retry-After` wants to be left alone (RFC 9110, 10.2.3): seconds, or a moment."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_REST)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(until, now + LONGEST_REST) if until > now else None
