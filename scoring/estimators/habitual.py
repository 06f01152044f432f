"""Curves over the columns and over what BG/NBD expects of a person: the logistic regression that knows BG/NBD's answer,
and, with no other curve, BG/NBD alone."""

from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from scoring.estimators.additive import Additive
from scoring.estimators.bgnbd import BgNbd, habits
from scoring.estimators.plain import Arrays, Contributions, Numbers

DERIVED = 2
PURCHASES, CHANCE = 0, 1
"""Which of the two."""
LEAST = 1e-4
READ = 3
"""Days with an order, days since the last, days since the first."""


@dataclass(frozen=True)
class Habit:
    """BG/NBD over the columns `where` of X, looking `days` ahead."""

    bgnbd: BgNbd
    where: tuple[int, int, int]
    days: float

    def derived(self, X: Numbers) -> Numbers:
        """(n, 2): log of the purchases expected, log-odds of at least one; NaN for who never ordered."""
        return self.of(X[:, list(self.where)])

    def of(self, read: Numbers) -> Numbers:
        found = np.full((len(read), DERIVED), np.nan)
        ordered = np.flatnonzero(~np.isnan(read).any(axis=1) & (read[:, 0] >= 1))
        theirs = habits(*read[ordered].T)
        found[ordered, 0] = np.log(self.bgnbd.expected(theirs, days=self.days) + LEAST)
        found[ordered, 1] = logit(np.clip(self.bgnbd.p_buys(theirs, days=self.days), LEAST, 1 - LEAST))
        return found


@dataclass(frozen=True)
class Habitual:
    name: ClassVar[str] = "habitual"

    additive: Additive
    """Over the columns of X, and then the two of `Habit.derived`."""
    habit: Habit
    usual: Numbers
    """(3,): the customer with whom the BG/NBD part of a person's answer is compared: the median one."""

    def log_odds(self, X: Numbers) -> Numbers:
        return self.additive.log_odds(np.hstack([X, self.habit.derived(X)]))

    def contributions(self, X: Numbers) -> Contributions:
        """Of the BG/NBD part: exact Shapley values over what it reads."""
        whole = self.additive.contributions(np.hstack([X, self.habit.derived(X)]))
        parts = whole.parts[:, :-DERIVED].copy()
        start, shares = self._shapley(X)
        parts[:, list(self.habit.where)] += shares
        return Contributions(whole.base + start - float(self.additive.usual[-DERIVED:].sum()), parts)

    def _part(self, read: Numbers) -> Numbers:
        derived = self.habit.of(read)
        first = len(self.additive.missing) - DERIVED
        return sum((self.additive.curve(first + k, derived[:, k]) for k in range(DERIVED)), np.zeros(len(read)))

    def _shapley(self, X: Numbers) -> tuple[float, Numbers]:
        theirs = X[:, list(self.habit.where)]
        told = {}
        for size in range(READ + 1):
            for which in combinations(range(READ), size):
                mixed = np.tile(self.usual, (len(X), 1))
                mixed[:, which] = theirs[:, which]
                told[frozenset(which)] = self._part(mixed)
        shares = np.zeros((len(X), READ))
        for i in range(READ):
            for known, value in told.items():
                if i not in known:
                    weight = factorial(len(known)) * factorial(READ - len(known) - 1) / factorial(READ)
                    shares[:, i] += weight * (told[known | {i}] - value)
        return float(told[frozenset()][0]) if len(X) else 0.0, shares

    def arrays(self) -> Arrays:
        return {
            **{f"curves.{name}": array for name, array in self.additive.arrays().items()},
            "bgnbd": self.habit.bgnbd.parameters(),
            "where": np.array(self.habit.where, dtype=np.int64),
            "days": np.array([self.habit.days]),
            "usual": self.usual,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        curves: dict[str, NDArray[np.generic]] = {
            name.removeprefix("curves."): array for name, array in arrays.items() if name.startswith("curves.")
        }
        days, recency, first = arrays["where"].astype(np.int64).tolist()
        bgnbd = BgNbd.from_parameters(arrays["bgnbd"].astype(np.float64))
        habit = Habit(bgnbd, (days, recency, first), float(arrays["days"].astype(np.float64)[0]))
        return cls(Additive.from_arrays(curves), habit, arrays["usual"].astype(np.float64))


def usual_customer(X: Numbers, where: tuple[int, int, int]) -> Numbers:
    """(3,): the medians of those who ordered."""
    read = X[:, list(where)]
    read = read[~np.isnan(read).any(axis=1) & (read[:, 0] >= 1)]
    return np.median(read, axis=0) if len(read) else np.array([1.0, 0.0, 0.0])


def bgnbd_alone(habit: Habit, X: Numbers, *, which: int = CHANCE, sign: float = 1.0, otherwise: float) -> Habitual:
    """BG/NBD's own answer, CHANCE or PURCHASES. `sign` -1 where the question is who does not order; `otherwise`: of
    those who never ordered."""
    ends = np.array([-30.0, 30.0])
    columns = X.shape[1] + DERIVED
    mine = X.shape[1] + which
    derived = habit.derived(X)[:, which]
    told = np.where(np.isnan(derived), otherwise, sign * derived)
    at_mine = np.arange(columns) == mine
    curves = Additive(
        intercept=0.0,
        is_squeezed=np.zeros(columns, dtype=np.bool_),
        starts=np.concatenate([[0], np.cumsum(2 * at_mine)]).astype(np.int64),
        knots=ends,
        heights=sign * ends,
        missing=np.where(at_mine, otherwise, 0.0),
        is_category=np.zeros(columns, dtype=np.bool_),
        usual=np.where(at_mine, float(told.mean()) if len(told) else 0.0, 0.0),
    )
    return Habitual(curves, habit, usual_customer(X, habit.where))
