"""The features by name: what each says, and the table that holds them. Plain Python: no database here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Words = NDArray[np.object_]


class Unit(StrEnum):
    DAYS = "days"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    """0 to 1."""
    HOUR = "hour"
    """0 to 24, of the day."""
    NUMBER = "number"
    CATEGORY = "category"
    """A word, or None."""


@dataclass(frozen=True)
class Column:
    """One feature. `says` completes “…: 12”; `more` and `less` tell a person's value as a reason: “bought {n} times”,
    where {n} is the value in its unit, for values above and below what is usual."""

    name: str
    says: str
    unit: Unit
    more: str
    less: str

    @property
    def is_category(self) -> bool:
        return self.unit is Unit.CATEGORY


@dataclass(frozen=True)
class FeatureTable:
    """One row per profile. Unknown is NaN among numbers and None among categories."""

    profile_ids: NDArray[np.int64]
    numeric: tuple[Column, ...]
    values: Numbers
    """(profiles, numeric columns)"""
    categories: tuple[Column, ...] = ()
    words: Words | None = None
    """(profiles, category columns)"""

    @property
    def columns(self) -> tuple[Column, ...]:
        return (*self.numeric, *self.categories)

    def __len__(self) -> int:
        return len(self.profile_ids)

    def column(self, name: str) -> Numbers:
        """KeyError where there is no such number."""
        for index, one in enumerate(self.numeric):
            if one.name == name:
                found: Numbers = self.values[:, index]
                return found
        raise KeyError(name)

    def rows(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> "FeatureTable":
        """Those rows, in that order."""
        words = None if self.words is None else self.words[which]
        return FeatureTable(self.profile_ids[which], self.numeric, self.values[which], self.categories, words)


def stacked(tables: Sequence[FeatureTable]) -> FeatureTable:
    """One below the other; all have the same columns."""
    first = tables[0]
    words = None if first.words is None else np.concatenate([one.words for one in tables if one.words is not None])
    return FeatureTable(
        np.concatenate([one.profile_ids for one in tables]),
        first.numeric,
        np.concatenate([one.values for one in tables]),
        first.categories,
        words,
    )
