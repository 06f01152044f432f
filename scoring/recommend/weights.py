"""How the components are mixed, learned from what people did in the weeks after a moment."""

from dataclasses import dataclass

import numpy as np

from scoring.recommend.blend import BUCKETS, DEFAULT_MIX, Weights, at, bucket_of
from scoring.recommend.components import Components
from scoring.recommend.interactions import Floats, Interactions, Ints, once
from scoring.recommend.knowledge import Knowledge

ROUNDS = 40
PRIOR = 20.0
"""The default mix counts as so many observed steps; in a bucket, so does the mix of everybody."""
FLOOR = 1e-9


@dataclass(frozen=True)
class Went:
    """Which items people came to in a window: each pair once."""

    person: Ints
    item: Ints


def went(rows: Interactions, *, after_s: float, until_s: float, n_items: int, left_out: Ints) -> Went:
    """Of people with a history; without what would not be recommended anyway."""
    known = np.unique(rows.until(after_s).person)
    window = rows.until(until_s).since(after_s)
    person, item, _ = once(window, window.at_s, n_items=n_items)
    keep = np.isin(person, known) & ~np.isin(person * n_items + item, left_out)
    return Went(person[keep], item[keep])


def learn_weights(found: Components, known: Knowledge, came: Went, *, window_days: float) -> Weights:
    """Mix by expectation maximisation (Dempster, Laird and Rubin, 1977); expected interest by least squares."""
    said = np.column_stack(
        [at(part, came.person, came.item) for part in found.parts] + [known.figures.share[came.item]]
    )
    overall = _maximise(said, np.array(DEFAULT_MIX))
    bucket = bucket_of(found.items_lately)[came.person]
    mix = tuple(tuple(_maximise(said[bucket == one], overall).tolist()) for one in range(len(BUCKETS)))
    base, slope = _expected(found.items_lately, came, window_days=window_days)
    return Weights(mix, base, slope)


def _maximise(said: Floats, prior: Floats) -> Floats:
    mix = prior
    for _ in range(ROUNDS):
        parts = said * mix + FLOOR * prior
        counts = (parts / parts.sum(axis=1, keepdims=True)).sum(axis=0) + PRIOR * prior
        mix = counts / counts.sum()
    return mix


def _expected(items_lately: Floats, came: Went, *, window_days: float) -> tuple[float, float]:
    """base and slope of the items in four weeks on those lately: the best linear forecast (Bühlmann, 1967)."""
    known = items_lately > 0
    x, y = items_lately[known], np.bincount(came.person, minlength=len(items_lately))[known] * 28.0 / window_days
    spread = float(np.var(x)) if len(x) else 0.0
    if not spread:
        return float(y.mean()) if len(y) else 0.5, 0.0
    slope = max(float(np.cov(x, y, bias=True)[0, 1]) / spread, 0.0)
    base = max(float(y.mean() - slope * x.mean()), 0.0)
    return (base, slope) if base > 0 else (0.0, float((x @ y) / (x @ x)))
