"""Would the groups be the same, had other people happened to come? (Hennig 2007: each group judged by bootstrap.)"""

from collections.abc import Callable

import numpy as np

from scoring.cluster.methods import NOBODY, Grouping
from scoring.columns import Numbers

RUNS = 8
SAMPLE = 3_000
STABLE, WOBBLY = 0.75, 0.6
"""Hennig's boundaries: from the first on a group is sure to be there, below the second it may be chance."""


def bootstrap(
    values: Numbers, found: Grouping, fit: Callable[[Numbers, int], Grouping], *, seed: int, runs: int = RUNS
) -> list[float]:
    """Per group, the mean over resamples of the Jaccard index with the group most like it, 0 to 1.

    `fit` takes values and a seed and parts them in the same way, with the same number of groups."""
    rng = np.random.default_rng(seed)
    some = values if len(values) <= SAMPLE else values[rng.choice(len(values), SAMPLE, replace=False)]
    labels = found.place(some)
    alike = np.zeros((runs, len(found.centres)))
    for run in range(runs):
        drawn = some[rng.integers(len(some), size=len(some))]
        again = fit(drawn, seed + run + 1).place(some)
        for group in range(len(found.centres)):
            alike[run, group] = _most_alike(labels == group, again)
    means: list[float] = alike.mean(axis=0).tolist()
    return means


def _most_alike(
    inside: "np.ndarray[tuple[int], np.dtype[np.bool_]]", again: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> float:
    n = int(inside.sum())
    if not n:
        return 0.0
    best = 0.0
    for other in np.unique(again[again != NOBODY]):
        both = int((inside & (again == other)).sum())
        best = max(best, both / (n + int((again == other).sum()) - both))
    return best


def in_words(alike: float) -> str:
    if alike >= STABLE:
        return "stable"
    return "wobbly" if alike >= WOBBLY else "may be chance"
