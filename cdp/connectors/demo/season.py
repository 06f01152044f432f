"""When a shop is busy: month, weekday and hour, and draws of times from it."""

import math
from bisect import bisect
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

DAYS = 365
MONTHS = (0.86, 0.82, 0.9, 0.97, 1.0, 0.9, 0.74, 0.72, 0.96, 1.06, 1.4, 1.62)
"""Orders per day relative to the year's mean, January first."""
WEEKDAYS = (1.06, 1.0, 0.98, 1.0, 0.88, 0.92, 1.2)
HOURS = (2, 1, 0.6, 0.4, 0.5, 1, 2.2, 4, 5.5, 6.5, 7, 7.4, 7.2, 6.6, 6, 6, 6.4, 7.4, 9, 11, 12.4, 11, 7.6, 4.4)
"""Of visits, local time."""
HOURS_SUMS = tuple(accumulate(HOURS))
SHOPPING_DAYS = 1.9
"""Black Friday and the Monday after it."""


def busyness(on: date) -> float:
    """How busy a day is relative to the mean. Christmas presents must arrive, and nobody shops on the day."""
    weight = MONTHS[on.month - 1] * WEEKDAYS[on.weekday()]
    if on.month == 12 and on.day >= 20:
        weight *= 0.35 if on.day in (24, 25, 26) else 0.6
    friday = black_friday(on.year)
    if on in (friday, friday + timedelta(days=3)):
        weight *= SHOPPING_DAYS
    return weight


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def swing(peak_month: int, height: float, on: date) -> float:
    """A yearly wave with mean 1 and its top, 1 + height, in the middle of the peak month (height ≤ 1; more is cut)."""
    phase = 2 * math.pi * (on.timetuple().tm_yday / DAYS - (peak_month - 0.5) / 12)
    return max(0.05, 1 + height * math.cos(phase))


def poisson(mean: float, rng: Random) -> int:
    """Knuth's product method; the means here are below 100."""
    limit, product, n = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        n += 1
    return n


def draw_days(sums: Sequence[float], n: int, rng: Random) -> list[int]:
    """Indexes of `n` days, in order, drawn by running sums of their weights."""
    return sorted(bisect(sums, rng.random() * sums[-1], hi=len(sums) - 1) for _ in range(n))


def at_local(on: date, hour: float, zone: ZoneInfo) -> datetime:
    """That hour (fractions count) of the local day, in UTC; hours beyond 24 are of the next day."""
    local = datetime(on.year, on.month, on.day, tzinfo=zone) + timedelta(hours=hour)
    return local.astimezone(UTC)


def visiting_hour(personal: float, rng: Random) -> float:
    """Half of the visits come at a person's own time of day, the others when everybody comes."""
    if rng.random() < 0.5:
        return rng.gauss(personal, 1.2) % 24
    return rng.choices(range(24), cum_weights=HOURS_SUMS)[0] + rng.random()
