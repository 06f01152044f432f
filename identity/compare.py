"""Levels of agreement of many pairs at once. Each comparer takes record indices a, b (int64, same length) and returns
one uint8 level per pair and field; 0 is `NOT_TOLD`. Equal values are seen in their codes; only the rest meet rapidfuzz.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from identity.columns import Kind
from identity.levels import DIFFERENT, SCALES
from identity.normalize.emails import local_part
from identity.normalize.names import called
from identity.normalize.phones import tail
from identity.values import Codes, Values

Records = NDArray[np.int64]
Levels = NDArray[np.uint8]

ALIKE, SIMILAR, NEAR = 0.75, 0.85, 0.92
"""Jaro–Winkler similarity of names at which levels 2, 3, 4 begin (Winkler 1990, "String comparator metrics")."""
SHORT_FORM, SAME_NAME = 5, 6


@dataclass(frozen=True, slots=True)
class Field:
    """What a comparer says about one field. `terms` gives, for a level of equal values, the codes of the values, and
    `words` for each of them the texts that the codes stand for."""

    name: str
    kind: Kind
    terms: tuple[tuple[int, Codes], ...] = ()
    words: tuple[NDArray[np.object_], ...] = ()


def _equal(name: str, kind: Kind, values: Values) -> Field:
    """A field whose highest level is that the values are equal."""
    return Field(name, kind, ((SCALES[kind].top, values.codes),), (values.words,))


class Comparer(Protocol):
    @property
    def fields(self) -> Sequence[Field]: ...

    def levels(self, a: Records, b: Records) -> list[Levels]: ...


class Names:
    """First and last name. If neither agrees as it stands, they may have changed places.

    `first` and `last` share one vocabulary, so that a first name can equal a last name.
    """

    def __init__(self, first: Values, last: Values) -> None:
        self.first, self.last, self.words = first.codes, last.codes, first.words
        self.formal = _formal_names(self.words)
        self.has_formal = (self.formal >= 0).sum(axis=1) > 1
        self.initial = np.array([ord(word[0]) for word in self.words], np.int32)
        self.is_initial = np.array([len(word) == 1 for word in self.words], bool)
        self.is_several = np.array([" " in word for word in self.words], bool)
        self.fields = [
            Field("first name", Kind.FIRST_NAME, ((SAME_NAME, self.first),), (self.words,)),
            Field("last name", Kind.LAST_NAME, ((SAME_NAME, self.last),), (self.words,)),
        ]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        first = self.between(self.first[a], self.first[b])
        last = self.between(self.last[a], self.last[b])
        turn = np.flatnonzero((first <= ALIKE_LEVEL) & (last <= ALIKE_LEVEL))
        if len(turn):
            x, y = a[turn], b[turn]
            one, two = self.between(self.first[x], self.last[y]), self.between(self.last[x], self.first[y])
            better = np.maximum(one, two) >= NEAR_LEVEL
            better &= (np.minimum(one, two) >= SIMILAR_LEVEL) | (np.minimum(one, two) == 0)
            first[turn[better]], last[turn[better]] = one[better], two[better]
        return [first, last]

    def between(self, x: Codes, y: Codes) -> Levels:
        """Level of name codes x and y, each -1 where missing."""
        level = np.where((x >= 0) & (y >= 0), DIFFERENT, 0).astype(np.uint8)
        level[(x == y) & (x >= 0)] = SAME_NAME
        rest = np.flatnonzero(level == DIFFERENT)
        if not len(rest):
            return level
        x, y = x[rest], y[rest]
        found = DIFFERENT + _steps(
            pairwise(JaroWinkler.similarity, self.words[x], self.words[y]), (ALIKE, SIMILAR, NEAR)
        )
        found[self._is_short_form(x, y)] = SHORT_FORM
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


ALIKE_LEVEL, SIMILAR_LEVEL, NEAR_LEVEL = 2, 3, 4
_MOST_FORMAL = 4


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


class Emails:
    """The best of all combinations of the records' addresses."""

    def __init__(self, columns: Sequence[Values]) -> None:
        self.columns = columns
        self.sides = [_Mailboxes.of(column) for column in columns]
        self.fields = [_equal("e-mail", Kind.EMAIL, columns[0])]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [_best(self._level(x, y, a, b) for x in self.sides for y in self.sides)]

    def _level(self, x: "_Mailboxes", y: "_Mailboxes", a: Records, b: Records) -> Levels:
        level, rest = _same_or_rest(x.whole, y.whole, a, b, top=5)
        if len(rest):
            one, two = x.whole.codes[a[rest]], y.whole.codes[b[rest]]
            found = DIFFERENT + self._slips(x, y, one, two)
            found[(x.local[one] == y.local[two]) & x.is_long[one]] = 4
            level[rest] = found
        return level

    def _slips(self, x: "_Mailboxes", y: "_Mailboxes", one: Codes, two: Codes) -> Levels:
        """1 for a few slips of the pen, 2 for one or two. Addresses are made of names, so those of two namesakes are
        alike: digits that differ in more than one place are taken for a difference, not for a slip."""
        apart = pairwise(OSA.distance, x.whole.words[one], y.whole.words[two], score_cutoff=4)
        few = (apart <= 4) & (apart <= np.maximum(x.length[one], y.length[two]) / 4) & (x.digits[one] == y.digits[two])
        return few.astype(np.uint8) + ((apart <= 1) | (few & (apart <= 2)))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Mailboxes:
    """A column of addresses and, for each distinct one, its parts."""

    whole: Values
    local: NDArray[np.object_]
    digits: NDArray[np.object_]
    length: NDArray[np.int64]
    is_long: NDArray[np.bool_]

    @classmethod
    def of(cls, whole: Values) -> "_Mailboxes":
        local = np.array([*map(local_part, whole.words), ""], object)[:-1]
        digits = np.array(["".join(filter(str.isdigit, word)) for word in whole.words] + [""], object)[:-1]
        return cls(whole, local, digits, _lengths(whole), np.array([len(word) > 4 for word in local], bool))


