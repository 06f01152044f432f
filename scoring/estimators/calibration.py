"""From what a model says to how often it happens: a straight line in log-odds, or steps smoothed to a curve."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from scoring.estimators.plain import Arrays, Numbers


def _none() -> Numbers:
    return np.empty(0)


@dataclass(frozen=True)
class Calibration:
    """Platt (1999): log-odds → slope · log-odds + shift. With knots, then straight from knot to knot, and onwards in
    parallel to the identity beyond them."""

    slope: float = 1.0
    shift: float = 0.0
    knots: Numbers = field(default_factory=_none)
    heights: Numbers = field(default_factory=_none)

    def calibrated(self, log_odds: Numbers) -> Numbers:
        """Log-odds to log-odds, in the same order."""
        straight: Numbers = self.slope * log_odds + self.shift
        if not len(self.knots):
            return straight
        inside = np.clip(straight, self.knots[0], self.knots[-1])
        bent: Numbers = np.interp(inside, self.knots, self.heights) + (straight - inside)
        return bent

    def arrays(self) -> Arrays:
        return {"line": np.array([self.slope, self.shift]), "knots": self.knots, "heights": self.heights}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        slope, shift = arrays["line"].astype(np.float64).tolist()
        return cls(slope, shift, arrays["knots"].astype(np.float64), arrays["heights"].astype(np.float64))
