"""How sure a count from a sample is. Small numbers must not look like findings."""

from dataclasses import dataclass
from math import inf, sqrt
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
    """How many times as frequent, part of whole beside the other: MOVER-R on Wilson's intervals (Donner and Zou 2012,
    Statistical Methods in Medical Research 21). It stays honest where nobody or everybody has it."""
    one, other = share(part, whole, z=z), share(other_part, other_whole, z=z)
    return Interval(
        one.value / other.value if other.value else inf,
        _bound(one.value, one.low, other.value, other.high, sign=-1),
        _bound(one.value, one.high, other.value, other.low, sign=1),
    )


def _bound(p: float, of_p: float, q: float, of_q: float, *, sign: int) -> float:
    """The end of the ratio's interval at which p is at `of_p` and q at `of_q`."""
    divisor = of_q * (2 * q - of_q)
    if of_q == 0:
        return inf
    if abs(divisor) < 1e-15:
        return of_p * (2 * p - of_p) / (2 * p * q) if p * q else of_p / of_q
    root = sqrt(max((p * q) ** 2 - of_p * of_q * (2 * p - of_p) * (2 * q - of_q), 0.0))
    return max((p * q + sign * root) / divisor, 0.0)


def z_for(tests: int, *, wrong: float = 0.05) -> float:
    """So strict that of so many comparisons none is wrong in 95 of 100 cases (Bonferroni)."""
    return NormalDist().inv_cdf(1 - wrong / (2 * max(tests, 1)))
