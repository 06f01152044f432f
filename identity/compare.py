"""Levels of agreement of many pairs at once. Each comparer takes record indices a, b (int64, same length) and returns
one uint8 level per pair and field; 0 is `NOT_TOLD`. Equal values are seen in their codes; only the rest meet rapidfuzz.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from identity.columns import Kind
from identity.levels import DIFFERENT, SCALES
from identity.normalize.phones import tail
from identity.values import Codes, Values

Records = NDArray[np.int64]
Levels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Field:
    """What a comparer says about one field. `terms` gives, for a level of equal values, the codes of the values."""

    name: str
    kind: Kind
    terms: tuple[tuple[int, Codes], ...] = ()


class Comparer(Protocol):
    @property
    def fields(self) -> Sequence[Field]: ...

    def levels(self, a: Records, b: Records) -> list[Levels]: ...


class Phones:
    """The best of all combinations of the records' numbers, compared in their last nine digits."""

    def __init__(self, columns: Sequence[Values]) -> None:
        self.columns = [column.mapped(tail) for column in columns]
        self.fields = [Field("phone", Kind.PHONE, ((SCALES[Kind.PHONE].top, self.columns[0].codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [best(_one_apart(x, y, a, b) for x in self.columns for y in self.columns)]


class Identifiers:
    def __init__(self, name: str, values: Values) -> None:
        self.values = values
        self.fields = [Field(name, Kind.IDENTIFIER, ((SCALES[Kind.IDENTIFIER].top, values.codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [_one_apart(self.values, self.values, a, b)]


_NEW_YEAR = np.array([0, 1, 0, 1], np.uint8)


class BirthDates:
    """Compared digit by digit: a slip of the finger, day and month swapped, one of the three parts wrong. 1 January
    is what many write who know the year alone: with another day of that year it is one part wrong, not two. A year of
    two digits may have been read in the wrong century: all but the century is the same."""

    def __init__(self, values: Values) -> None:
        """`values` are dates written yyyymmdd."""
        self.codes = values.codes
        self.digits = np.array([list(word) for word in values.words], "U1").astype(np.uint8).reshape(-1, 8)
        self.fields = [Field("birth date", Kind.BIRTH_DATE, ((SCALES[Kind.BIRTH_DATE].top, self.codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        x, y = self.codes[a], self.codes[b]
        level = ((x >= 0) & (y >= 0)).astype(np.uint8)
        told = np.flatnonzero(level)
        one, two = self.digits[x[told]], self.digits[y[told]]
        wrong = one != two
        apart = wrong.sum(axis=1)
        parts = (~wrong[:, :4].any(1)).astype(int) + ~wrong[:, 4:6].any(1) + ~wrong[:, 6:].any(1)
        swapped = (one[:, [0, 1, 2, 3, 6, 7, 4, 5]] == two).all(axis=1)
        neighbours = (one[:, :-1] == two[:, 1:]) & (one[:, 1:] == two[:, :-1]) & wrong[:, :-1] & wrong[:, 1:]
        new_year = (one[:, 4:] == _NEW_YEAR).all(axis=1) | (two[:, 4:] == _NEW_YEAR).all(axis=1)
        found = np.select(
            [
                apart == 0,
                (apart == 1) | swapped | ((apart == 2) & neighbours.any(1)) | ~wrong[:, 2:].any(1),
                (parts == 2) | (new_year & ~wrong[:, :4].any(1)),
                apart == 2,
                apart == 3,
            ],
            [6, 5, 4, 3, 2],
            DIFFERENT,
        )
        level[told] = found
        return [level]


class Texts:
    """Free text: companies, second address lines, whatever has no kind of its own."""

    def __init__(self, name: str, kind: Kind, values: Values) -> None:
        self.values = values
        self.fields = [Field(name, kind, ((SCALES[kind].top, values.codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        level, rest = same_or_rest(self.values, self.values, a, b, top=4)
        if len(rest):
            ratio = pairwise(fuzz.token_sort_ratio, self.values.of(a[rest]), self.values.of(b[rest])) / 100
            level[rest] = DIFFERENT + steps(ratio, (0.75, 0.9))
        return [level]


class Categories:
    """Gender, state, country: the same or not."""

    def __init__(self, name: str, kind: Kind, values: Values) -> None:
        self.values = values
        self.fields = [Field(name, kind, ((SCALES[kind].top, values.codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [same_or_rest(self.values, self.values, a, b, top=2)[0]]


class Numbers:
    """Nearly the same: by a hundredth, or by one where they count (an age, a house number)."""

    def __init__(self, name: str, values: Values) -> None:
        self.values = values
        self.amounts = values.numbers(lambda word: float(word.replace(",", ".")))
        self.fields = [Field(name, Kind.NUMBER, ((SCALES[Kind.NUMBER].top, values.codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        level, rest = same_or_rest(self.values, self.values, a, b, top=3)
        x, y = self.amounts[a[rest]], self.amounts[b[rest]]
        is_whole = (x % 1 == 0) & (y % 1 == 0)
        near = np.maximum(0.01 * np.maximum(np.abs(x), np.abs(y)), is_whole)
        level[rest] = DIFFERENT + (np.abs(x - y) <= near)
        return [level]


def best(found: Any) -> Levels:
    return np.maximum.reduce(list(found))  # type: ignore[no-any-return]


def same_or_rest(x: Values, y: Values, a: Records, b: Records, *, top: int) -> tuple[Levels, Records]:
    """Levels with equal values at the top and others `DIFFERENT`; and the places of these others."""
    one, two = x.codes[a], y.codes[b]
    level = ((one >= 0) & (two >= 0)).astype(np.uint8)
    if x is y:
        level[(one == two) & (one >= 0)] = top
    else:
        told = np.flatnonzero(level)
        level[told[x.words[one[told]] == y.words[two[told]]]] = top
    return level, np.flatnonzero(level == DIFFERENT)


def _one_apart(x: Values, y: Values, a: Records, b: Records) -> Levels:
    """4 the same, 3 one slip apart, 2 up to half of the characters wrong, 1 different."""
    level, rest = same_or_rest(x, y, a, b, top=4)
    if len(rest):
        one, two = x.of(a[rest]), y.of(b[rest])
        apart = pairwise(OSA.distance, one, two)
        longest = np.fromiter(map(max, map(len, one), map(len, two)), np.int64, len(rest))
        level[rest] += (apart <= longest / 2).astype(np.uint8) + (apart <= 1)
    return level


def lengths(values: Values) -> NDArray[np.int64]:
    return np.array([len(word) for word in values.words], np.int64)


def pairwise(
    scorer: Any, one: NDArray[np.object_], two: NDArray[np.object_], *, score_cutoff: float | None = None
) -> NDArray[np.float32]:
    return cpdist(one.tolist(), two.tolist(), scorer=scorer, dtype=np.float32, workers=-1, score_cutoff=score_cutoff)


def steps(values: NDArray[Any], thresholds: tuple[float, ...]) -> Levels:
    """How many of the thresholds (rising) each value reaches."""
    return np.searchsorted(np.array(thresholds, np.float32), values, side="right").astype(np.uint8)
