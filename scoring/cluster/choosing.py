"""How many groups: each number is tried on a sample and judged by two measures that look at how tight and how far apart
the groups are. The silhouette (Rousseeuw 1987) is high and the Davies–Bouldin index (1979) low where they part well."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import davies_bouldin_score, silhouette_score

from scoring.cluster import methods
from scoring.cluster.methods import NOBODY, Centred, Dense, Grouping, Labels, Tree
from scoring.columns import Numbers

NUMBERS = range(2, 11)
JUDGED = 3_000
SHARES = (0.01, 0.02, 0.03, 0.05, 0.08)
"""HDBSCAN: the smallest group, as a share of the sample."""
REACHES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""DBSCAN: quantiles of the distance to a person's neighbours."""
MOST_ALONE = 0.5
"""More people without a group than that, and the setting is not taken while another will do."""


@dataclass(frozen=True)
class Judged:
    """One number of groups, or of the density methods one setting."""

    groups: int
    silhouette: float
    davies_bouldin: float
    alone: float = 0.0
    """Share of people in no group."""
    setting: float = 0.0
    """DBSCAN: the reach. HDBSCAN: the smallest group."""


@dataclass(frozen=True)
class Choice:
    grouping: Grouping
    tried: tuple[Judged, ...]
    chosen: int
    """Index of `tried`."""


class TooAlike(ValueError):
    """These people are too alike in the chosen features to be told apart. Choose other features, or more people."""


def by_k_means(values: Numbers, wanted: int | None, *, seed: int) -> Choice:
    return _by_number(values, lambda k: methods.k_means(values, k, seed=seed), wanted, seed=seed)


def by_ward(tree: Tree, wanted: int | None, *, seed: int) -> Choice:
    return _by_number(tree.values, tree.cut, wanted, seed=seed)


def by_dbscan(values: Numbers, *, seed: int) -> Choice:
    """The reach is tried at several quantiles of how far people's neighbours are."""
    neighbours = neighbours_of(values)
    far = methods.neighbour_distances(values, neighbours)
    reaches = [max(float(one), 1e-6) for one in np.quantile(far, REACHES)]
    return _by_density(
        values, reaches, lambda reach: methods.dbscan(values, reach=reach, neighbours=neighbours), seed=seed
    )


def by_hdbscan(values: Numbers, *, seed: int) -> Choice:
    neighbours = neighbours_of(values)
    sizes = [float(max(5, round(share * len(values)))) for share in SHARES]
    return _by_density(
        values, sizes, lambda size: methods.hdbscan(values, smallest=int(size), neighbours=neighbours), seed=seed
    )


def best(tried: Sequence[Judged]) -> int:
    """Both measures count alike, each from its worst (0) to its best (1) among those tried; of equals the fewest.

    Each person in no group lowers both: a few thick places and nothing else part people badly."""
    inside = [max(1 - one.alone, 1e-3) for one in tried]
    silhouettes = _spread([one.silhouette * share for one, share in zip(tried, inside, strict=True)])
    apart = _spread([-one.davies_bouldin / share for one, share in zip(tried, inside, strict=True)])
    return int(np.argmax(np.round(silhouettes + apart, 9)))


def judge(values: Numbers, labels: Labels, *, seed: int, setting: float = 0.0) -> Judged:
    """On those who are in a group, at most JUDGED of them."""
    inside = np.flatnonzero(labels != NOBODY)
    alone = 1 - len(inside) / len(labels)
    if len(inside) > JUDGED:
        inside = np.random.default_rng(seed).choice(inside, JUDGED, replace=False)
    groups = len(np.unique(labels[labels != NOBODY]))
    if len(np.unique(labels[inside])) < 2 or len(inside) <= groups:
        return Judged(groups, -1.0, float("inf"), alone, setting)
    near, named = values[inside], labels[inside]
    return Judged(
        groups, float(silhouette_score(near, named)), float(davies_bouldin_score(near, named)), alone, setting
    )


def _by_number(values: Numbers, part: Callable[[int], Centred], wanted: int | None, *, seed: int) -> Choice:
    different = len(np.unique(np.round(values, 6), axis=0))
    numbers = [k for k in NUMBERS if k < different]
    if not numbers:
        raise TooAlike(TooAlike.__doc__)
    found = {k: part(k) for k in numbers}
    tried = tuple(judge(values, found[k].labels, seed=seed) for k in numbers)
    if wanted is None:
        at = best(tried)
        return Choice(found[numbers[at]], tried, at)
    if wanted in found:
        return Choice(found[wanted], tried, numbers.index(wanted))
    if wanted >= different:
        raise TooAlike(TooAlike.__doc__)
    grouping = part(wanted)
    return Choice(grouping, (*tried, judge(values, grouping.labels, seed=seed)), len(tried))


def _by_density(values: Numbers, settings: Sequence[float], part: Callable[[float], Dense], *, seed: int) -> Choice:
    found = [part(setting) for setting in settings]
    tried = tuple(
        judge(values, one.labels, seed=seed, setting=setting) for one, setting in zip(found, settings, strict=True)
    )
    able = [at for at, one in enumerate(tried) if one.groups > 1]
    if not able:
        raise TooAlike(TooAlike.__doc__)
    able = [at for at in able if tried[at].alone <= MOST_ALONE] or able
    at = able[best([tried[index] for index in able])]
    return Choice(found[at], tried, at)


def neighbours_of(values: Numbers) -> int:
    """Twice the dimensions (Sander and others 1998), and no more than a small sample bears."""
    return int(max(4, min(2 * values.shape[1], len(values) // 20)))


def _spread(found: Sequence[float]) -> Numbers:
    known = np.array(found, dtype=np.float64)
    known[~np.isfinite(known)] = known[np.isfinite(known)].min(initial=0.0)
    width = known.max() - known.min()
    return (known - known.min()) / width if width > 0 else np.zeros(len(known))
