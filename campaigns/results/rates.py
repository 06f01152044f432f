"""Shares with the interval in which the true one lies: small campaigns say little, and show it."""

from dataclasses import dataclass
from functools import lru_cache

from scipy.stats import binomtest

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's, of 95 % (Wilson 1927): right for small numbers and for shares near 0 too."""
        return _wilson(min(self.part, self.whole), self.whole) if self.whole else None


@lru_cache(maxsize=4096)
def _wilson(part: int, whole: int) -> tuple[float, float]:
    found = binomtest(part, whole).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)
