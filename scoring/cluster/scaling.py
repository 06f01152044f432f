"""From features to distances: numbers squeezed by a logarithm, shares by an arcsine, hours laid round the clock; then
cut off at the ends, centred, scaled, and weighed so that no theme shouts the others down.

What is unknown of a person lies in the middle: it sets nobody apart. A share that rests on little is drawn towards
everybody's, as if everybody had one more of what they usually do."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from scoring.columns import Column, Numbers, Unit

ENDS = (0.01, 0.99)
"""Quantiles: who is further out counts as being there, so that a few extreme people make no group of their own."""
LEAST_SPREAD = 1e-9
AROUND = 2 * np.pi / 24
SQUEEZED = {Unit.SHARE: "share"}
"""Whatever else is counted or measured has a long tail, and is squeezed by a logarithm."""


@dataclass(frozen=True)
class Axis:
    """One feature, or one of the two sides of an hour of the day."""

    name: str
    shape: str
    middle: float
    spread: float
    weight: float
    low: float
    high: float
    """The ends, squeezed."""
    evidence: str = ""
    """The feature that says how much the value rests on."""
    usual: float = 0.0
    """What a value that rests on nothing is taken for."""

    def laid(self, values: Numbers, at: Mapping[str, int]) -> Numbers:
        """(people) of (people, columns): squeezed and cut off, not yet scaled; NaN where unknown."""
        own = values[:, at[self.name]]
        if self.evidence:
            own = drawn_in(own, values[:, at[self.evidence]], self.usual)
        return np.clip(squeezed(own, self.shape), self.low, self.high)


def squeezed(values: Numbers, shape: str) -> Numbers:
    """As many out as in; NaN stays NaN."""
    if shape == "share":
        return np.arcsin(np.sqrt(np.clip(values, 0, 1)))
    if shape == "cos":
        return np.cos(values * AROUND)
    if shape == "sin":
        return np.sin(values * AROUND)
    return np.sign(values) * np.log1p(np.abs(values))


def shapes(column: Column) -> tuple[str, ...]:
    return ("cos", "sin") if column.unit is Unit.HOUR else (SQUEEZED.get(column.unit, "log"),)


@dataclass(frozen=True)
class Scaling:
    axes: tuple[Axis, ...]

    def apply(self, values: Numbers, columns: Sequence[str]) -> Numbers:
        """(people, axes) from (people, columns), which may hold more than is needed, in any order."""
        at = {name: index for index, name in enumerate(columns)}
        found = np.empty((len(values), len(self.axes)), dtype=np.float64)
        for index, axis in enumerate(self.axes):
            one = (axis.laid(values, at) - axis.middle) / axis.spread
            found[:, index] = axis.weight * np.nan_to_num(one, nan=0.0)
        return found

    def to_plain(self) -> list[dict[str, Any]]:
        return [asdict(axis) for axis in self.axes]


def fit(
    values: Numbers,
    columns: Sequence[Column],
    wanted: Collection[str],
    *,
    themes: Mapping[str, str],
    evidence: Mapping[str, str],
) -> Scaling:
    """By the people in `values` (people, columns). What is the same for all of them is left out.

    `themes`: feature → theme; each weighs as much as any other, however many features it has. `evidence`: share → the
    feature that counts what it rests on."""
    at = {column.name: index for index, column in enumerate(columns)}
    axes = []
    for column in (one for one in columns if one.name in wanted):
        basis = evidence.get(column.name, "")
        basis = basis if basis in at else ""
        usual = _usual(values[:, at[column.name]], values[:, at[basis]]) if basis else 0.0
        for shape in shapes(column):
            raw = Axis(column.name, shape, 0.0, 1.0, 1.0, -np.inf, np.inf, basis, usual)
            known = raw.laid(values, at)
            known = known[np.isfinite(known)]
            if len(known) and np.ptp(known) > LEAST_SPREAD:
                axes.append(_scaled(raw, known))
    sizes = Counter(themes.get(axis.name, axis.name) for axis in axes)
    return Scaling(tuple(replace(axis, weight=sizes[themes.get(axis.name, axis.name)] ** -0.5) for axis in axes))


def drawn_in(share: Numbers, basis: Numbers, usual: float) -> Numbers:
    """(share · basis + usual) / (basis + 1); what rests on nothing is the usual."""
    basis = np.nan_to_num(basis, nan=0.0)
    return np.where(np.isfinite(share), (np.nan_to_num(share) * basis + usual) / (basis + 1), usual)


def _usual(share: Numbers, basis: Numbers) -> float:
    """Everybody's share, all they rest on taken together."""
    known = np.isfinite(share) & (basis > 0)
    total = float(basis[known].sum())
    return float((share[known] * basis[known]).sum()) / total if total else 0.0


def _scaled(axis: Axis, known: Numbers) -> Axis:
    low, high = (float(one) for one in np.quantile(known, ENDS))
    if high - low < LEAST_SPREAD:
        low, high = float(known.min()), float(known.max())
    cut = np.clip(known, low, high)
    return replace(axis, middle=float(cut.mean()), spread=float(cut.std()), low=low, high=high)
