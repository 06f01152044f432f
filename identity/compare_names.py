"""Names of people: spelling, short forms, initials, and first and last name in each other's place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler

from identity.columns import Kind
from identity.compare import Field, Levels, Records, pairwise, steps
from identity.levels import DIFFERENT
from identity.normalize.names import called
from identity.values import Codes, Values, encode

ALIKE, SIMILAR, NEAR = 0.75, 0.85, 0.92
"""Jaro–Winkler similarity at which levels 2, 3, 4 begin (Winkler 1990, "String comparator metrics")."""
ALIKE_LEVEL, SIMILAR_LEVEL, NEAR_LEVEL = 2, 3, 4
SHORT_FORM, SAME_NAME = 5, 6
_MOST_FORMAL = 4


class Names:
    """First and last name. If neither agrees as it stands, they may have changed places.

    `first` and `last` share one vocabulary, so that a first name can equal a last name.
    """

    def __init__(self, first: Values, last: Values) -> None:
        self.first, self.last = first.codes, last.codes
        self.spelled = Spelled.of(first.words)
        self.fields = [
            Field("first name", Kind.FIRST_NAME, ((SAME_NAME, self.first),)),
            Field("last name", Kind.LAST_NAME, ((SAME_NAME, self.last),)),
        ]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        between = self.spelled.between
        first = between(self.first[a], self.first[b])
        last = between(self.last[a], self.last[b])
        turn = np.flatnonzero((first <= ALIKE_LEVEL) & (last <= ALIKE_LEVEL))
        if len(turn):
            x, y = a[turn], b[turn]
            one, two = between(self.first[x], self.last[y]), between(self.last[x], self.first[y])
            better = np.maximum(one, two) >= NEAR_LEVEL
            better &= (np.minimum(one, two) >= SIMILAR_LEVEL) | (np.minimum(one, two) == 0)
            first[turn[better]], last[turn[better]] = one[better], two[better]
        return [first, last]


class MiddleNames:
    def __init__(self, values: Values) -> None:
        self.codes = values.codes
        self.spelled = Spelled.of(values.words)
        self.fields = [Field("middle name", Kind.MIDDLE_NAME, ((SAME_NAME, self.codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [self.spelled.between(self.codes[a], self.codes[b])]


@dataclass(frozen=True, slots=True)
class Spelled:
    """A vocabulary of names, and what each may stand for."""

    words: NDArray[np.object_]
    formal: NDArray[np.int32]
    """(names, 4)"""
    has_formal: NDArray[np.bool_]
    initial: NDArray[np.int32]
    is_initial: NDArray[np.bool_]
    is_several: NDArray[np.bool_]
    number: NDArray[np.int32]
    """Which digits a name has, 0 for none: those of `user 7` and `user 8` are no slip."""

    @classmethod
    def of(cls, words: NDArray[np.object_]) -> "Spelled":
        formal = _formal_names(words)
        return cls(
            words,
            formal,
            (formal >= 0).sum(axis=1) > 1,
            np.array([ord(word[0]) for word in words], np.int32),
            np.array([len(word) == 1 for word in words], bool),
            np.array([" " in word for word in words], bool),
            encode("".join(filter(str.isdigit, word)) for word in words).codes + 1,
        )

    def between(self, x: Codes, y: Codes) -> Levels:
        """Level of name codes x and y, each -1 where missing."""
        level = np.where((x >= 0) & (y >= 0), DIFFERENT, 0).astype(np.uint8)
        level[(x == y) & (x >= 0)] = SAME_NAME
        rest = np.flatnonzero(level == DIFFERENT)
        if not len(rest):
            return level
        x, y = x[rest], y[rest]
        found = DIFFERENT + steps(
            pairwise(JaroWinkler.similarity, self.words[x], self.words[y]), (ALIKE, SIMILAR, NEAR)
        )
        found[self._is_short_form(x, y)] = SHORT_FORM
        found[(self.number[x] != self.number[y]) & (self.number[x] > 0) & (self.number[y] > 0)] = DIFFERENT
        level[rest] = found
        return level

    def _is_short_form(self, x: Codes, y: Codes) -> NDArray[np.bool_]:
        short = (self.is_initial[x] | self.is_initial[y]) & (self.initial[x] == self.initial[y])
        known = np.flatnonzero(self.has_formal[x] | self.has_formal[y])
        one, two = self.formal[x[known]], self.formal[y[known]]
        short[known] |= ((one[:, :, None] == two[:, None, :]) & (one[:, :, None] >= 0)).any(axis=(1, 2))
        several = np.flatnonzero(self.is_several[x] | self.is_several[y])
        pairs = zip(self.words[x[several]], self.words[y[several]], strict=True)
        short[several] |= np.array([_is_part(one, two) for one, two in pairs], bool)
        return short  # type: ignore[no-any-return]


def _formal_names(words: NDArray[np.object_]) -> NDArray[np.int32]:
    """(names, 4) codes of what each name may stand for, itself first; -1 fills up."""
    code: dict[str, int] = {}
    table = np.full((len(words), _MOST_FORMAL), -1, np.int32)
    for row, word in enumerate(words):
        names = (word.split(" ", 1)[0], *called(word))[:_MOST_FORMAL]
        table[row, : len(names)] = [code.setdefault(name, len(code)) for name in names]
    return table


def _is_part(one: str, two: str) -> bool:
    """`jose` of `jose maria`, `smith` of `smith jones`; particles and initials alone do not count."""
    shorter, longer = sorted((set(one.split()), set(two.split())), key=len)
    return (shorter <= longer and max(map(len, shorter)) > 3) or one.replace(" ", "") == two.replace(" ", "")
