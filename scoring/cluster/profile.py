"""What a group is like: its means beside everybody's, and by how many standard deviations they differ."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scoring.cluster.methods import Labels
from scoring.cluster.scaling import shapes, squeezed
from scoring.columns import Column, Numbers, shown

TOLD, PER_THEME = 10, 2
"""Figures that are kept of a group."""

LEAST_KNOWN = 0.5
"""Share of a group's people of whom a feature must be known to say something about the group."""


@dataclass(frozen=True)
class Figure:
    """`mean` and `of_all` are plain means, in the feature's unit, of those of whom it is known; `apart` is taken where
    the feature is squeezed, so that a few extreme people do not make a difference."""

    name: str
    says: str
    unit: str
    mean: float
    of_all: float
    apart: float
    clause: str
    """The mean as a clause about a person: “ordered 12 times in a year”."""
    usual: str
    """Everybody's mean, in its unit."""

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)


class Tally:
    """Sums over people, chunk by chunk; the last row is everybody's."""

    def __init__(self, columns: Sequence[Column], groups: int) -> None:
        self.columns = tuple(columns)
        size = (groups + 1, len(self.columns))
        self.sizes = np.zeros(groups + 1, dtype=np.int64)
        self._known = np.zeros(size)
        self._plain = np.zeros(size)
        self._squeezed = np.zeros(size)
        self._squares = np.zeros(len(self.columns))

    def add(self, values: Numbers, labels: Labels) -> None:
        """`values` is (people, columns). Those in no group count among everybody."""
        near = np.column_stack([squeezed(values[:, at], shapes(one)[0]) for at, one in enumerate(self.columns)])
        known = np.isfinite(values) & np.isfinite(near)
        plain, near = np.where(known, values, 0.0), np.where(known, near, 0.0)
        for group in range(len(self.sizes) - 1):
            self._count(group, labels == group, known, plain, near)
        self._count(len(self.sizes) - 1, np.ones(len(labels), dtype=np.bool_), known, plain, near)
        self._squares += (near**2).sum(axis=0)

    def _count(self, row: int, inside: Any, known: Any, plain: Numbers, near: Numbers) -> None:
        self.sizes[row] += int(inside.sum())
        self._known[row] += known[inside].sum(axis=0)
        self._plain[row] += plain[inside].sum(axis=0)
        self._squeezed[row] += near[inside].sum(axis=0)

    @property
    def apart(self) -> Numbers:
        """(groups, columns) in standard deviations of everybody; 0 where too little is known of a group."""
        n = np.maximum(self._known, 1)
        means = self._squeezed / n
        variance = self._squares / n[-1] - means[-1] ** 2
        deviation = np.sqrt(np.maximum(variance, 0))
        difference = np.divide(means[:-1] - means[-1], deviation, out=np.zeros_like(means[:-1]), where=deviation > 1e-9)
        known = self._known[:-1] >= LEAST_KNOWN * np.maximum(self.sizes[:-1, None], 1)
        found: Numbers = np.where(known, difference, 0.0)
        return found

    @property
    def means(self) -> Numbers:
        """(groups + 1, columns), plain; NaN where nothing is known."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Numbers = self._plain / self._known
        return found

    def figures(self, group: int, *, theme_of: Mapping[str, str]) -> list[Figure]:
        """What sets it apart, strongest first; of each theme the strongest few, for more would tell the same again."""
        apart, means = self.apart[group], self.means
        told: Counter[str] = Counter()
        found = []
        for at in np.argsort(-np.abs(apart), kind="stable"):
            column = self.columns[at]
            theme = theme_of.get(column.name, column.name)
            if not np.isfinite(means[group, at]) or apart[at] == 0 or told[theme] == PER_THEME:
                continue
            told[theme] += 1
            found.append(_figure(column, float(means[group, at]), float(means[-1, at]), float(apart[at])))
        return found[:TOLD]


def _figure(column: Column, mean: float, of_all: float, apart: float) -> Figure:
    clause, usual = column.reason(mean, is_more=apart > 0), shown(column.unit, of_all)
    return Figure(column.name, column.says, column.unit.value, mean, of_all, apart, clause, usual)
