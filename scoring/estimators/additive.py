"""A sum of one curve per column: what a logistic regression is once its preprocessing is folded into it."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from scoring.estimators.plain import Arrays, Contributions, Numbers


def squeezed(values: Numbers) -> Numbers:
    """sign(x) · log(1 + |x|): counts, days and money on a scale where double is one step, wherever it starts."""
    found: Numbers = np.sign(values) * np.log1p(np.abs(values))
    return found


@dataclass(frozen=True)
class Additive:
    """log-odds = intercept + Σ f_j(x_j).

    Of a number, f_j goes straight from knot to knot, stays level beyond the outermost, and has a value of its own for
    NaN. Of a category it is one value per code, and `missing` for codes unknown. `usual` is the mean of each f_j over
    those learned from: contributions are the distances from it, exactly.
    """

    name: ClassVar[str] = "additive"

    intercept: float
    is_squeezed: NDArray[np.bool_]
    """(columns,)"""
    starts: NDArray[np.int64]
    """(columns + 1,): the knots of column j are knots[starts[j] : starts[j + 1]]; of categories, the codes."""
    knots: Numbers
    heights: Numbers
    missing: Numbers
    """(columns,)"""
    is_category: NDArray[np.bool_]
    """(columns,)"""
    usual: Numbers
    """(columns,)"""

    def curves(self, X: Numbers) -> Numbers:
        """(n, columns): f_j(x_j)."""
        found = np.empty_like(X)
        for j in range(X.shape[1]):
            found[:, j] = self.curve(j, X[:, j])
        return found

    def curve(self, j: int, column: Numbers) -> Numbers:
        """f_j."""
        span = slice(self.starts[j], self.starts[j + 1])
        knots, heights = self.knots[span], self.heights[span]
        if not len(knots):
            return np.where(np.isnan(column), self.missing[j], 0.0)
        if self.is_category[j]:
            codes = np.where(np.isnan(column), -1, column).astype(np.int64)
            is_known = (codes >= 0) & (codes < len(heights))
            return np.where(is_known, heights[np.clip(codes, 0, len(heights) - 1)], self.missing[j])
        scaled = squeezed(column) if self.is_squeezed[j] else column
        return np.where(np.isnan(column), self.missing[j], np.interp(scaled, knots, heights))

    def log_odds(self, X: Numbers) -> Numbers:
        found: Numbers = self.intercept + self.curves(X).sum(axis=1)
        return found

    def contributions(self, X: Numbers) -> Contributions:
        return Contributions(self.intercept + float(self.usual.sum()), self.curves(X) - self.usual)

    def arrays(self) -> Arrays:
        return {
            "intercept": np.array([self.intercept]),
            "is_squeezed": self.is_squeezed,
            "starts": self.starts,
            "knots": self.knots,
            "heights": self.heights,
            "missing": self.missing,
            "is_category": self.is_category,
            "usual": self.usual,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(
            intercept=float(arrays["intercept"].astype(np.float64)[0]),
            is_squeezed=arrays["is_squeezed"].astype(np.bool_),
            starts=arrays["starts"].astype(np.int64),
            knots=arrays["knots"].astype(np.float64),
            heights=arrays["heights"].astype(np.float64),
            missing=arrays["missing"].astype(np.float64),
            is_category=arrays["is_category"].astype(np.bool_),
            usual=arrays["usual"].astype(np.float64),
        )
