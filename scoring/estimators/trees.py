"""Trees as plain arrays: what scikit-learn's boosting and forest predict, and exactly what each column did to it."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from scoring.estimators.paths import Paths, paths_of
from scoring.estimators.plain import Arrays, Contributions, Numbers

Ints = NDArray[np.int64]
NUMBER = -2
ROWS = 8192
"""Looked at together: their places in all trees fit the processor's cache."""
SURE = 1e-4
"""A forest's probabilities are held this far from 0 and 1, whose log-odds are infinite."""


@dataclass(frozen=True)
class Trees:
    """The sum over trees of the leaf reached. A node's children stand in `left` and `right`, -1 at leaves; x goes left
    where x <= threshold. Of a forest (`is_forest`) the leaves add up to a probability, else to log-odds."""

    name: ClassVar[str] = "trees"

    intercept: float
    is_forest: bool
    roots: Ints
    left: Ints
    right: Ints
    feature: Ints
    """Of the columns as trees see them, each word a column of its own."""
    threshold: Numbers
    is_left_if_unknown: NDArray[np.bool_]
    value: Numbers
    cover: Numbers
    """People learned from that came through each node."""
    owner: Ints
    """Column as trees see it → column of X."""
    code: Ints
    """The code of the word (-1: unknown), or NUMBER where the column is the number itself."""
    columns: int

    def seen(self, X: Numbers) -> Numbers:
        """(n, columns as trees see them). A forest of scikit-learn compares single-precision numbers."""
        found = X[:, self.owner]
        words = self.code != NUMBER
        if words.any():
            found[:, words] = found[:, words] == self.code[words]
        return found.astype(np.float32).astype(np.float64) if self.is_forest else found

    def total(self, X: Numbers) -> Numbers:
        """(n,): log-odds, or of a forest probabilities."""
        found = np.empty(len(X))
        for start in range(0, len(X), ROWS):
            part = slice(start, start + ROWS)
            found[part] = self._leaves(self.seen(X[part]))
        return found

    def _leaves(self, seen: Numbers) -> Numbers:
        flat, wide = np.ascontiguousarray(seen).ravel(), seen.shape[1]
        start = np.arange(len(seen)) * wide
        found = np.full(len(seen), self.intercept)
        for root in self.roots:
            at = np.full(len(seen), root)
            for _ in range(self._depth):
                x = flat[start + np.maximum(self.feature[at], 0)]
                goes_left = (x <= self.threshold[at]) | (np.isnan(x) & self.is_left_if_unknown[at])
                at = np.where(goes_left, self._left_or_same[at], self._right_or_same[at])
            found += self.value[at]
        return found

    @cached_property
    def _left_or_same(self) -> Ints:
        return np.where(self.left < 0, np.arange(len(self.left)), self.left)

    @cached_property
    def _right_or_same(self) -> Ints:
        return np.where(self.left < 0, np.arange(len(self.left)), self.right)

    @cached_property
    def _depth(self) -> int:
        depth, at = 0, self.roots
        while True:
            inner = at[self.left[at] >= 0]
            if not len(inner):
                return depth
            at = np.concatenate([self.left[inner], self.right[inner]])
            depth += 1

    @cached_property
    def _paths(self) -> Paths:
        return paths_of(self)

    def log_odds(self, X: Numbers) -> Numbers:
        found = self.total(X)
        return logit(np.clip(found, SURE, 1 - SURE)) if self.is_forest else found

    def contributions(self, X: Numbers) -> Contributions:
        """TreeSHAP, path-dependent. A forest's are in probabilities, and stretched to add up to its log-odds."""
        base, seen_parts = self._paths.shares(self.seen(X))
        parts = np.zeros((len(X), self.columns))
        np.add.at(parts.T, self.owner, seen_parts.T)
        if not self.is_forest:
            return Contributions(self.intercept + base, parts)
        likely = np.clip(self.intercept + base, SURE, 1 - SURE)
        start = float(logit(likely))
        moved = parts.sum(axis=1)
        ends = logit(np.clip(likely + moved, SURE, 1 - SURE)) - start
        is_moved = np.abs(moved) > 1e-9
        stretch = np.where(is_moved, ends / np.where(is_moved, moved, 1.0), 1 / (likely * (1 - likely)))
        return Contributions(start, parts * stretch[:, None])

    def probability(self, X: Numbers) -> Numbers:
        found: Numbers = self.total(X) if self.is_forest else expit(self.total(X))
        return found

    def arrays(self) -> Arrays:
        return {
            "facts": np.array([self.intercept, float(self.is_forest), float(self.columns)]),
            "roots": self.roots,
            "left": self.left,
            "right": self.right,
            "feature": self.feature,
            "threshold": self.threshold,
            "is_left_if_unknown": self.is_left_if_unknown,
            "value": self.value,
            "cover": self.cover,
            "owner": self.owner,
            "code": self.code,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """ValueError where a node points out of its forest, or backwards: following it would never end."""
        intercept, is_forest, columns = arrays["facts"].astype(np.float64).tolist()
        made = cls(
            intercept=intercept,
            is_forest=bool(is_forest),
            columns=int(columns),
            roots=arrays["roots"].astype(np.int64),
            left=arrays["left"].astype(np.int64),
            right=arrays["right"].astype(np.int64),
            feature=arrays["feature"].astype(np.int64),
            threshold=arrays["threshold"].astype(np.float64),
            is_left_if_unknown=arrays["is_left_if_unknown"].astype(np.bool_),
            value=arrays["value"].astype(np.float64),
            cover=arrays["cover"].astype(np.float64),
            owner=arrays["owner"].astype(np.int64),
            code=arrays["code"].astype(np.int64),
        )
        made._check()
        return made

    def _check(self) -> None:
        nodes = np.arange(len(self.left))
        inner = self.left >= 0
        sizes = {len(one) for one in (self.right, self.feature, self.threshold, self.value, self.cover)}
        if sizes != {len(nodes)} or len(self.is_left_if_unknown) != len(nodes) or len(self.owner) != len(self.code):
            raise ValueError("the arrays of the trees do not fit together")
        for child in (self.left[inner], self.right[inner]):
            if np.any(child <= nodes[inner]) or np.any(child >= len(nodes)):
                raise ValueError("a tree points backwards")
        if np.any(self.feature[inner] >= len(self.owner)) or np.any(self.owner >= self.columns):
            raise ValueError("a tree asks for a column that is not there")
