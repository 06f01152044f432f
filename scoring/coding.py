"""From a table of features to the one matrix of floats that estimators read: the model's columns, words as codes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, FeatureTable

Numbers = NDArray[np.float64]
MOST_WORDS = 20
FEWEST_PEOPLE = 20
"""With a word; rarer ones count as unknown, for a rate of a handful is chance."""


class LacksColumn(ValueError):
    """The table of features lacks a column that the model learned from; train the predictor anew."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{self.__doc__} Missing: {name}.")


@dataclass(frozen=True)
class Coding:
    columns: tuple[Column, ...]
    """Numbers first, then categories: the order of the matrix."""
    words: Mapping[str, tuple[str, ...]]
    """Category → its words; a word's code is its place."""

    def matrix(self, table: FeatureTable) -> Numbers:
        """(people, columns): NaN where a number is unknown, -1 where a word is."""
        if table.columns == self.columns and table.words is None:
            return table.values
        numbers = {column.name: at for at, column in enumerate(table.numeric)}
        categories = {column.name: at for at, column in enumerate(table.categories)}
        found = np.empty((len(table), len(self.columns)), dtype=np.float64)
        for at, column in enumerate(self.columns):
            where = (categories if column.is_category else numbers).get(column.name)
            if where is None:
                raise LacksColumn(column.name)
            if column.is_category and table.words is not None:
                found[:, at] = _codes(table.words[:, where], self.words[column.name])
            else:
                found[:, at] = table.values[:, where]
        return found


def coding_of(table: FeatureTable, *, without: Sequence[str] = ()) -> Coding:
    """Of the words frequent enough in this table."""
    words: dict[str, tuple[str, ...]] = {}
    for at, column in enumerate(table.categories):
        if table.words is not None and column.name not in without:
            words[column.name] = _frequent(table.words[:, at])
    return Coding(tuple(column for column in table.columns if column.name not in without), words)


def _frequent(column: NDArray[np.object_]) -> tuple[str, ...]:
    known = [str(word) for word in column if word is not None]
    ranked = sorted(Counter(known).items(), key=lambda one: (-one[1], one[0]))
    return tuple(word for word, count in ranked[:MOST_WORDS] if count >= FEWEST_PEOPLE)


def _codes(column: NDArray[np.object_], words: tuple[str, ...]) -> Numbers:
    places = {word: float(at) for at, word in enumerate(words)}
    return np.array([places.get(word, -1.0) for word in column], dtype=np.float64)
