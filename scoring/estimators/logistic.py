"""Logistic regression in one scikit-learn pipeline with its preprocessing, and the curves it comes down to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from scoring.estimators.additive import Additive, squeezed
from scoring.estimators.plain import Numbers

NO_SPREAD = 1e-6
"""On the squeezed scale: what varies less is rounding, and dividing by it would blow up later values."""


class Bends(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Each column x, held within the range learned from (its 0.5 % and 99.5 % quantiles), and max(0, x - k) for `bends`
    quantiles k in between: a straight line that may bend there. X: (n, columns), finite."""

    def __init__(self, bends: int = 0) -> None:
        self.bends = bends

    def fit(self, X: Numbers, y: object = None) -> Self:
        self.low_, self.high_ = np.quantile(X, [0.005, 0.995], axis=0)
        inner = np.quantile(X, np.arange(1, self.bends + 1) / (self.bends + 1), axis=0)
        self.knots_: list[Numbers] = []
        for j in range(X.shape[1]):
            ks = np.unique(inner[:, j])
            self.knots_.append(ks[(ks > self.low_[j] + NO_SPREAD) & (ks < self.high_[j] - NO_SPREAD)])
        return self

    def transform(self, X: Numbers) -> Numbers:
        """Columns in order, each followed by its own bends."""
        held = np.clip(X, self.low_, self.high_)
        found = [
            part for j, ks in enumerate(self.knots_) for part in (held[:, [j]], np.maximum(0.0, held[:, [j]] - ks))
        ]
        return np.concatenate(found, axis=1) if found else np.empty((len(X), 0))


def logistic(kinds: Sequence[str], *, C: float = 1.0, bends: int = 0) -> Pipeline:
    """`kinds`, per column of X: `squeezed`, `plain`, `category` (codes from 0, -1 unknown) or `unused`. `C`:
    scikit-learn's."""
    return Pipeline([("prepare", _prepare(kinds, bends)), ("learn", LogisticRegression(C=C, solver="newton-cholesky"))])


@dataclass
class Preparation:
    """A matrix as its preprocessing leaves it, kept for models that differ only in what is learned from it: preparing
    takes longer than learning. X: (n, columns)."""

    kinds: Sequence[str]
    X: Numbers
    bends: int = -1

    def of(self, bends: int) -> tuple[ColumnTransformer, Numbers]:
        """Fitted, and what it makes of X. Only the last is kept: they are many times larger than X."""
        if bends != self.bends:
            self.step = _prepare(self.kinds, bends)
            self.prepared: Numbers = self.step.fit_transform(self.X)
            self.bends = bends
        return self.step, self.prepared

    def logistic(self, y: Numbers, *, C: float, bends: int) -> Pipeline:
        """As `logistic` fitted to X and y."""
        step, prepared = self.of(bends)
        learned = LogisticRegression(C=C, solver="newton-cholesky").fit(prepared, y)
        return Pipeline([("prepare", step), ("learn", learned)])


def ridge(kinds: Sequence[str], *, alpha: float, bends: int = 0) -> Pipeline:
    """Of numbers, with the same preprocessing."""
    return Pipeline([("prepare", _prepare(kinds, bends)), ("learn", Ridge(alpha=alpha))])


def _prepare(kinds: Sequence[str], bends: int) -> ColumnTransformer:
    of = {kind: [j for j, one in enumerate(kinds) if one == kind] for kind in ("squeezed", "plain", "category")}
    numbers = of["squeezed"] + of["plain"]

    def bent() -> list[tuple[str, BaseEstimator]]:
        fill = SimpleImputer(strategy="median", keep_empty_features=True)
        return [("fill", fill), ("bend", Bends(bends)), ("scale", StandardScaler())]

    return ColumnTransformer(
        [
            ("squeezed", Pipeline([("squeeze", FunctionTransformer(squeezed)), *bent()]), of["squeezed"]),
            ("plain", Pipeline(bent()), of["plain"]),
            ("missing", MissingIndicator(features="all"), numbers),
            ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), of["category"]),
        ]
    )


