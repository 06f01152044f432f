"""How well predictors would have done on the orders of a file: learned from what was known before a date, measured on
the days after it. Features, training and measures are the product's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from scoring.cold import NewcomerRates
from scoring.columns import FeatureTable
from scoring.models import Predictor
from scoring.one_core import one_core
from scoring.scratch import Orders, orders_apart
from scoring.training import figures
from scoring.training.amounts import learn_amounts
from scoring.training.learn import learn
from scoring.training.measure import recency_rank
from scoring.training.records import MOST, Records
from scoring.training.windows import Window

Kind = Predictor.Kind
TARGETS = (Kind.PURCHASE, Kind.CHURN)
Report = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    kind: Predictor.Kind
    days: int
    as_of: datetime


class CannotEvaluate(ValueError):
    """The file and the date do not go together."""


@dataclass(frozen=True)
class Evaluated:
    """As printed. What cannot be told is None."""

    n: int
    """Customers with an order by the date."""
    base_rate: float
    model: str
    auc: float | None
    auc_recency: float | None
    brier: float | None
    calibration_error: float | None
    value_mae: float | None
    """Mean absolute error of the revenue of each customer in the days after the date."""


@dataclass
class Customers(Records):
    """Only people who had ordered are asked about."""

    def known(self, moment: datetime) -> FeatureTable:
        if moment not in self.read:
            table = super().known(moment)
            self.read[moment] = table.rows(table.column("order_days") >= 1)
        return self.read[moment]

    def newcomers(self, windows: Sequence[Window]) -> NewcomerRates:
        """Who has not ordered yet is not asked about."""
        return NewcomerRates(0.0)


@one_core
def evaluate(orders: Orders, question: Question, *, seed: int, budget_s: float, report: Report) -> Evaluated:
    """Raises CannotEvaluate."""
    as_of, days = question.as_of, question.days
    _check(orders, as_of)
    asked = Predictor(name="evaluated", kind=question.kind, days=days)
    with orders_apart(orders):
        report("Reading the customers")
        everybody = Customers(asked, seed, most=None)
        window = everybody.window(as_of)
        if not len(window.happened):
            raise CannotEvaluate(f"Nobody of the file had ordered by {as_of:%Y-%m-%d}.")
        past = everybody if len(window.happened) <= MOST else Customers(asked, seed)
        learned = learn(past, until=as_of, seed=seed, budget_s=budget_s, report=report)
        report("Learning what people spend")
        value_mae = _value_mae(replace(past, predictor=Predictor(name="value", kind=Kind.VALUE, days=days)), window)
    happened = window.happened
    said = np.full(len(happened), 0.5) if learned is None else learned.model.probabilities(window.table)
    return Evaluated(
        n=len(happened),
        base_rate=float(happened.mean()),
        model="none" if learned is None else learned.candidate.name,
        auc=figures.auc(happened, said),
        auc_recency=figures.auc(happened, recency_rank(window.table, everybody.about)),
        brier=None if learned is None else figures.brier(happened, said),
        calibration_error=None if learned is None else figures.calibration_error(figures.calibration(happened, said)),
        value_mae=value_mae,
    )


def _value_mae(past: Records, window: Window) -> float | None:
    """The features were read already; what people spent was not."""
    past.came = {}
    learned = learn_amounts(past, until=window.moment, seed=past.seed)
    if learned is None:
        return None
    everybody = replace(past, most=None, read={window.moment: window.table}, came={})
    spent = everybody.window(window.moment).happened
    return float(np.mean(np.abs(learned.model.amounts(window.table) - spent)))


def _check(orders: Orders, as_of: datetime) -> None:
    bought = [at for at, value in zip(orders.times, orders.values.tolist(), strict=True) if value > 0]
    if not bought:
        raise CannotEvaluate("The file has no orders worth more than nothing.")
    first, last = min(bought), max(bought)
    if as_of < first:
        raise CannotEvaluate(f"Nobody had ordered by {as_of:%Y-%m-%d}: the first order is of {first:%Y-%m-%d}.")
    if as_of >= last:
        raise CannotEvaluate(f"Nothing can be measured after {as_of:%Y-%m-%d}: the last order is of {last:%Y-%m-%d}.")


def is_cut_short(orders: Orders, *, days: int, as_of: datetime) -> bool:
    """Whether the file ends before the window does."""
    return max(orders.times) < as_of + timedelta(days=days - 1)
