"""Estimators made of others: their mean, or a product in logarithms. Reasons stay exact."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Self

import numpy as np
from scipy.special import log_expit

from scoring.estimators.additive import Additive
from scoring.estimators.habitual import Habitual
from scoring.estimators.plain import Arrays, Contributions, Numbers, Plain
from scoring.estimators.spending import Worth, as_factor
from scoring.estimators.trees import Trees


class How(IntEnum):
    MEAN = 0
    """Of log-odds, or of logarithms of money: those that err differently err less together."""
    SPENDING = 1
    """Of log-odds that anything is bought and the logarithm of what is spent then: the logarithm of both multiplied."""
    PRODUCT = 2
    """Of logarithms: added."""


@dataclass(frozen=True)
class Blend:
    name: ClassVar[str] = "blend"

    parts: tuple[Plain, ...]
    how: How = How.MEAN

    def log_odds(self, X: Numbers) -> Numbers:
        told = [part.log_odds(X) for part in self.parts]
        if self.how is How.SPENDING:
            told[0] = log_expit(told[0])
        found: Numbers = np.mean(told, axis=0) if self.how is How.MEAN else np.sum(told, axis=0)
        return found

    def contributions(self, X: Numbers) -> Contributions:
        each = [part.contributions(X) for part in self.parts]
        if self.how is How.SPENDING:
            each[0] = as_factor(each[0], self.parts[0].log_odds(X))
        weight = 1 / len(each) if self.how is How.MEAN else 1.0
        parts: Numbers = np.sum([one.parts for one in each], axis=0)
        return Contributions(weight * sum(one.base for one in each), weight * parts)

    def arrays(self) -> Arrays:
        found: Arrays = {"how": np.array([int(self.how)], dtype=np.int64)}
        for at, part in enumerate(self.parts):
            found |= {f"{at}.{part.name}.{name}": array for name, array in part.arrays().items()}
        return found

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        found: dict[tuple[int, str], Arrays] = {}
        for key, array in arrays.items():
            if key != "how":
                at, kind, name = key.split(".", 2)
                found.setdefault((int(at), kind), {})[name] = array
        parts = tuple(ESTIMATORS[kind].from_arrays(theirs) for (_, kind), theirs in sorted(found.items()))
        return cls(parts, How(int(arrays["how"].astype(np.int64)[0])))


ESTIMATORS: dict[str, type[Plain]] = {one.name: one for one in (Additive, Habitual, Trees, Worth, Blend)}
