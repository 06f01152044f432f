"""How right groups of records are, over all pairs of records that are in one group."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accuracy:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def accuracy(groups: Sequence[object], truth: Sequence[object]) -> Accuracy:
    right = _pairs(list(zip(groups, truth, strict=True)))
    return Accuracy(right / max(_pairs(groups), 1), right / max(_pairs(truth), 1))


def _pairs(labels: Sequence[object]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())
