"""A column as numbers: every distinct value is kept, normalised and measured once, however many rows have it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
MISSING = -1


@dataclass(frozen=True, slots=True)
class Values:
    """`codes` (one per record) point into `words` (distinct, object array of str); -1 is a missing value."""

    codes: Codes
    words: NDArray[np.object_]

    def of(self, records: NDArray[np.int64]) -> NDArray[np.object_]:
        """The words of these records; none of them may be missing it."""
        return self.words[self.codes[records]]

    def rows(self, order: NDArray[np.int64]) -> "Values":
        return Values(self.codes[order], self.words)

    def followed_by(self, more: "Values") -> "Values":
        """The records of another table after these, in one vocabulary."""
        index = {word: code for code, word in enumerate(self.words)}
        to = [index.setdefault(word, len(index)) for word in more.words]
        return Values(np.concatenate([self.codes, np.array([*to, MISSING], np.int32)[more.codes]]), _objects(index))

    def as_text(self) -> list[str]:
        """One string per record, empty where it is missing."""
        return np.append(self.words, "")[self.codes].tolist()  # type: ignore[no-any-return]

    @property
    def is_told(self) -> NDArray[np.bool_]:
        return self.codes >= 0

    @property
    def filled(self) -> float:
        """Share of the records that have a value."""
        return float(self.is_told.mean()) if len(self.codes) else 0.0

    def mapped(self, form: Callable[[str], str]) -> "Values":
        """Each value in another form; an empty one is missing."""
        index: dict[str, int] = {"": MISSING}
        to = [index.setdefault(form(word), len(index) - 1) for word in self.words]
        del index[""]
        return Values(np.array([*to, MISSING], np.int32)[self.codes], _objects(index))

    def numbers(self, measure: Callable[[str], float], *, missing: float = 0) -> NDArray[np.float64]:
        """A number of each record, float64."""
        return np.array([*map(measure, self.words), missing], np.float64)[self.codes]


class Collector:
    """Takes a column cell by cell without keeping a value twice."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self.codes: list[int] = []

    def add(self, cell: str) -> None:
        text = cell.strip()
        self.codes.append(self.index.setdefault(text, len(self.index)) if text else MISSING)

    def values(self) -> Values:
        return Values(np.array(self.codes, np.int32), _objects(self.index))


def encode(cells: Iterable[str]) -> Values:
    collector = Collector()
    for cell in cells:
        collector.add(cell)
    return collector.values()


def together(columns: list[Values]) -> Values:
    """One value per distinct combination; missing where all are."""
    texts = zip(*(column.as_text() for column in columns), strict=True)
    return encode(" ".join(part for part in parts if part) for parts in texts)


def _objects(texts: Iterable[str]) -> NDArray[np.object_]:
    listed = list(texts)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array
