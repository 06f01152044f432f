"""How good dates of next orders are, on a window that the fit never saw. Truths after its end are not known yet."""

import math
from dataclasses import dataclass

import numpy as np

from scoring.columns import Numbers
from scoring.estimators.next_order import HIGH, LOW, NextOrder, Renewals, came_by_level

FEWEST = 30
"""People with a date who came: fewer say too little about an interval."""
MISSES = 0.1
"""An interval whose share of truths is farther from what it promises is not used."""
PROMISED = HIGH - LOW


@dataclass(frozen=True)
class Measured:
    people: int
    dated: int
    """People given a date: those who more likely than not order again."""
    came: int
    """Of these, in the window."""
    said: float
    """How many of these were expected in the window."""
    covered: float | None = None
    """Share of truths within the interval, among those who order again."""
    mae: float | None = None
    """Days. Who has not come counts, by the chance that they still will, with the days to the end of the window."""
    mae_baseline: float | None = None
    """Of the person's own usual gap after the last order, everybody's where there is none."""
    gain_error: float | None = None
    """Standard error of the difference of the two."""

    @property
    def is_useful(self) -> bool:
        """Closer than the usual gap by more than luck explains (one-sided, 5 %), with an interval that holds."""
        if self.covered is None or self.mae is None or self.mae_baseline is None or self.gain_error is None:
            return False
        holds = abs(self.covered - PROMISED) <= MISSES
        return holds and self.mae_baseline - self.mae > 1.645 * self.gain_error


def measured(model: NextOrder, of: Renewals, *, came: Numbers, days: float) -> Measured:
    """`came`: days until the order, NaN where none came within `days`."""
    expected = model.expected(of)
    dated = expected.has_date
    some, came_to = of.rows(dated), came[dated]
    n_came, said = int(np.sum(~np.isnan(came_to))), float(model.within(some, days).sum())
    if n_came < FEWEST:
        return Measured(len(of), int(dated.sum()), n_came, said)
    weight = np.where(np.isnan(came_to), model.returns_after(some, days), 1.0)
    truth = np.where(np.isnan(came_to), days, came_to)
    off = np.abs(np.minimum(expected.days[dated], days) - truth)
    off_baseline = np.abs(np.minimum(_by_usual_gap(of)[dated], days) - truth)
    gain = off_baseline - off
    mean = float(np.average(gain, weights=weight))
    error = math.sqrt(float(np.sum((weight * (gain - mean)) ** 2))) / float(weight.sum())
    return Measured(
        people=len(of),
        dated=int(dated.sum()),
        came=n_came,
        said=said,
        covered=_covered(model, some, came_to, days),
        mae=float(np.average(off, weights=weight)),
        mae_baseline=float(np.average(off_baseline, weights=weight)),
        gain_error=error,
    )


def verdict(found: Measured, *, days: int) -> str:
    """Why it is used, or why not, in a sentence."""
    if found.covered is None or found.mae is None or found.mae_baseline is None:
        return (
            f"Not used, because there is too little to measure by: of those expected to order again, {FEWEST} must do"
            f" so within the latest {days} days; {found.came} did."
        )
    figures = (
        f"on the latest {days} days, which it had not seen, its dates were {found.mae:.1f} days off, those by each"
        f" person's usual gap {found.mae_baseline:.1f}; {100 * found.covered:.0f} % of the orders fell between the two"
        f" dates it gave, where {100 * PROMISED:.0f} % are promised"
    )
    if found.is_useful:
        return f"In use: {figures}."
    if abs(found.covered - PROMISED) > MISSES:
        return f"Not used, because the span of its dates cannot be relied on: {figures}."
    return f"Not used, because it is not clearly better than each person's usual gap: {figures}."


def _by_usual_gap(of: Renewals) -> Numbers:
    everybody = float(np.exp(of.logs.sum() / max(float(of.gaps.sum()), 1.0)))
    usual = np.where(of.gaps > 0, of.usual_gap, everybody)
    found: Numbers = np.maximum(usual - of.silence, 0.0)
    return found


def _covered(model: NextOrder, of: Renewals, came: Numbers, days: float) -> float:
    """What the window is too short to tell is taken as the model has it."""
    levels, reached = came_by_level(model, of, came=came, days=days)
    return _reached(levels, reached, model.high, HIGH) - _reached(levels, reached, model.low, LOW)


def _reached(levels: Numbers, reached: Numbers, level: float, otherwise: float) -> float:
    if level > levels[-1]:
        return otherwise
    index = int(np.searchsorted(levels, level, side="right"))
    return float(reached[index - 1]) if index else 0.0
