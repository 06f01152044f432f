"""What every trained estimator is in the end: plain arrays that answer, and say what each column did to the answer."""

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Contributions:
    """Of n people, in log-odds before calibration: `base + parts.sum(axis=1)` is their log-odds, within 1e-6."""

    base: float
    parts: Numbers
    """(n, columns): what each column adds for this person, compared with everybody learned from."""


class Plain(Protocol):
    """X: (n, columns), floats; unknown numbers are NaN, categories are codes from 0, unknown words -1."""

    name: ClassVar[str]

    def log_odds(self, X: Numbers) -> Numbers:
        """(n,), before calibration."""

    def contributions(self, X: Numbers) -> Contributions: ...

    def arrays(self) -> Arrays: ...

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self: ...
