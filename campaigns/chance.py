"""Who is drawn for what. Shares come out as exact as numbers of people can: each within one of what was asked for."""

import hashlib
from collections.abc import Sequence

import numpy as np


def spread(n: int, weights: Sequence[float], generator: np.random.Generator) -> list[int]:
    """Of each of `n` the number of the part it falls into, with a chance of its weight. One chance places all of them
    evenly over the parts, a second one says who stands where (systematic sampling: Madow 1949)."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    if not n or edges[-1] <= 0:
        return [0] * n
    at = (np.arange(n) + generator.random()) / n * edges[-1]
    parts = np.minimum(np.searchsorted(edges, at, side="right"), len(edges) - 1)
    return [int(part) for part in generator.permutation(parts)]


def taken(n: int, percent: float, generator: np.random.Generator) -> list[bool]:
    """Who of `n` is among that share."""
    return [part == 1 for part in spread(n, (100 - percent, percent), generator)] if percent else [False] * n


def generator_for(*about: object) -> np.random.Generator:
    """The same for the same: what is planned again after a crash falls out as it would have."""
    digest = hashlib.sha256("\0".join(map(str, about)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
