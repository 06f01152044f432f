"""Draws people at random, by their ids, for estimates. Drawn with one seed, each sample goes on with the one before:
so two rules are estimated by the same people, and their difference is not chance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from django.db import connection

from cdp.common.clock import stopwatch
from segments.bounded import TooSlow, at_most

SEED = 20_260_101
FEW = 200_000
"""Up to so many ids are shuffled; of more some are picked."""
FIRST, MOST, GROWTH = 1_000, 250_000, 4
SPARED = 0.7
"""Of the time that is left: the next lot may take longer per person than the last."""


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


def look(draw: Draw, seen: Callable[[list[int]], None], *, seconds: float) -> int:
    """Shows `seen` more and more people for as long as there is time; returns how many they were.

    Raises TooSlow if not even the first could be looked at in time.
    """
    elapsed, looked, size = stopwatch(), 0, FIRST
    while size and (ids := draw.take(min(size, MOST - draw.drawn))):
        began_s = elapsed()
        try:
            with at_most(seconds - began_s):
                seen(ids)
        except TooSlow:
            if not looked:
                raise
            break
        looked += len(ids)
        size = _next(len(ids), took_s=elapsed() - began_s, left_s=seconds - elapsed())
    return looked


def _next(size: int, *, took_s: float, left_s: float) -> int:
    """0 once nothing that would help still fits."""
    fits = int(size * min(GROWTH, SPARED * left_s / max(took_s, 0.001)))
    return fits if fits >= size / 4 else 0
