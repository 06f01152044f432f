"""When a person orders next: own gaps, shrunk towards everybody's, given the silence so far.

After each order a person leaves for good with probability p, p ~ Beta(a, b) across people: the drop-out of BG/NBD
(P. Fader, B. Hardie, K. Lee, “Counting Your Customers” the Easy Way, Marketing Science 24 (2005), 275-284). Who does
not leave orders again after a gap whose logarithm is normal with the person's own mean and variance; across people
these are normal-inverse-gamma (m, κ, α, β). So the next gap is Student-t on the log scale (K. Murphy, Conjugate
Bayesian analysis of the Gaussian distribution, 2007, section 6), the silence since the last order is its right-censored
value, and the likelihood is in closed form. The six parameters maximise it: empirical Bayes. How much own gaps weigh
against everybody's follows from how many there are.
"""

from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, stdtr, stdtrit

from scoring.columns import Numbers

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
"""The levels promised: 80 % of the truths lie between the first and the last."""
MOST_FITTED = 20_000
"""People the six parameters are fitted on; more change the third digit."""
SHORTEST = 0.01
"""Days: a silence of none has no logarithm."""
YEAR = 365.0
LONGEST = 3650.0
"""Days: no date is farther."""
_BOUNDS = ((-3.0, 8.0), (-4.0, 5.0), (-0.5, 4.0), (-5.0, 5.0), (-4.0, 5.0), (-4.0, 5.0))


