"""What is learned from: the matrix of several windows, and what estimators must know about the question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scoring.coding import Coding, coding_of
from scoring.columns import FeatureTable, Unit
from scoring.estimators.bgnbd import BgNbd, habits
from scoring.estimators.gamma_gamma import GammaGamma
from scoring.estimators.habitual import Habit
from scoring.estimators.logistic import Preparation
from scoring.training.windows import Window, joined

Numbers = NDArray[np.float64]
READ_BY_BGNBD = ("order_days", "recency_days", "customer_days")
WORTH = "mean_order"
FEWEST_CUSTOMERS = 10


@dataclass(frozen=True)
class About:
    """What the question is about."""

    days: int
    recency: str
    """The column that the baseline ranks by: who did it last does it next."""
    frequency: str
    is_of_orders: bool
    """Whether BG/NBD has an answer."""
    is_absence: bool = False
    """Whether it asks who does not order."""
    is_amount: bool = False


@dataclass(frozen=True)
class Lesson:
    """`y`: (rows,), as in windows. `groups`: whose row it is."""

    about: About
    coding: Coding
    X: Numbers
    y: Numbers
    groups: NDArray[np.int64]
    habit: Habit | None
    worth: GammaGamma | None
    seed: int

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        return tuple(_kind(column.unit) for column in self.coding.columns)

    @cached_property
    def derived(self) -> Numbers:
        return self.habit.derived(self.X) if self.habit else np.empty((len(self.X), 0))

    @cached_property
    def preparation(self) -> Preparation:
        """Of all columns, beside them what BG/NBD makes of them."""
        kinds = (*self.kinds, *["plain"] * self.derived.shape[1])
        return Preparation(kinds, np.hstack([self.X, self.derived]))

    def place(self, name: str) -> int | None:
        return next((at for at, column in enumerate(self.coding.columns) if column.name == name), None)

    def rows(self, which: NDArray[np.int64]) -> "Lesson":
        return replace(self, X=self.X[which], y=self.y[which], groups=self.groups[which])


def lesson_of(windows: Sequence[Window], known: FeatureTable, *, about: About, seed: int) -> Lesson:
    """`known`: everybody's features at the end of what is known; BG/NBD needs no outcome and so reads all of it."""
    table, y = joined(windows)
    coding = coding_of(table, without=_constant(table))
    names = [column.name for column in coding.columns]
    is_read = about.is_of_orders and all(name in names for name in READ_BY_BGNBD)
    return Lesson(
        about=about,
        coding=coding,
        X=coding.matrix(table),
        y=y,
        groups=table.profile_ids,
        habit=_habit(coding, known, about.days, seed) if is_read else None,
        worth=_worth(known, seed) if about.is_amount and is_read and WORTH in names else None,
        seed=seed,
    )


def _habit(coding: Coding, known: FeatureTable, days: int, seed: int) -> Habit | None:
    order_days, recency, first = (known.column(name) for name in READ_BY_BGNBD)
    ordered = np.flatnonzero((order_days >= 1) & ~np.isnan(recency) & ~np.isnan(first))
    if len(ordered) < FEWEST_CUSTOMERS:
        return None
    fitted = BgNbd(seed=seed).fit(habits(order_days[ordered], recency[ordered], first[ordered]))
    names = [column.name for column in coding.columns]
    x, t, age = (names.index(name) for name in READ_BY_BGNBD)
    return Habit(fitted, (x, t, age), float(days))


def _worth(known: FeatureTable, seed: int) -> GammaGamma:
    return GammaGamma(seed=seed).fit(known.column("orders"), np.nan_to_num(known.column(WORTH)))


def _constant(table: FeatureTable) -> list[str]:
    """Columns that say the same of everybody: nothing to learn. Those that BG/NBD reads stay."""
    found = []
    for at, column in enumerate(table.numeric):
        values = table.values[:, at]
        is_same = bool(np.all(values == values[:1]) or np.all(np.isnan(values)))
        if is_same and column.name not in READ_BY_BGNBD:
            found.append(column.name)
    for at, column in enumerate(table.categories):
        if table.words is None or len(set(table.words[:, at].tolist())) < 2:
            found.append(column.name)
    return found


def _kind(unit: Unit) -> str:
    match unit:
        case Unit.CATEGORY:
            return "category"
        case Unit.SHARE | Unit.HOUR:
            return "plain"
        case _:
            return "squeezed"
