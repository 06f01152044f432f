"""Where a score stands among everybody's. A run keeps the quantiles of its scores; percentiles are read from them, of
everybody in the run and of anybody scored after it in the same way. Plain numbers: no database here."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
STEPS = 400
"""A percentile is known to a quarter of a point."""


def quantiles_of(values: Numbers, *, sooner_is_higher: bool = False) -> list[float]:
    """STEPS + 1 values that occur, ascending: at least k / STEPS of the people do not rank above the k-th. Empty for
    nobody."""
    if not len(values):
        return []
    ranked = np.sort(_ranked(values, sooner_is_higher))
    places = np.maximum(np.ceil(np.arange(STEPS + 1) * len(ranked) / STEPS).astype(np.int64) - 1, 0)
    found: list[float] = np.sort(_ranked(ranked[places], sooner_is_higher)).tolist()
    return found


def percentiles(values: Numbers, quantiles: list[float], *, sooner_is_higher: bool = False) -> Numbers:
    """(people,), 0 to 100: the share of people who do not rank above. 50 for all where there are no quantiles yet."""
    if not quantiles:
        return np.full(len(values), 50.0)
    steps = np.sort(_ranked(np.array(quantiles, dtype=np.float64), sooner_is_higher))
    reached = np.searchsorted(steps, _ranked(values, sooner_is_higher), side="right") - 1
    found: Numbers = np.maximum(reached, 0) * (100.0 / (len(steps) - 1))
    return found


def _ranked(values: Numbers, sooner_is_higher: bool) -> Numbers:
    return -values if sooner_is_higher else values
