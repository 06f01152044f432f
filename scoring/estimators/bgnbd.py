"""BG/NBD: how often people will buy again, from how often and how lately they did.

Fader, Hardie, Lee, “Counting your customers the easy way”, Marketing Science 24 (2005), 275–284. While a person is
active they buy at a rate λ ~ Gamma(r, α); after each purchase they leave for good with probability p ~ Beta(a, b).
Of each person: x purchases after the first, the last of them at age t, and the age T now; ages run from the first.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, roots_sh_jacobi
from sklearn.base import BaseEstimator

Numbers = NDArray[np.float64]
MOST_PEOPLE = 20_000
"""Whose histories the fit reads: more move four parameters by less than a percent."""
PRIOR_SPREAD = 2.0
"""Of the logarithms of the parameters: as a prior it outweighs the data of a few dozen people, and nothing more."""
NODES = 24
LOG_BOUND = 9.0


@dataclass(frozen=True)
class Habits:
    """Numbers of n people, each (n,): x, t and T of the module's text, in days."""

    x: Numbers
    t: Numbers
    T: Numbers

    def rows(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> "Habits":
        return Habits(self.x[which], self.t[which], self.T[which])


def habits(days: Numbers, recency_days: Numbers, customer_days: Numbers) -> Habits:
    """Of people with an order: days with an order, days since the last and since the first."""
    T = np.maximum(customer_days, 0.0)
    x = np.maximum(days - 1, 0.0)
    return Habits(x, np.where(x > 0, np.clip(T - recency_days, 0.0, T), 0.0), T)


class BgNbd(BaseEstimator):  # type: ignore[misc]
    """Fitted by maximum a posteriori: equation 6's likelihood, and a wide normal prior on each log-parameter, which
    decides where a small shop's data does not."""

    def __init__(self, spread: float = PRIOR_SPREAD, seed: int = 0) -> None:
        self.spread = spread
        self.seed = seed

    def fit(self, X: Habits, y: object = None) -> Self:
        seen = _some(X, self.seed)
        unit = float(np.mean(seen.T)) or 1.0
        scaled = Habits(seen.x, seen.t / unit, seen.T / unit)

        def loss(logs: Numbers) -> float:
            penalty = float(np.sum(logs**2)) / (2 * self.spread**2)
            return (penalty - float(log_likelihood(scaled, *np.exp(logs)).sum())) / len(seen.x)

        bounds = [(-LOG_BOUND, LOG_BOUND)] * 4
        found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
        self.r_, alpha, self.a_, self.b_ = np.exp(found.x).tolist()
        self.alpha_ = alpha * unit
        return self

    def p_active(self, X: Habits) -> Numbers:
        """Equation 8's factor: the chance that they have not left. It is 1 for who bought once, so no churn score."""
        gone = (self.r_ + X.x) * (np.log(self.alpha_ + X.T) - np.log(self.alpha_ + X.t))
        left = np.log(self.a_) - np.log(self.b_ + np.maximum(X.x, 1) - 1) + gone
        return np.where(X.x > 0, expit(-left), 1.0)

    def p_buys(self, X: Habits, *, days: float) -> Numbers:
        """Chance of at least one purchase in the next days: of who is active, none comes with ((α+T)/(α+T+t))^(r+x)."""
        ratio = np.log1p(-days / (self.alpha_ + X.T + days))
        found: Numbers = self.p_active(X) * -np.expm1((self.r_ + X.x) * ratio)
        return found

    def expected(self, X: Habits, *, days: float) -> Numbers:
        """Mean purchases in the next days, equation 10.

        Its hypergeometric function fails for a near 1 and many purchases; the same mean is the integral of
        (1 - (β / (β + p·days))^s) / p over p ~ Beta(a, b+x), with s = r+x, β = α+T: by Gauss–Jacobi quadrature.
        """
        found = np.empty(len(X.x))
        for x in np.unique(X.x):
            mine = np.flatnonzero(X.x == x)
            nodes, weights = roots_sh_jacobi(NODES, self.a_ + self.b_ + x - 1, self.a_)
            weights = weights / weights.sum()
            beta = self.alpha_ + X.T[mine, None]
            none = (self.r_ + x) * np.log1p(-nodes * days / (beta + nodes * days))
            found[mine] = (-np.expm1(none) / nodes) @ weights
        return self.p_active(X) * found

    def parameters(self) -> Numbers:
        """(4,): r, α in days, a, b."""
        return np.array([self.r_, self.alpha_, self.a_, self.b_])

    @classmethod
    def from_parameters(cls, parameters: Numbers) -> Self:
        made = cls()
        made.r_, made.alpha_, made.a_, made.b_ = parameters.tolist()
        return made


def log_likelihood(X: Habits, r: float, alpha: float, a: float, b: float) -> Numbers:
    """(n,): equation 6 in logarithms, the sum of its two cases by log-sum-exp."""
    x = X.x
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    active = -(r + x) * np.log(alpha + X.T)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + X.t)
    found: Numbers = common + np.where(x > 0, np.logaddexp(active, left), active)
    return found


def _some(X: Habits, seed: int) -> Habits:
    if len(X.x) <= MOST_PEOPLE:
        return X
    return X.rows(np.sort(np.random.default_rng(seed).choice(len(X.x), MOST_PEOPLE, replace=False)))
