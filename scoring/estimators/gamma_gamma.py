"""Gamma-Gamma: what an order of a person is worth, from what theirs were and from everybody's.

Fader and Hardie, “The Gamma-Gamma model of monetary value” (2013, brucehardie.com/notes/025). The worth of a person's
orders is Gamma(p, ν) with ν ~ Gamma(q, γ); of n orders of mean m, independent of how often they buy.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln
from sklearn.base import BaseEstimator

from scoring.estimators.bgnbd import LOG_BOUND, MOST_PEOPLE, PRIOR_SPREAD

Numbers = NDArray[np.float64]


class GammaGamma(BaseEstimator):  # type: ignore[misc]
    """Fitted by maximum a posteriori: equation 1a's likelihood, and a wide normal prior on each log-parameter."""

    def __init__(self, spread: float = PRIOR_SPREAD, seed: int = 0) -> None:
        self.spread = spread
        self.seed = seed

    def fit(self, n: Numbers, m: Numbers) -> Self:
        """Orders and their mean worth, each (people,); who spent nothing in all says nothing of the worth of orders."""
        counted = np.flatnonzero((n > 0) & (m > 0))
        if len(counted) > MOST_PEOPLE:
            counted = np.sort(np.random.default_rng(self.seed).choice(counted, MOST_PEOPLE, replace=False))
        n, m = n[counted], m[counted]
        unit = float(np.median(m)) if len(m) else 1.0
        center = np.log(np.array([2.0, 3.0, 1.0]))

        def loss(logs: Numbers) -> float:
            penalty = float(np.sum((logs - center) ** 2)) / (2 * self.spread**2)
            return (penalty - float(_log_likelihood(n, m / unit, *np.exp(logs)).sum())) / max(len(n), 1)

        bounds = [(-LOG_BOUND, LOG_BOUND)] * 3
        found = minimize(loss, center, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
        self.p_, self.q_, gamma = np.exp(found.x).tolist()
        self.gamma_ = gamma * unit
        return self

    def expected(self, n: Numbers, m: Numbers) -> Numbers:
        """Mean worth of their next order, equation 5: (people,). Drawn to everybody's, the fewer orders the more."""
        spent = np.where(n > 0, n * np.maximum(np.nan_to_num(m), 0.0), 0.0)
        found: Numbers = self.p_ * (self.gamma_ + spent) / np.maximum(self.p_ * n + self.q_ - 1, 1e-3)
        return found

    def parameters(self) -> Numbers:
        """(3,): p, q, and γ in money."""
        return np.array([self.p_, self.q_, self.gamma_])

    @classmethod
    def from_parameters(cls, parameters: Numbers) -> Self:
        made = cls()
        made.p_, made.q_, made.gamma_ = parameters.tolist()
        return made


def _log_likelihood(n: Numbers, m: Numbers, p: float, q: float, gamma: float) -> Numbers:
    """(people,): equation 1a in logarithms."""
    found: Numbers = (
        gammaln(p * n + q)
        - gammaln(p * n)
        - gammaln(q)
        + q * np.log(gamma)
        + (p * n - 1) * np.log(m)
        + p * n * np.log(n)
        - (p * n + q) * np.log(gamma + n * m)
    )
    return found
