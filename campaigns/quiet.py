"""Quiet hours: while it is night at a person's place, their messages wait."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.models import SendingPolicy


@dataclass(frozen=True)
class Quiet:
    """From `starts` until before `ends` on the person's own clock, perhaps over midnight."""

    starts: time
    ends: time

    def over_at(self, now: datetime, *, zone: ZoneInfo) -> datetime | None:
        """When it is over, if it is quiet now."""
        local = now.astimezone(zone)
        clock = local.time()
        if not self._holds(clock):
            return None
        day = local.date() + timedelta(days=clock >= self.ends)
        over = datetime.combine(day, self.ends, tzinfo=zone).astimezone(UTC)
        if over > now:
            return over
        # The hour that the end of summer time repeats, the second time.
        return datetime.combine(day, self.ends.replace(fold=1), tzinfo=zone).astimezone(UTC)

    def _holds(self, clock: time) -> bool:
        if self.starts <= self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends


def quiet_of(policy: SendingPolicy) -> Quiet | None:
    if policy.quiet_from is None or policy.quiet_until is None or policy.quiet_from == policy.quiet_until:
        return None
    return Quiet(policy.quiet_from, policy.quiet_until)


def over_in(quiet: Quiet, *, now: datetime) -> Callable[[ZoneInfo], datetime | None]:
    """Worked out once for each zone."""
    return lru_cache(maxsize=None)(lambda zone: quiet.over_at(now, zone=zone))
