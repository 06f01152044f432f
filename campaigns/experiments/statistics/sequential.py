"""Intervals that stay right however often one looks: no correction for peeking is needed on top of them.

The difference of two groups times h = n₁ n₂ / (n₁ + n₂) is a sum of what each person adds, and moves without a drift
where the groups do not differ. Its variance so far, V = h² (σ₁² / n₁ + σ₂² / n₂), is the clock: it goes on when people
join a group, and also when people who are all in from the start do something one after the other, as after a mail.
With probability 1 − α the sum stays within

    B(V) = √( (V + r) · ln( (V + r) / (r α²) ) )

of its drift at all times: the boundary of the normal mixture (Robbins 1970; Howard, Ramdas, McAuliffe, Sekhon, Annals
of Statistics 49, 2021, eq. 3.7), in large samples with the variance estimated (Waudby-Smith, Arbour, Sinha, Kennedy,
Ramdas, Annals of Statistics 52, 2024, theorem 2.2, whose ρ² is σ² / r). B / h is half the interval of the difference.

r is chosen, once and for all, so that the interval is tightest at V*: r = V* / (2 ln(1/α) + ln(1 + 2 ln(1/α))). For
people of whom few do it V is about K n₁ n₂ / (n₁ + n₂)² after K of them did: V* = 25 is K = 100 with two equal groups.
"""

import numpy as np
from numpy.typing import NDArray

from campaigns.experiments.statistics.compare import ALPHA, Effect
from campaigns.experiments.statistics.samples import Sample

TIGHTEST = 25.0
"""V*, of yes and no: about 100 who did it, in two equal groups."""
Numbers = NDArray[np.float64]


def boundary(variance: Numbers, *, alpha: float = ALPHA, tightest: float = TIGHTEST) -> Numbers:
    """B of V, elementwise."""
    doubled = 2 * np.log(1 / alpha)
    r = tightest / (doubled + np.log1p(doubled))
    return np.asarray(np.sqrt((variance + r) * np.log((variance + r) / (r * alpha**2))), dtype=np.float64)


def always_valid(first: Sample, other: Sample, *, alpha: float = ALPHA, tightest: float = TIGHTEST) -> Effect | None:
    """The difference, other less first, of shares; its p is the smallest α at which the interval leaves 0 out, and may
    be looked at any time. None while nobody did it."""
    spread = first.spread + other.spread
    if spread <= 0:
        return None
    h = first.n * other.n / (first.n + other.n)
    variance, value = h * h * spread, other.mean - first.mean
    reach = float(boundary(np.asarray(variance), alpha=alpha, tightest=tightest)) / h
    p = _p(h * value, variance, alpha=alpha, tightest=tightest)
    return Effect(value, spread**0.5, value - reach, value + reach, p)


def _p(moved: float, variance: float, *, alpha: float, tightest: float) -> float:
    """Of the mixture with the same r: √((V + r) / r) exp(−S² / 2 (V + r)), at most 1."""
    doubled = 2 * np.log(1 / alpha)
    r = tightest / (doubled + np.log1p(doubled))
    log_p = 0.5 * np.log((variance + r) / r) - moved**2 / (2 * (variance + r))
    return float(np.exp(min(log_p, 0.0)))
