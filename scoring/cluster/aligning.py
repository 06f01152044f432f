"""Is a group of this run the same as one of the run before? It is while most of its people are."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from scoring.columns import Numbers

SAME = 0.3
"""Jaccard: shared people among the people of one or the other. From here on it is recognisably the same."""
FEW = 30
"""Fewer people in both runs say nothing: then the middles are compared."""
NEAR = 0.5
"""Of the distance between the middles of two different groups: nearer than that is the same."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Aligned:
    same: dict[int, int]
    """New group → old one; new ones that are like none are missing."""
    alike: dict[int, float]
    """New group → Jaccard with the one it continues."""
    index: float | None
    """Adjusted Rand index of both runs over the people in both; None if too few are."""


def align(shared: Counts, old: Counts | None = None) -> Aligned:
    """`shared` is (new groups, old groups) in people of both runs; `old` counts those of the old ones who were in no
    group this time. Pairs are found by the Hungarian method, so that all of them together are most alike."""
    union = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    if old is not None:
        union = union + old[None, :]
    alike = np.divide(shared, union, out=np.zeros(shared.shape), where=union > 0)
    pairs = [(int(a), int(b)) for a, b in zip(*linear_sum_assignment(-alike), strict=True) if alike[a, b] >= SAME]
    index = adjusted_rand(shared) if shared.sum() >= FEW else None
    return Aligned(dict(pairs), {a: float(alike[a, b]) for a, b in pairs}, index)


def align_by_centres(new: Numbers, old: Numbers) -> Aligned:
    """For when hardly anybody is in both runs. Both in the same axes."""
    if not len(new) or not len(old):
        return Aligned({}, {}, None)
    far = np.linalg.norm(new[:, None, :] - old[None, :, :], axis=2)
    between = np.linalg.norm(old[:, None, :] - old[None, :, :], axis=2)
    usual = between[between > 0].min(initial=np.inf)
    pairs = [(int(a), int(b)) for a, b in zip(*linear_sum_assignment(far), strict=True) if far[a, b] < NEAR * usual]
    return Aligned(dict(pairs), {}, None)


def adjusted_rand(shared: Counts) -> float:
    """Hubert and Arabie 1985, from the table of counts: 1 is the same parting, 0 no more alike than by chance."""
    n = int(shared.sum())
    if n < 2:
        return 1.0
    cells, rows, columns = (float(_pairs(one)) for one in (shared, shared.sum(axis=1), shared.sum(axis=0)))
    by_chance, most = rows * columns / _pairs(np.array([n])), (rows + columns) / 2
    return 1.0 if most == by_chance else (cells - by_chance) / (most - by_chance)


def _pairs(counts: Counts) -> float:
    wide = counts.astype(np.float64)
    return float((wide * (wide - 1) / 2).sum())


def table(counts: Mapping[tuple[int, int], int], *, new: int, old: int) -> Counts:
    found = np.zeros((new, old), dtype=np.int64)
    for (a, b), n in counts.items():
        found[a, b] = n
    return found
