"""A trained version, from its bytes to its answers: probabilities, amounts, and what each feature did to them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring.coding import Coding
from scoring.cold import Newcomer, NewcomerRates
from scoring.columns import Column, FeatureTable, Unit
from scoring.estimators.blend import ESTIMATORS
from scoring.estimators.calibration import Calibration
from scoring.estimators.plain import Contributions, Numbers, Plain
from scoring.packed import Arrays, NotAnArtefact, packed, unpacked


@dataclass(frozen=True)
class Model:
    """Tables may have more columns, in any order; one that lacks a column of the model raises LacksColumn."""

    coding: Coding
    plain: Plain
    calibration: Calibration
    newcomers: NewcomerRates
    estimator: str
    """Which candidate it was: `logistic`, `boosting`, …"""
    recipe: dict[str, Any] = field(default_factory=dict)
    """How to learn it anew: the candidate with its parameters, and the slope of its calibration."""

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.coding.columns

    def log_odds(self, table: FeatureTable) -> Numbers:
        """(people,), before calibration: what the contributions add up to."""
        return self.plain.log_odds(self.coding.matrix(table))

    def probabilities(self, table: FeatureTable) -> Numbers:
        """(people,), 0 to 1, calibrated."""
        found: Numbers = expit(self.calibration.calibrated(self.log_odds(table)))
        return found

    def amounts(self, table: FeatureTable) -> Numbers:
        """(people,), money: of models of kind `value`, whose log-odds are logarithms of money."""
        found: Numbers = np.exp(self.calibration.calibrated(self.log_odds(table)))
        return found

    def contributions(self, table: FeatureTable) -> Contributions:
        """One part per column of `columns`; of amounts, in logarithms of money."""
        return self.plain.contributions(self.coding.matrix(table))

    def cold(self, people: Sequence[Newcomer]) -> Numbers:
        """(people,), probabilities of people of whom hardly more than their first event is known."""
        return self.newcomers.rates(people)

    def to_bytes(self) -> bytes:
        header = {
            "estimator": self.estimator,
            "plain": self.plain.name,
            "columns": [asdict(column) for column in self.coding.columns],
            "words": {name: list(words) for name, words in self.coding.words.items()},
            "newcomers": self.newcomers.facts(),
            "recipe": self.recipe,
        }
        arrays: Arrays = {f"plain.{name}": array for name, array in self.plain.arrays().items()}
        arrays |= {f"calibration.{name}": array for name, array in self.calibration.arrays().items()}
        return packed(header, arrays)

    @classmethod
    def read(cls, data: bytes | memoryview) -> Self:
        """NotAnArtefact where the bytes are not a model."""
        header, arrays = unpacked(bytes(data))
        try:
            return cls._from(header, arrays)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise NotAnArtefact(f"{type(error).__name__}: {error}") from error

    @classmethod
    def _from(cls, header: dict[str, Any], arrays: Arrays) -> Self:
        columns = tuple(Column(**{**one, "unit": Unit(one["unit"])}) for one in header["columns"])
        words = {str(name): tuple(map(str, words)) for name, words in header["words"].items()}
        return cls(
            coding=Coding(columns, words),
            plain=ESTIMATORS[header["plain"]].from_arrays(_under("plain.", arrays)),
            calibration=Calibration.from_arrays(_under("calibration.", arrays)),
            newcomers=NewcomerRates.from_facts(header["newcomers"]),
            estimator=str(header["estimator"]),
            recipe=dict(header["recipe"]),
        )


def _under(prefix: str, arrays: Arrays) -> dict[str, NDArray[np.generic]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
