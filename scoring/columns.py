"""The features by name: what each says, and the table that holds them. Plain Python: no database here."""

import re
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
    where {n} is the value in its unit (see `shown`), for values above and below what is usual; `missing` where it is
    unknown, `none` where it is 0."""

    name: str
    says: str
    unit: Unit
    more: str
    less: str
    missing: str = ""
    none: str = ""

    @property
    def is_category(self) -> bool:
        return self.unit is Unit.CATEGORY

    def reason(self, value: float | str | None, *, is_more: bool) -> str:
        """The value as a clause about the person."""
        if value is None or value != value:
            return self.missing or f"{self.says}: not known"
        if value == 0 and self.none:
            return self.none
        said = (self.more if is_more else self.less).replace("{n}", shown(self.unit, value))
        return ONE.sub(lambda found: ONES[found.group()], said)


ONES = {
    " 1 times": " once",
    " 1 different days": " 1 day",
    **{
        f" 1 {many}": f" 1 {many.removesuffix('s')}" for many in ("things", "messages", "minutes", "pieces", "products")
    },
    " 1 categories": " 1 category",
    " 1 events": " 1 event",
}
ONE = re.compile("|".join(rf"{one}\b" for one in ONES))


def shown(unit: Unit, value: float | str) -> str:
    """A value in its unit: 40 days, 1 day, 3, 1,250.50, 30 %, 18:30."""
    if isinstance(value, str):
        return value
    match unit:
        case Unit.DAYS:
            days = round(value, 1) if abs(value) < 3 else round(value)
            return "1 day" if days == 1 else f"{days:,g} days"
        case Unit.MONEY:
            return f"{value:,.2f}"
        case Unit.SHARE:
            return f"{100 * value:.0f} %"
        case Unit.HOUR:
            return f"{int(value):02d}:{int(value % 1 * 60):02d}"
        case Unit.COUNT:
            return f"{round(value):,}"
        case _:
            return f"{round(value, 1):,g}"


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
