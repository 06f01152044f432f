"""What people spend, in logarithms of money: what an order is worth to a person, and chances as factors."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit

from scoring.estimators.gamma_gamma import GammaGamma
from scoring.estimators.plain import Arrays, Contributions, Numbers

LEAST = 1e-6
"""Of money: its logarithm stays finite."""


@dataclass(frozen=True)
class Worth:
    """log of Gamma-Gamma's expected worth of an order, over the columns of orders and of their mean worth."""

    name: ClassVar[str] = "worth"

    gamma_gamma: GammaGamma
    where: tuple[int, int]
    usual: Numbers
    """(2,): the customer with whom people are compared."""

    def _of(self, n: Numbers, m: Numbers) -> Numbers:
        found: Numbers = np.log(np.maximum(self.gamma_gamma.expected(np.nan_to_num(n), m), LEAST))
        return found

    def log_odds(self, X: Numbers) -> Numbers:
        return self._of(X[:, self.where[0]], X[:, self.where[1]])

    def contributions(self, X: Numbers) -> Contributions:
        """Exact Shapley values of the two."""
        n, m = X[:, self.where[0]], X[:, self.where[1]]
        usual_n, usual_m = np.full(len(X), self.usual[0]), np.full(len(X), self.usual[1])
        base, both = self._of(usual_n, usual_m), self._of(n, m)
        only_n, only_m = self._of(n, usual_m), self._of(usual_n, m)
        parts = np.zeros(X.shape)
        parts[:, self.where[0]] += (only_n - base + both - only_m) / 2
        parts[:, self.where[1]] += (only_m - base + both - only_n) / 2
        return Contributions(float(self._of(self.usual[:1], self.usual[1:])[0]), parts)

    def arrays(self) -> Arrays:
        return {
            "gamma_gamma": self.gamma_gamma.parameters(),
            "where": np.array(self.where, dtype=np.int64),
            "usual": self.usual,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        n, m = arrays["where"].astype(np.int64).tolist()
        made = GammaGamma.from_parameters(arrays["gamma_gamma"].astype(np.float64))
        return cls(made, (n, m), arrays["usual"].astype(np.float64))


def as_factor(likely: Contributions, log_odds: NDArray[np.float64]) -> Contributions:
    """Contributions to log-odds as contributions to the logarithm of the chance: stretched, so that they add up."""
    base = float(log_expit(likely.base))
    moved = log_odds - likely.base
    is_moved = np.abs(moved) > 1e-9
    slope = -np.expm1(base)
    stretch = np.where(is_moved, (log_expit(log_odds) - base) / np.where(is_moved, moved, 1.0), slope)
    return Contributions(base, likely.parts * stretch[:, None])
