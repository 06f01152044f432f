"""Windows of the past: what was known of people at a moment, and what they did in the days after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.columns import FeatureTable, stacked

Numbers = NDArray[np.float64]
MOST_MOMENTS = 8
LEAST_HISTORY_DAYS = 14
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Window:
    """`happened`, (people,): 1 or 0, or an amount, in (moment, moment + days]."""

    moment: datetime
    table: FeatureTable
    happened: Numbers

    @property
    def did(self) -> int:
        return int(np.count_nonzero(self.happened > 0))

    @property
    def did_not(self) -> int:
        return len(self.happened) - self.did


class Source(Protocol):
    """Where windows come from."""

    days: int
    first_at: datetime | None
    """When the records begin; None where there are none."""

    def window(self, moment: datetime) -> Window: ...


@dataclass(frozen=True)
class Plan:
    """Which moments may be used, when only what happened until `until` is known."""

    until: datetime
    training: tuple[datetime, ...]
    """Their windows end before the validation window begins; latest first."""
    validation: datetime
    using: tuple[datetime, ...]
    """For the version in use: their windows end by `until`; latest first."""
    year_ago: datetime | None
    """The same season, where it was seen."""


def plan(source: Source, *, until: datetime) -> Plan:
    """Moments a third of a window apart: nearer ones say the same again."""
    span = timedelta(days=source.days)
    year_ago = until - YEAR
    is_seen = source.first_at is not None and year_ago - source.first_at >= span and source.days < YEAR.days
    return Plan(
        until=until,
        training=_moments(source, until - 2 * span),
        validation=until - span,
        using=_moments(source, until - span),
        year_ago=year_ago if is_seen else None,
    )


def _moments(source: Source, latest: datetime) -> tuple[datetime, ...]:
    if source.first_at is None:
        return ()
    step = timedelta(days=max(1.0, source.days / 3))
    enough = timedelta(days=max(LEAST_HISTORY_DAYS, source.days / 2))
    found = [latest - n * step for n in range(MOST_MOMENTS)]
    return tuple(moment for moment in found if moment - source.first_at >= enough)


def joined(windows: Sequence[Window]) -> tuple[FeatureTable, Numbers]:
    """One table and one vector of outcomes; a person may stand in it once per moment."""
    return stacked([one.table for one in windows]), np.concatenate([one.happened for one in windows])
