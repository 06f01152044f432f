"""Two groups compared: difference and lift, each with its interval, and how probable so much is by chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import chdtrc, stdtr, stdtrit

from campaigns.experiments.statistics.samples import Sample

ALPHA = 0.05
MISMATCH = 0.001
"""Below it the sizes of the groups are not what they should be. Fabijan and others, KDD 2019."""


@dataclass(frozen=True)
class Effect:
    value: float
    error: float
    """Standard error."""
    low: float
    high: float
    """Of the interval."""
    p: float
    """Two-sided: of so much or more where there is no difference. For one look, decided on beforehand."""


def difference(first: Sample, other: Sample, *, alpha: float = ALPHA) -> Effect | None:
    """Other less first: Welch's t. None while nothing differs among the people, so that nothing can be said."""
    spread = first.spread + other.spread
    return _effect(other.mean - first.mean, spread, freedom(first, other), alpha) if spread > 0 else None


def lift(first: Sample, other: Sample, *, alpha: float = ALPHA) -> Effect | None:
    """Other over first, less 1: by the delta method, σ²₁ μ₂² / (μ₁⁴ n₁) + σ²₂ / (μ₁² n₂). None where the first is 0
    or less, or nobody of the other did it: then how far it may be off is not known. The interval is good once the
    first mean is many of its errors above 0."""
    if first.mean <= 0:
        return None
    ratio = other.mean / first.mean
    spread = (first.spread * ratio**2 + other.spread) / first.mean**2
    if spread <= 0:
        return None
    return _effect(ratio - 1, spread, freedom(first, other), alpha)


def freedom(first: Sample, other: Sample) -> float:
    """Welch and Satterthwaite's degrees of freedom."""
    below = sum(one.spread**2 / (one.n - 1) for one in (first, other) if one.n > 1)
    return (first.spread + other.spread) ** 2 / below if below > 0 else 1.0


def mismatch(counts: Sequence[int], parts: Sequence[float]) -> float:
    """How probable group sizes so far from their parts are: Pearson's chi-square. 1 without anybody."""
    n, whole = sum(counts), sum(parts)
    if not n or len(counts) < 2:
        return 1.0
    wanted = [n * part / whole for part in parts]
    statistic = sum((count - want) ** 2 / want for count, want in zip(counts, wanted, strict=True))
    return float(chdtrc(len(counts) - 1, statistic))


def holm(ps: Sequence[float]) -> list[float]:
    """Of several comparisons, each p so that the chance of any false alarm stays what one alone would have (Holm,
    Scandinavian Journal of Statistics 6, 1979)."""
    adjusted, least = [0.0] * len(ps), 0.0
    for place, index in enumerate(sorted(range(len(ps)), key=lambda one: ps[one])):
        least = max(least, min(1.0, (len(ps) - place) * ps[index]))
        adjusted[index] = least
    return adjusted


def _effect(value: float, spread: float, df: float, alpha: float) -> Effect:
    error = math.sqrt(spread)
    reach = float(stdtrit(df, 1 - alpha / 2)) * error
    return Effect(value, error, value - reach, value + reach, 2 * float(stdtr(df, -abs(value) / error)))
