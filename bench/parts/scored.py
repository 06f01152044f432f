"""How right groups of records are, over all pairs of records that are in one group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Accuracy:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    def as_dict(self) -> dict[str, float]:
        return {"f1": round(self.f1, 4), "precision": round(self.precision, 4), "recall": round(self.recall, 4)}


def numbered(labels: Sequence[str]) -> Labels:
    index: dict[str, int] = {}
    return np.array([index.setdefault(label, len(index)) for label in labels], np.int64)


def accuracy(groups: Labels, truth: Labels) -> Accuracy:
    """Both number the group of each record from 0."""
    both = np.unique(groups * (int(truth.max()) + 1) + truth, return_counts=True)[1]
    right = pairs_within(both)
    return Accuracy(right / max(pairs_within(np.bincount(groups)), 1), right / max(pairs_within(np.bincount(truth)), 1))


def pairs_within(sizes: Labels) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
