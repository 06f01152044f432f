"""Sums, firsts and lasts of rows by the person they belong to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Numbers

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Groups:
    """`of[i]` is the person (0 to people - 1) whom row i belongs to; firsts and lasts need rows sorted by it."""

    of: Ints
    people: int

    @property
    def starts(self) -> Ints:
        """The first row of each person who has one."""
        found: Ints = np.flatnonzero(np.r_[True, self.of[1:] != self.of[:-1]]) if len(self.of) else self.of
        return found

    @property
    def ends(self) -> Ints:
        found: Ints = np.flatnonzero(np.r_[self.of[1:] != self.of[:-1], True]) if len(self.of) else self.of
        return found

    def only(self, which: Flags) -> "Groups":
        return Groups(self.of[which], self.people)

    def count(self, which: Flags | None = None) -> Numbers:
        return np.bincount(self.of if which is None else self.of[which], minlength=self.people).astype(np.float64)

    def sum(self, values: Numbers, which: Flags | None = None) -> Numbers:
        of, values = (self.of, values) if which is None else (self.of[which], values[which])
        return np.bincount(of, weights=values, minlength=self.people).astype(np.float64)

    def first(self, values: NDArray[np.generic]) -> Numbers:
        """NaN for those without a row, as below."""
        return self._placed(self.starts, values)

    def last(self, values: NDArray[np.generic]) -> Numbers:
        return self._placed(self.ends, values)

    def largest(self, values: Numbers) -> Numbers:
        found = np.full(self.people, np.nan)
        if len(self.of):
            found[self.of[self.starts]] = np.maximum.reduceat(values, self.starts)
        return found

    def mean(self, values: Numbers) -> Numbers:
        return ratio(self.sum(values), self.count())

    def spread(self, values: Numbers) -> Numbers:
        """Standard deviation, of those with two values or more."""
        apart = self.sum((values - self.mean(values)[self.of]) ** 2)
        return np.sqrt(ratio(apart, np.maximum(self.count() - 1, 0)))

    def _placed(self, rows: Ints, values: NDArray[np.generic]) -> Numbers:
        found = np.full(self.people, np.nan)
        found[self.of[rows]] = values[rows]
        return found


def places(ids: Ints, among: Ints) -> tuple[Ints, Flags]:
    """Where each id stands in the ascending `among`, and whether it does."""
    found = np.searchsorted(among, ids)
    is_there = found < len(among)
    is_there[is_there] = among[found[is_there]] == ids[is_there]
    return found, is_there


def ratio(above: Numbers, below: Numbers) -> Numbers:
    """NaN where there is nothing to divide by."""
    found: Numbers = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return found