@dataclass(frozen=True)
class Renewals:
    """Per person what is known of their orders, shape (people,) each. Orders close together are one."""

    gaps: Numbers
    """How many."""
    logs: Numbers
    """Sum of the logarithms of the gaps in days."""
    squares: Numbers
    """Sum of their squares."""
    silence: Numbers
    """Days since the last order."""

    def __len__(self) -> int:
        return len(self.gaps)

    def rows(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> "Renewals":
        return Renewals(self.gaps[which], self.logs[which], self.squares[which], self.silence[which])

    @property
    def usual_gap(self) -> Numbers:
        """Geometric mean of own gaps, days; NaN without any."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Numbers = np.exp(self.logs / self.gaps)
        return found


@dataclass(frozen=True)
class Expected:
    """Days from now, shape (people,) each, of those who order again."""

    days: Numbers
    earliest: Numbers
    latest: Numbers
    returns: Numbers
    """Probability that they do."""
    within_year: Numbers
    """Probability that they do within a year."""

    @property
    def has_date(self) -> NDArray[np.bool_]:
        """Who probably does not come back within a year is given no date rather than a far one."""
        return self.within_year > 0.5


@dataclass(frozen=True)
class NextOrder:
    """The six parameters, and the levels at which the three times are read (see `levelled`)."""

    mean: float
    kappa: float
    alpha: float
    beta: float
    a: float
    b: float
    low: float = LOW
    middle: float = MIDDLE
    high: float = HIGH

    @classmethod
    def from_parameters(cls, parameters: dict[str, float]) -> Self:
        return cls(**parameters)

    def parameters(self) -> dict[str, float]:
        return asdict(self)

    def expected(self, of: Renewals) -> Expected:
        own = _Own(self, of)
        return Expected(
            days=own.days_at(self.middle),
            earliest=own.days_at(self.low),
            latest=own.days_at(self.high),
            returns=own.returns,
            within_year=own.returns * own.level_of(np.full(len(of), YEAR)),
        )

    def usual_gap(self, of: Renewals) -> Numbers:
        """Median days between orders, own gaps shrunk towards everybody's."""
        found: Numbers = np.exp(_Own(self, of).centre)
        return found

    def within(self, of: Renewals, days: float) -> Numbers:
        """Probability of an order within so many days from now."""
        own = _Own(self, of)
        found: Numbers = own.returns * own.level_of(np.full(len(of), float(days)))
        return found

    def levels(self, of: Renewals, days: Numbers) -> Numbers:
        """Where those days stand in what was expected of those who order again: 0.5 is the median."""
        return _Own(self, of).level_of(days)

    def returns_after(self, of: Renewals, days: float) -> Numbers:
        """Probability to order again, if so many more days pass without an order."""
        later = Renewals(of.gaps, of.logs, of.squares, of.silence + days)
        return _Own(self, later).returns


class _Own:
    """What the parameters and own gaps say of each person's next gap, and of the silence so far."""

    def __init__(self, model: NextOrder, of: Renewals) -> None:
        k = of.gaps
        self.silence = np.maximum(of.silence, SHORTEST)
        self.kappa, self.alpha = model.kappa + k, model.alpha + k / 2
        self.centre = (model.kappa * model.mean + of.logs) / self.kappa
        own_mean = np.divide(of.logs, k, out=np.zeros_like(of.logs), where=k > 0)
        within = np.maximum(of.squares - of.logs * own_mean, 0.0)
        away = model.kappa * k * (own_mean - model.mean) ** 2 / self.kappa
        self.beta = model.beta + (within + away) / 2
        self.scale = np.sqrt(self.beta * (self.kappa + 1) / (self.alpha * self.kappa))
        self.stays = (model.b + k) / (model.a + model.b + k)
        self.still = self._survives(self.silence)
        """Probability that the next gap is longer than the silence so far."""
        self.returns = self.stays * self.still / (1 - self.stays + self.stays * self.still)

    def days_at(self, level: float) -> Numbers:
        """Days from now by which that share of those who order again has ordered."""
        z = stdtrit(2 * self.alpha, np.maximum(self.still * (1 - level), 1e-300))
        whole = np.exp(np.minimum(self.centre - self.scale * z, np.log(LONGEST) + 5))
        found: Numbers = np.clip(whole - self.silence, 0.0, LONGEST)
        return found

    def level_of(self, days: Numbers) -> Numbers:
        left = np.divide(self._survives(self.silence + days), self.still, out=np.zeros_like(days), where=self.still > 0)
        found: Numbers = 1 - left
        return found

    def _survives(self, days: Numbers) -> Numbers:
        found: Numbers = stdtr(2 * self.alpha, (self.centre - np.log(days)) / self.scale)
        return found


def fit_next_order(of: Renewals, *, seed: int) -> NextOrder:
    """Maximum of the marginal likelihood. Raises ValueError where nobody has a gap."""
    with_gap = of.gaps > 0
    if not with_gap.any():
        raise ValueError("Nobody ordered twice: there is no gap to learn from.")
    if len(of) > MOST_FITTED:
        of = of.rows(np.random.default_rng(seed).choice(len(of), MOST_FITTED, replace=False))
        with_gap = of.gaps > 0
    mean = float(of.logs.sum() / of.gaps.sum())
    spread = max(float(of.squares.sum() / of.gaps.sum()) - mean**2, 0.05)
    start = np.array([mean, 0.0, np.log(2.0), np.log(spread), 0.0, np.log(1 + float(of.gaps.mean()))])
    start = np.clip(start, *np.transpose(_BOUNDS))
    result = minimize(_unlikely, start, args=(of,), method="L-BFGS-B", bounds=_BOUNDS, options={"maxiter": 200})
    return _model(result.x)


def levelled(model: NextOrder, of: Renewals, *, came: Numbers, days: float) -> NextOrder:
    """The same with the three levels moved so that on these people they held what they promise.

    `came`: days until the order, NaN where none came within `days`. Where the window is too short to tell, the promised
    level stands. This is conformal calibration of quantiles (Y. Romano, E. Patterson, E. Candès, Conformalized Quantile
    Regression, 2019) with censored truths.
    """
    levels, reached = came_by_level(model, of, came=came, days=days)

    def level(promised: float) -> float:
        index = int(np.searchsorted(reached, promised))
        if index >= len(levels):
            return promised
        return float(np.clip(levels[index], promised / 4, 1 - (1 - promised) / 4))

    low, middle, high = level(LOW), level(MIDDLE), level(HIGH)
    kept = {**model.parameters(), "low": min(low, middle), "middle": middle, "high": max(high, middle)}
    return NextOrder.from_parameters(kept)


def came_by_level(model: NextOrder, of: Renewals, *, came: Numbers, days: float) -> tuple[Numbers, Numbers]:
    """Levels in ascending order, and the share of truths at or below each: (L,) each; 0.3 of them should lie below 0.3.

    Kaplan and Meier's estimate among those who order again: who did not come within the window counts, from the level
    where the window ended, with the probability that they still will.
    """
    is_in = ~np.isnan(came)
    level = model.levels(of, np.where(is_in, came, days))
    weight = np.where(is_in, 1.0, model.returns_after(of, days))
    order = np.lexsort((~is_in, level))
    level, weight, is_in = level[order], weight[order], is_in[order]
    at_risk = np.cumsum(weight[::-1])[::-1]
    left = np.cumprod(1 - np.where(is_in, weight / np.maximum(at_risk, 1e-12), 0.0))
    return level[is_in], 1 - left[is_in]


def _unlikely(x: Numbers, of: Renewals) -> float:
    """Minus the mean log-likelihood per person; a weak pull to the middle keeps a handful of people in bounds."""
    model = _model(x)
    own, k = _Own(model, of), of.gaps
    gaps = (
        gammaln(own.alpha)
        - gammaln(model.alpha)
        + model.alpha * np.log(model.beta)
        - own.alpha * np.log(own.beta)
        + 0.5 * np.log(model.kappa / own.kappa)
        - k / 2 * np.log(2 * np.pi)
    )
    stayed = betaln(model.a, model.b + k) - betaln(model.a, model.b)
    silent = np.log(np.maximum(1 - own.stays + own.stays * own.still, 1e-300))
    pull = 0.5 * float(np.sum((x[1:] / 2) ** 2)) / len(of)
    return float(-np.mean(gaps + stayed + silent)) + pull


def _model(x: Numbers) -> NextOrder:
    kappa, alpha, beta, a, b = (float(value) for value in np.exp(x[1:]))
    return NextOrder(float(x[0]), kappa, alpha, beta, a, b)