class Phones:
    """The best of all combinations of the records' numbers, compared in their last nine digits."""

    def __init__(self, columns: Sequence[Values]) -> None:
        self.columns = [column.mapped(tail) for column in columns]
        self.fields = [_equal("phone", Kind.PHONE, self.columns[0])]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [_best(_one_apart(x, y, a, b) for x in self.columns for y in self.columns)]


class Identifiers:
    def __init__(self, name: str, values: Values) -> None:
        self.values = values
        self.fields = [_equal(name, Kind.IDENTIFIER, values)]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [_one_apart(self.values, self.values, a, b)]


class BirthDates:
    """Compared digit by digit: a slip of the finger, day and month swapped, one of the three parts wrong."""

    def __init__(self, values: Values) -> None:
        """`values` are dates written yyyymmdd."""
        self.codes = values.codes
        self.digits = np.array([list(word) for word in values.words], "U1").astype(np.uint8).reshape(-1, 8)
        self.fields = [_equal("birth date", Kind.BIRTH_DATE, values)]

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
        found = np.select(
            [
                apart == 0,
                (apart == 1) | swapped | ((apart == 2) & neighbours.any(1)),
                parts == 2,
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
        self.fields = [_equal(name, kind, values)]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        level, rest = _same_or_rest(self.values, self.values, a, b, top=4)
        if len(rest):
            ratio = pairwise(fuzz.token_sort_ratio, self.values.of(a[rest]), self.values.of(b[rest])) / 100
            level[rest] = DIFFERENT + _steps(ratio, (0.75, 0.9))
        return [level]


class Categories:
    """Gender, state, country: the same or not."""

    def __init__(self, name: str, kind: Kind, values: Values) -> None:
        self.values = values
        self.fields = [_equal(name, kind, values)]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [_same_or_rest(self.values, self.values, a, b, top=2)[0]]


class Numbers:
    def __init__(self, name: str, values: Values) -> None:
        self.values = values
        self.amounts = values.numbers(lambda word: float(word.replace(",", ".")))
        self.fields = [_equal(name, Kind.NUMBER, values)]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        level, rest = _same_or_rest(self.values, self.values, a, b, top=3)
        x, y = self.amounts[a[rest]], self.amounts[b[rest]]
        level[rest] = DIFFERENT + (np.abs(x - y) <= 0.01 * np.maximum(np.abs(x), np.abs(y)))
        return [level]


def _best(found: Any) -> Levels:
    return np.maximum.reduce(list(found))  # type: ignore[no-any-return]


def _same_or_rest(x: Values, y: Values, a: Records, b: Records, *, top: int) -> tuple[Levels, Records]:
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
    level, rest = _same_or_rest(x, y, a, b, top=4)
    if len(rest):
        apart = pairwise(OSA.distance, x.of(a[rest]), y.of(b[rest]))
        longest = np.maximum(_lengths(x)[x.codes[a[rest]]], _lengths(y)[y.codes[b[rest]]])
        level[rest] += (apart <= longest / 2).astype(np.uint8) + (apart <= 1)
    return level


def _lengths(values: Values) -> NDArray[np.int64]:
    return np.array([len(word) for word in values.words], np.int64)


def pairwise(
    scorer: Any, one: NDArray[np.object_], two: NDArray[np.object_], *, score_cutoff: float | None = None
) -> NDArray[np.float32]:
    return cpdist(one.tolist(), two.tolist(), scorer=scorer, dtype=np.float32, workers=-1, score_cutoff=score_cutoff)


def _steps(values: NDArray[Any], thresholds: tuple[float, ...]) -> Levels:
    """How many of the thresholds (rising) each value reaches."""
    return np.searchsorted(np.array(thresholds, np.float32), values, side="right").astype(np.uint8)
