"""E-mail addresses. They are made of names: what looks like a second piece of evidence may be the first once more."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from identity.columns import Kind
from identity.compare import Field, Levels, Records, best, lengths, pairwise, same_or_rest
from identity.levels import DIFFERENT, NOT_TOLD, SCALES
from identity.normalize.emails import local_part
from identity.values import Codes, Values

SAME, OTHER_PROVIDER = 5, 4
_SEPARATORS = re.compile(r"[._+-]+")


class Emails:
    """The best of all combinations of the records' addresses."""

    def __init__(self, columns: Sequence[Values], first: Values | None = None, last: Values | None = None) -> None:
        self.columns = columns
        self.names = [name for name in (first, last) if name]
        self.sides = [_Mailboxes.of(column) for column in columns]
        self.fields = [Field("e-mail", Kind.EMAIL, ((SCALES[Kind.EMAIL].top, columns[0].codes),))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        return [best(self._level(x, y, a, b) for x in self.sides for y in self.sides)]

    def _level(self, x: "_Mailboxes", y: "_Mailboxes", a: Records, b: Records) -> Levels:
        level, rest = same_or_rest(x.whole, y.whole, a, b, top=SAME)
        if len(rest):
            one, two = x.whole.codes[a[rest]], y.whole.codes[b[rest]]
            found = DIFFERENT + self._slips(x, y, one, two)
            same_local = (x.local[one] == y.local[two]) & x.is_long[one]
            found[same_local] = OTHER_PROVIDER
            plain = np.flatnonzero(same_local & (x.digits[one] == ""))
            found[plain[self._says_the_name(x.local[one[plain]], a[rest[plain]])]] = NOT_TOLD
            level[rest] = found
        return level

    def _slips(self, x: "_Mailboxes", y: "_Mailboxes", one: Codes, two: Codes) -> Levels:
        """1 for a few slips of the pen, 2 for one or two. Addresses are made of names, so those of two namesakes are
        alike: digits that differ in more than one place are taken for a difference, not for a slip."""
        apart = pairwise(OSA.distance, x.whole.words[one], y.whole.words[two], score_cutoff=4)
        few = (apart <= 4) & (apart <= np.maximum(x.length[one], y.length[two]) / 4) & (x.digits[one] == y.digits[two])
        return few.astype(np.uint8) + ((apart <= 1) | (few & (apart <= 2)))  # type: ignore[no-any-return]

    def _says_the_name(self, local: NDArray[np.object_], records: Records) -> NDArray[np.bool_]:
        """`ada.byron@…` of two Ada Byrons at two providers says no more than their name: any namesake takes it."""
        told = [[name.words[code] if (code := name.codes[record]) >= 0 else "" for name in self.names]
                for record in records]  # fmt: skip
        return np.array([is_made_of(box, names) for box, names in zip(local, told, strict=True)], bool)


def is_made_of(local: str, names: Sequence[str]) -> bool:
    """Whether nothing is left of the mailbox's name but separators and initials when the names are taken out."""
    rest = local
    for word in sorted((word for name in names for word in name.split()), key=len, reverse=True):
        rest = rest.replace(word, ".", 1) if len(word) > 1 else rest
    return rest != local and all(len(part) <= 1 for part in _SEPARATORS.split(rest))


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
        return cls(whole, local, digits, lengths(whole), np.array([len(word) > 4 for word in local], bool))
