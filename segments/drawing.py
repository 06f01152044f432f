"""Draws people at random, by their ids, for estimates. Drawn with one seed, each sample goes on with the one before:
so two rules are estimated by the same people, and their difference is not chance."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.db import connection

SEED = 20_260_101
FEW = 200_000
"""Up to so many ids are shuffled; of more some are picked."""


@dataclass(frozen=True)
class Span:
    """Ids from `first` on, `n` of them; some may belong to nobody any more."""

    first: int
    n: int


def span() -> Span:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(min(id), 1), coalesce(max(id), 0) from profiles_profile")
        first, last = cursor.fetchone()
        return Span(first, last - first + 1)


class Draw:
    """Without putting back: `take` never gives an id twice."""

    def __init__(self, of: Span, *, seed: int = SEED) -> None:
        self.of = of
        self.drawn = 0
        self._ids = self._shuffled(of, seed) if of.n <= FEW else self._picked(of, seed)

    def take(self, size: int) -> list[int]:
        """Fewer, and at last none, once everybody was drawn."""
        found = [one for _, one in zip(range(size), self._ids, strict=False)]
        self.drawn += len(found)
        return found

    @staticmethod
    def _shuffled(of: Span, seed: int) -> Iterator[int]:
        yield from (np.random.default_rng(seed).permutation(of.n) + of.first).tolist()

    @staticmethod
    def _picked(of: Span, seed: int) -> Iterator[int]:
        rng, seen = np.random.default_rng(seed), set[int]()
        while True:
            for one in (rng.integers(of.n, size=8_192) + of.first).tolist():
                if one not in seen:
                    seen.add(one)
                    yield one
