"""Three ways to part people into groups. Each learns from a sample and can then place anybody."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import DBSCAN, HDBSCAN, KMeans
from sklearn.neighbors import NearestNeighbors

from scoring.columns import Numbers
from scoring.one_core import one_core

Labels = NDArray[np.int64]
NOBODY = -1
"""The label of those who belong to no group."""
STARTS = 5
AT_ONCE = 50_000


@dataclass(frozen=True)
class Centred:
    """Whoever is nearest to a group's middle belongs to it. `labels` are those of the people it was learned from."""

    labels: Labels
    centres: Numbers

    def place(self, values: Numbers) -> Labels:
        return np.concatenate([nearest(part, self.centres) for part in parts_of(values)])


@dataclass(frozen=True)
class Dense:
    """Whoever is as near to somebody in the thick of a group as people are to each other there belongs to it."""

    labels: Labels
    centres: Numbers
    core: Numbers
    core_labels: Labels
    reach: Numbers
    """How far the neighbours of each person of `core` are."""

    def place(self, values: Numbers) -> Labels:
        if not len(self.core):
            return np.full(len(values), NOBODY, dtype=np.int64)
        search = NearestNeighbors(n_neighbors=1).fit(self.core)
        found = []
        for part in parts_of(values):
            far, at = (one[:, 0] for one in search.kneighbors(part))
            found.append(np.where(far <= self.reach[at], self.core_labels[at], NOBODY))
        return np.concatenate(found).astype(np.int64)


Grouping = Centred | Dense


def renumbered(found: Grouping, order: Labels) -> Grouping:
    """The same groups in another order: the first will be `order[0]`."""
    new = np.empty(len(order) + 1, dtype=np.int64)
    new[order], new[NOBODY] = np.arange(len(order)), NOBODY  # the label -1 reads the last entry
    if isinstance(found, Dense):
        return replace(
            found, labels=new[found.labels], centres=found.centres[order], core_labels=new[found.core_labels]
        )
    return Centred(new[found.labels], found.centres[order])


def parts_of(values: Numbers) -> list[Numbers]:
    """So that distances to all centres need little memory; at least one, perhaps empty."""
    return [values[start : start + AT_ONCE] for start in range(0, max(len(values), 1), AT_ONCE)]


def nearest(values: Numbers, centres: Numbers) -> Labels:
    far = (centres**2).sum(axis=1) - 2 * values @ centres.T
    found: Labels = far.argmin(axis=1).astype(np.int64)
    return found


@one_core
def k_means(values: Numbers, k: int, *, seed: int, starts: int = STARTS) -> Centred:
    found = KMeans(k, n_init=starts, random_state=seed).fit(values)
    return Centred(found.labels_.astype(np.int64), np.asarray(found.cluster_centers_, dtype=np.float64))


@dataclass(frozen=True)
class Tree:
    """Ward's tree over a sample (Ward 1963): each step joins the two groups whose union scatters least more."""

    values: Numbers
    steps: Numbers
    """As scipy's linkage: (people − 1, 4), the last joins all."""

    def cut(self, k: int) -> Centred:
        labels = fcluster(self.steps, k, criterion="maxclust").astype(np.int64) - 1
        return Centred(labels, centres_of(self.values, labels))


def ward(values: Numbers) -> Tree:
    return Tree(values, linkage(values, method="ward"))


def dbscan(values: Numbers, *, reach: float, neighbours: int) -> Dense:
    found = DBSCAN(eps=reach, min_samples=neighbours).fit(values)
    core, labels = found.core_sample_indices_, found.labels_.astype(np.int64)
    return Dense(labels, centres_of(values, labels), values[core], labels[core], np.full(len(core), reach))


def hdbscan(values: Numbers, *, smallest: int, neighbours: int) -> Dense:
    """Campello, Moulavi and Sander 2013. A newcomer is judged by the core distance of the nearest member."""
    found = HDBSCAN(min_cluster_size=smallest, min_samples=neighbours, copy=True).fit(values)
    labels = found.labels_.astype(np.int64)
    inside = labels != NOBODY
    reach = neighbour_distances(values, neighbours)
    return Dense(labels, centres_of(values, labels), values[inside], labels[inside], reach[inside])


def neighbour_distances(values: Numbers, neighbours: int) -> Numbers:
    """To each one's so-manieth neighbour, itself counted."""
    far, _ = NearestNeighbors(n_neighbors=min(neighbours, len(values))).fit(values).kneighbors(values)
    found: Numbers = far[:, -1]
    return found


def centres_of(values: Numbers, labels: Labels) -> Numbers:
    k = int(labels.max(initial=NOBODY)) + 1
    return np.array([values[labels == one].mean(axis=0) for one in range(k)]).reshape(k, values.shape[1])
