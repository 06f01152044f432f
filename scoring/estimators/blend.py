"""Several estimators, averaged in log-odds: where they err differently it errs less, and its reasons stay exact."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from scoring.estimators.additive import Additive
from scoring.estimators.habitual import Habitual
from scoring.estimators.plain import Arrays, Contributions, Numbers, Plain
from scoring.estimators.trees import Trees

SINGLE: dict[str, type[Plain]] = {one.name: one for one in (Additive, Habitual, Trees)}


@dataclass(frozen=True)
class Blend:
    name: ClassVar[str] = "blend"

    parts: tuple[Plain, ...]

    def log_odds(self, X: Numbers) -> Numbers:
        found: Numbers = np.mean([part.log_odds(X) for part in self.parts], axis=0)
        return found

    def contributions(self, X: Numbers) -> Contributions:
        each = [part.contributions(X) for part in self.parts]
        return Contributions(float(np.mean([one.base for one in each])), np.mean([one.parts for one in each], axis=0))

    def arrays(self) -> Arrays:
        return {
            f"{at}.{part.name}.{name}": array
            for at, part in enumerate(self.parts)
            for name, array in part.arrays().items()
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        found: dict[tuple[int, str], Arrays] = {}
        for key, array in arrays.items():
            at, kind, name = key.split(".", 2)
            found.setdefault((int(at), kind), {})[name] = array
        return cls(tuple(SINGLE[kind].from_arrays(theirs) for (_, kind), theirs in sorted(found.items())))


ESTIMATORS: dict[str, type[Plain]] = {**SINGLE, Blend.name: Blend}
