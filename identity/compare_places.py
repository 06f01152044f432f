"""Addresses as one comparison. Street, town and postcode are not independent: who shares the street shares the town."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler

from identity.columns import Kind
from identity.compare import Field, Levels, Records, pairwise
from identity.values import Values, together

SAME_STREET, STREET_ALIKE = 0.92, 0.85
TOWN_ALIKE = 0.8
"""Jaro–Winkler similarity."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Normalised; those that the file does not have are None."""

    street: Values | None
    house: Values | None
    city: Values | None
    zip: Values | None


class Places:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        area = parts.zip or parts.city
        whole = together([part.codes for part in (parts.street, parts.house, area) if part])
        near = area.codes if area else whole
        self.fields = [Field("address", Kind.ADDRESS, ((3, near), (4, near), (7, whole)))]

    def levels(self, a: Records, b: Records) -> list[Levels]:
        street, area = self.streets(a, b), self.areas(a, b)
        is_near = (area >= 2) | (area == 0)
        level = np.select(
            [
                (street == 3) & is_near,
                (street == 2) & is_near,
                street == 3,
                (area == 3) & (street == 0),
                area == 3,
                area == 2,
                (area == 1) | (street > 0),
            ],
            [7, 5, 6, 4, 3, 2, 1],
            0,
        )
        return [level.astype(np.uint8)]

    def streets(self, a: Records, b: Records) -> Levels:
        """0 not told, 1 another street, 2 nearly the same, 3 the same street and number."""
        if not self.parts.street:
            return np.zeros(len(a), np.uint8)
        likeness = _likeness(self.parts.street, a, b)
        level = (likeness >= 0).astype(np.uint8)
        level[likeness >= STREET_ALIKE] = 2
        same = likeness >= SAME_STREET
        if self.parts.house:
            one, two = self.parts.house.codes[a], self.parts.house.codes[b]
            level[same & (one == two)] = 3
            level[(level == 2) & ~same & (one != two)] = 1
        else:
            level[same] = 3
        return level

    def areas(self, a: Records, b: Records) -> Levels:
        """0 not told, 1 elsewhere, 2 town spelled alike or postcode one slip apart, 3 same postcode or same town."""
        level = np.zeros(len(a), np.uint8)
        if self.parts.city:
            likeness = _likeness(self.parts.city, a, b)
            level = 1 + (likeness >= TOWN_ALIKE).astype(np.uint8) + (likeness == 1)
            level[likeness < 0] = 0
        if self.parts.zip:
            one, two = self.parts.zip.codes[a], self.parts.zip.codes[b]
            told = (one >= 0) & (two >= 0)
            level[told & (level == 0)] = 1
            level[told & (one != two) & (level == 3)] = 2
            rest = np.flatnonzero(told & (level == 1))
            x, y = (self.parts.zip.words[codes[rest]] for codes in (one, two))
            level[rest[pairwise(OSA.distance, x, y, score_cutoff=1) <= 1]] = 2
            level[told & (one == two)] = 3
        return level.astype(np.uint8)


def _likeness(values: Values, a: Records, b: Records) -> NDArray[np.float32]:
    """0 to 1, and -1 where not told."""
    one, two = values.codes[a], values.codes[b]
    told = (one >= 0) & (two >= 0)
    out = np.where(told, np.float32(1), np.float32(-1))
    rest = np.flatnonzero(told & (one != two))
    if len(rest):
        out[rest] = pairwise(JaroWinkler.similarity, values.words[one[rest]], values.words[two[rest]])
    return out