def additive(fitted: Pipeline, X: Numbers, *, kinds: Sequence[str]) -> Additive:
    """The fitted pipeline as curves; X: those it learned from."""
    curve = _Curves(fitted, X.shape[1])
    knots, heights = [], []
    for j, kind in enumerate(kinds):
        ks = curve.knots(j, kind)
        knots.append(ks)
        heights.append(curve.heights(j, kind, ks))
    missing = np.array([curve.missing(j, kind) for j, kind in enumerate(kinds)])
    made = Additive(
        intercept=curve.intercept,
        is_squeezed=np.array([kind == "squeezed" for kind in kinds]),
        starts=np.cumsum([0, *map(len, knots)]).astype(np.int64),
        knots=np.concatenate([np.empty(0), *knots]),
        heights=np.concatenate([np.empty(0), *heights]),
        missing=missing,
        is_category=np.array([kind == "category" for kind in kinds]),
        usual=np.zeros(len(kinds)),
    )
    return Additive(**{**vars(made), "usual": made.curves(X).mean(axis=0)})


class _Curves:
    """Reads each column's curve off the weights of a fitted pipeline."""

    def __init__(self, fitted: Pipeline, columns: int) -> None:
        self.prepare = fitted.named_steps["prepare"]
        learned = fitted.named_steps["learn"]
        self.intercept = float(np.ravel(learned.intercept_)[0])
        self.weights: dict[str, Numbers] = {
            name: np.atleast_2d(learned.coef_)[0][self.prepare.output_indices_[name]]
            for name, _, _ in self.prepare.transformers_
        }
        self.of = {name: list(which) for name, _, which in self.prepare.transformers_ if len(which)}
        self.columns = columns

    def knots(self, j: int, kind: str) -> Numbers:
        if kind == "unused":
            return np.empty(0)
        if kind == "category":
            words = self.prepare.named_transformers_["words"]
            codes: Numbers = words.categories_[self.of["words"].index(j)]
            return np.arange(int(codes.max()) + 1, dtype=np.float64) if codes.max() >= 0 else np.empty(0)
        bend: Bends = self.prepare.named_transformers_[kind].named_steps["bend"]
        at = self.of[kind].index(j)
        low, high = bend.low_[at], bend.high_[at]
        found: Numbers = np.concatenate([[low], bend.knots_[at], [high]]) if high > low else np.array([low])
        return found

    def heights(self, j: int, kind: str, knots: Numbers) -> Numbers:
        if kind == "category":
            return np.array([self._word(j, code) for code in knots.tolist()])
        return self._number(j, kind, knots) if len(knots) else knots

    def missing(self, j: int, kind: str) -> float:
        if kind == "unused":
            return 0.0
        if kind == "category":
            return self._word(j, -1.0)
        at = self.of[kind].index(j)
        filled = self.prepare.named_transformers_[kind].named_steps["fill"].statistics_[at]
        flag = self.weights["missing"][self.of["missing"].index(j)]
        filled = 0.0 if np.isnan(filled) else filled
        return float(self._number(j, kind, np.array([filled]))[0] + flag)

    def _word(self, j: int, code: float) -> float:
        words = self.prepare.named_transformers_["words"]
        at = self.of["words"].index(j)
        before = sum(len(one) for one in words.categories_[:at])
        found = np.flatnonzero(words.categories_[at] == code)
        return float(self.weights["words"][before + found[0]]) if len(found) else 0.0

    def _number(self, j: int, kind: str, values: Numbers) -> Numbers:
        steps = self.prepare.named_transformers_[kind].named_steps
        bend: Bends = steps["bend"]
        at = self.of[kind].index(j)
        before = sum(1 + len(ks) for ks in bend.knots_[:at])
        span = slice(before, before + 1 + len(bend.knots_[at]))
        held = np.clip(values, bend.low_[at], bend.high_[at])[:, None]
        parts = np.concatenate([held, np.maximum(0.0, held - bend.knots_[at])], axis=1)
        scaled = (parts - steps["scale"].mean_[span]) / steps["scale"].scale_[span]
        found: NDArray[np.float64] = scaled @ self.weights[kind][span]
        return found
