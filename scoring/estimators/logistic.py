"""Logistic regression on log-scaled, standardised counts and days, with parameters as plain numbers."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

Numbers = NDArray[np.float64]
NO_SPREAD = 1e-6
"""On the log scale: what varies less is rounding, and dividing by it would blow up later values."""


class LogLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """p = 1 / (1 + exp(-(b + w · z))), z = (s - mean) / scale, s = sign(x) · log(1 + |x|).

    X: (people, features), finite. y: (people,), 0 or 1, both present. `C` is scikit-learn's inverse regularisation.
    """

    def __init__(self, C: float = 1.0) -> None:
        self.C = C

    def fit(self, X: Numbers, y: NDArray[np.int64]) -> Self:
        squeezed = _squeeze(X)
        self.mean_ = squeezed.mean(axis=0)
        spread = squeezed.std(axis=0)
        self.scale_ = np.where(spread > NO_SPREAD, spread, 1.0)
        inner = LogisticRegression(C=self.C, max_iter=1000).fit((squeezed - self.mean_) / self.scale_, y)
        self.classes_ = inner.classes_
        self.coef_ = inner.coef_[0]
        self.intercept_ = float(inner.intercept_[0])
        return self

    def decision_function(self, X: Numbers) -> Numbers:
        """Log-odds, shape (people,)."""
        found: Numbers = ((_squeeze(X) - self.mean_) / self.scale_) @ self.coef_ + self.intercept_
        return found

    def predict_proba(self, X: Numbers) -> Numbers:
        """Shape (people, 2): of 0 and of 1."""
        likely = expit(self.decision_function(X))
        return np.column_stack([1.0 - likely, likely])

    def predict(self, X: Numbers) -> NDArray[np.int64]:
        return (self.decision_function(X) > 0).astype(np.int64)

    def parameters(self) -> dict[str, Any]:
        return {
            "kind": "log_logistic",
            "mean": self.mean_.tolist(),
            "scale": self.scale_.tolist(),
            "coef": self.coef_.tolist(),
            "intercept": self.intercept_,
        }

    @classmethod
    def from_parameters(cls, parameters: dict[str, Any]) -> Self:
        model = cls()
        model.mean_ = np.array(parameters["mean"], dtype=np.float64)
        model.scale_ = np.array(parameters["scale"], dtype=np.float64)
        model.coef_ = np.array(parameters["coef"], dtype=np.float64)
        model.intercept_ = float(parameters["intercept"])
        model.classes_ = np.array([0, 1])
        return model


def _squeeze(X: Numbers) -> Numbers:
    found: Numbers = np.sign(X) * np.log1p(np.abs(X))
    return found
