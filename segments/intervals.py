"""How sure a count from a sample is. Small numbers must not look like findings."""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Interval:
    """An estimate, and between what the truth lies in 95 of 100 samples."""

    value: float
    low: float
    high: float

    def times(self, whole: float) -> "Interval":
        return Interval(self.value * whole, self.low * whole, self.high * whole)


def share(part: int, whole: int, *, z: float = Z95) -> Interval:
    """Wilson's score interval (1927, "Probable inference", JASA 22), from 0 to 1."""
    if whole == 0:
        return Interval(0.0, 0.0, 1.0)
    p, square = part / whole, z * z
    middle = (p + square / (2 * whole)) / (1 + square / whole)
    half = z * sqrt(p * (1 - p) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half))


def ratio(part: int, whole: int, other_part: int, other_whole: int, *, z: float = Z95) -> Interval:
    """How many times as frequent, part of whole beside the other: Katz's log interval (1978, Biometrics 34).

    Half a person is added to each count, so that nobody in one of them is no infinity.
    """
    p, q = (part + 0.5) / (whole + 1), (other_part + 0.5) / (other_whole + 1)
    variance = 1 / (part + 0.5) - 1 / (whole + 1) + 1 / (other_part + 0.5) - 1 / (other_whole + 1)
    middle, half = log(p / q), z * sqrt(max(variance, 0.0))
    return Interval(exp(middle), exp(middle - half), exp(middle + half))


def z_for(tests: int, *, wrong: float = 0.05) -> float:
    """So strict that of so many comparisons none is wrong in 95 of 100 cases (Bonferroni)."""
    return NormalDist().inv_cdf(1 - wrong / (2 * max(tests, 1)))
