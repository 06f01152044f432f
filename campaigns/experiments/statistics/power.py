"""How sure a test is to find a difference that is there, before it is started. For shares; rates are 0 to 1."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr
from statsmodels.stats.proportion import power_proportions_2indep

from campaigns.experiments.statistics.compare import ALPHA
from campaigns.experiments.statistics.sequential import TIGHTEST, boundary

POWER = 0.8
MOST_PEOPLE = 1_000_000_000


@dataclass(frozen=True)
class Design:
    rate: float
    """Of the first variant."""
    first: float
    other: float
    """People in each."""
    alpha: float = ALPHA


def power_once(design: Design, *, lift: float) -> float:
    """Of one look at the end, with two groups: the z-test of two shares."""
    found = power_proportions_2indep(
        design.rate * lift,
        design.rate,
        design.other,
        ratio=design.first / design.other,
        alpha=design.alpha,
        return_results=False,
    )
    return float(found)


def power_always(design: Design, *, lift: float, tightest: float = TIGHTEST) -> float:
    """Of the always-valid verdict when all is in. Whoever looks earlier, too, is a little surer to see it."""
    p1, p2 = design.rate, design.rate * (1 + lift)
    spread = p1 * (1 - p1) / design.first + p2 * (1 - p2) / design.other
    h = design.first * design.other / (design.first + design.other)
    reach = float(boundary(np.asarray(h * h * spread), alpha=design.alpha, tightest=tightest)) / h
    error, shift = spread**0.5, p2 - p1
    return float(ndtr((shift - reach) / error) + ndtr((-shift - reach) / error))


def smallest_lift(design: Design, *, power: float = POWER) -> float | None:
    """That the always-valid verdict finds with this power; None where not even everybody doing it would be seen."""
    most = (1 - design.rate) / design.rate * 0.999
    if design.first < 2 or design.other < 2 or power_always(design, lift=most) < power:
        return None
    return float(brentq(lambda lift: power_always(design, lift=lift) - power, 1e-9, most, xtol=1e-6))


def people_needed(rate: float, *, lift: float, power: float = POWER, alpha: float = ALPHA) -> int:
    """In each of two equal groups, for the always-valid verdict."""

    def lacking(n: float) -> float:
        return power_always(Design(rate, n, n, alpha), lift=lift) - power

    if lacking(MOST_PEOPLE) < 0:
        return MOST_PEOPLE
    return int(np.ceil(brentq(lacking, 2, MOST_PEOPLE, xtol=0.01))) if lacking(2) < 0 else 2
