"""How good send hours are: learned until some weeks ago, held against what people did since."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Numbers
from scoring.estimators.send_hour import HOURS, Habits, best

FEWEST = 100
"""People active in the weeks it is measured on: fewer say nothing."""
OWN = 0.5
"""From this share of own habit an hour is called the person's own."""


@dataclass(frozen=True)
class Kept:
    """Mean share of people's activity in the weeks measured that fell into the hour."""

    people: int
    chosen: float
    """Of each one's own hour."""
    fixed: float
    """Of the one hour that is best for everybody, on each one's own clock."""
    error: float
    """Standard error of the difference."""

    @property
    def is_better(self) -> bool:
        """By more than luck explains (one-sided, 5 %)."""
        return self.chosen - self.fixed > 1.645 * self.error


@dataclass(frozen=True)
class Measured:
    weeks: int
    all: Kept | None
    """None where too few were active."""
    own: Kept | None
    """Of those whose hour is mostly their own habit."""
    fixed_hour: int
    chance: float = 1 / HOURS

    def facts(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> "Measured":
        kept = {name: Kept(**facts[name]) if facts[name] else None for name in ("all", "own")}
        return cls(weeks=facts["weeks"], fixed_hour=facts["fixed_hour"], chance=facts["chance"], **kept)

    @property
    def verdict(self) -> str:
        if self.all is None:
            return f"Not measured yet: fewer than {FEWEST} people were active in the latest {self.weeks} weeks."
        shares = (
            f"in the latest {self.weeks} weeks, which it had not seen, {100 * self.all.chosen:.1f} % of people's"
            f" activity fell into their best hour; {self.fixed_hour}:00 for everybody, the best single hour, would"
            f" have met {100 * self.all.fixed:.1f} %, an hour by chance {100 * self.chance:.1f} %"
        )
        if self.all.is_better:
            return f"Own hours are worth it: {shares}."
        return f"Own hours are not clearly better than one hour for everybody: {shares}."


def measured(habits: Habits, counts: Numbers, groups: Sequence[str], since: Numbers, *, weeks: int) -> Measured:
    """`counts` until then, `since` from then on: (people, 24) each, of the same people."""
    fixed = int(habits.everybody.argmax())
    active = since.sum(axis=1) > 0
    counts, since = counts[active], since[active]
    names = [name for name, is_active in zip(groups, active, strict=True) if is_active]
    if not len(counts):
        return Measured(weeks, None, None, fixed)
    hours = best(habits.shares(counts, names))
    is_own = habits.own_share(counts) >= OWN
    return Measured(weeks, _kept(hours, fixed, since), _kept(hours[is_own], fixed, since[is_own]), fixed)


def _kept(hours: NDArray[np.int64], fixed: int, since: Numbers) -> Kept | None:
    if len(hours) < FEWEST:
        return None
    shares = since / since.sum(axis=1, keepdims=True)
    chosen, at_fixed = shares[np.arange(len(hours)), hours], shares[:, fixed]
    error = float((chosen - at_fixed).std(ddof=1)) / math.sqrt(len(hours))
    return Kept(len(hours), float(chosen.mean()), float(at_fixed.mean()), error)
