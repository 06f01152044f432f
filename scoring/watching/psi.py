"""Drift: how far people moved from what a version was trained on, beyond luck and beyond what is ordinary.

PSI(p, q) = Σ (p - q) · ln(p / q) over the bins. Were nothing but luck at work between samples of n and m people, it
would be (1/n + 1/m) · χ² with (bins - 1) degrees of freedom (B. Yurdakul, Statistical Properties of Population
Stability Index, 2018, theorem 3.1): what luck exceeds once in a hundred times is subtracted.

The reference holds several moments of the past, best a year of them. Today is compared with those of the same time of
the year, the latest among them (all of them, where none is), and the one it is most like counts. From that is
subtracted how far the moments lie apart from each other: the largest distance of one of them to the one it is most
like. So a season that was seen before, and growth that goes on as it did, are no drift.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from scipy.stats import chi2

from scoring.columns import Numbers
from scoring.watching.spread import Spread

FIRES = 0.2
"""Usual reading: below 0.1 nothing, 0.1 to 0.25 some shift, above a strong one. Here it is what is left over."""
LUCK = 0.99
SEASON_DAYS = 45
"""Moments so near are of one season."""
YEAR_DAYS = 365.25

Seen = Sequence[tuple[Sequence[float], int]]
"""Shares, and among how many people."""


def drift(reference: Mapping[str, Any], spread: Spread, *, people: int, at: datetime) -> dict[str, float]:
    """Feature, and `score` → drift beyond luck and the ordinary, of a run at that time. Empty without a reference
    or without people."""
    moments = reference.get("moments", [])
    if not moments or not people:
        return {}
    like = [_is_of_season(datetime.fromisoformat(one["at"]), at) for one in moments]
    found = {}
    for name, shares in spread.items():
        seen = [(one["shares"][name], max(int(one["people"]), 1)) for one in moments if name in one["shares"]]
        if len(seen) == len(moments):
            compared = [one for one, is_like in zip(seen, like, strict=True) if is_like] or seen
            beyond = _nearest(shares, people, compared) - _ordinary(seen)
            found[name] = round(max(0.0, beyond), 4)
    return found


def drifted(found: Mapping[str, float]) -> list[str]:
    """Names of what drifted, the strongest first."""
    return sorted((name for name, value in found.items() if value >= FIRES), key=lambda name: -found[name])


def stability_index(p: Sequence[float], q: Sequence[float], *, n: int, m: int) -> float:
    """PSI of shares seen among n and m people, less what luck alone brings; at least 0. Half a person stands
    in each bin that one of them has empty: else a single newcomer would count as infinitely much."""
    first, second = _filled(p, n), _filled(q, m)
    used = int(np.sum((np.asarray(p) > 0) | (np.asarray(q) > 0)))
    found = float(np.sum((first - second) * np.log(first / second)))
    by_luck = float(chi2.ppf(LUCK, max(used - 1, 1))) * (1 / n + 1 / m)
    return max(0.0, found - by_luck)


def _filled(shares: Sequence[float], people: int) -> Numbers:
    counts = np.maximum(np.asarray(shares, dtype=np.float64) * people, 0.5)
    filled: Numbers = counts / counts.sum()
    return filled


def _is_of_season(moment: datetime, at: datetime) -> bool:
    apart = abs((at - moment).total_seconds() / 86400) % YEAR_DAYS
    return min(apart, YEAR_DAYS - apart) <= SEASON_DAYS


def _nearest(shares: Sequence[float], people: int, seen: Seen) -> float:
    return min(stability_index(shares, other, n=people, m=m) for other, m in seen)


def _ordinary(seen: Seen) -> float:
    """How far the moments lie from the ones they are most like: 0 of a single one."""
    if len(seen) < 2:
        return 0.0
    return max(_nearest(shares, n, [*seen[:i], *seen[i + 1 :]]) for i, (shares, n) in enumerate(seen))
