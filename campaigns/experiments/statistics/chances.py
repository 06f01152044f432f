"""How probable it is that each of several variants is the best, and what choosing it would cost where it is not.

Priors say next to nothing. Of shares: Beta(1, (1 − m) / m), m being the share of all groups together, which weighs as
much as one person who did it. Beta(1, 1) says that half of all people do it, which is no matter among equally large
groups; but beside 10,000 people a group of 100 would seem better for being small.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 20_000
"""Of each: a chance is right to 0.7 percentage points (two standard errors at one half)."""


@dataclass(frozen=True)
class Chance:
    best: float
    """Probability, 0 to 1."""
    loss: float
    """Expected, in the unit of the number: how much the best has more than this one."""


def of_shares(groups: Sequence[tuple[int, int]], *, rng: np.random.Generator, draws: int = DRAWS) -> list[Chance]:
    """Each group as (people, how many did it)."""
    m = (1 + sum(hits for _, hits in groups)) / (2 + sum(n for n, _ in groups))
    drawn = [rng.beta(1 + hits, (1 - m) / m + n - hits, size=draws) for n, hits in groups]
    return _chances(np.asarray(drawn))


def _chances(drawn: NDArray[np.float64]) -> list[Chance]:
    """`drawn` is (groups, draws). Of equals, each is the best equally often."""
    highest = drawn.max(axis=0)
    is_best = drawn == highest
    best = (is_best / is_best.sum(axis=0)).mean(axis=1)
    loss = (highest - drawn).mean(axis=1)
    return [Chance(float(one), float(lost)) for one, lost in zip(best, loss, strict=True)]
