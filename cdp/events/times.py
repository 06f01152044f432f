"""When an event happened, from what its sender's clock said. Source: Segment's spec, common fields."""

from datetime import UTC, datetime, timedelta

AHEAD = timedelta(minutes=5)
"""How far an online event may lie in the future before its time is taken to be wrong."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class BadTime(ValueError):
    """not an ISO 8601 time such as 2026-01-31T09:30:00Z"""


def parse_time(text: str) -> datetime:
    """An ISO 8601 time; without an offset it is UTC. Raises BadTime."""
    try:
        parsed = datetime.fromisoformat(text)
        at = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTime(BadTime.__doc__) from error
    if at < EARLIEST:
        raise BadTime("before 1970; send the time at which it happened")
    return at


def occurred_at(*, said: datetime | None, sent: datetime | None, received: datetime) -> datetime:
    """`received − (sent − said)`: a wrong clock is wrong by the same amount in both, so it cancels out."""
    if said is None:
        return received
    try:
        at = said if sent is None else received - (sent - said)
    except OverflowError:  # two clocks that are thousands of years apart
        return received
    if at > received + AHEAD or at < EARLIEST:
        return received
    return at
