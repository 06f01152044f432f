"""From people to groups: their features gathered, a sample learned from, and whoever is left placed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from cdp.profiles.models import Profile
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from scoring.cluster import choosing, methods, scaling, themes
from scoring.cluster.choosing import Choice
from scoring.cluster.habits import Reader
from scoring.cluster.methods import Centred, Grouping
from scoring.cluster.pool import CHUNK, Pool
from scoring.cluster.scaling import Scaling
from scoring.columns import Numbers
from scoring.models import Clustering

Method = Clustering.Method
LEARNED_FROM = {Method.K_MEANS: 20_000, Method.HIERARCHICAL: 3_000, Method.HDBSCAN: 8_000, Method.DBSCAN: 8_000}
MANY = 100_000
"""Beyond so many people K-Means goes on in small batches over all of them."""


@dataclass(frozen=True)
class Learned:
    scaling: Scaling
    sample: Numbers
    choice: Choice
    left_out: list[str]
    """Features that are the same for all of them."""
    tree: methods.Tree | None = None


def gather(
    pool: Pool, clustering: Clustering, *, now: datetime, zone: ZoneInfo, report: Callable[[float], None]
) -> None:
    """Everybody of the population of whom enough is known. `report` gets the share that is done."""
    node = None if clustering.population is None else parse(clustering.population)
    cuts = {} if node is None else cuts_for(node, now=now, zone=zone)
    last = Profile.objects.order_by("-pk").values_list("pk", flat=True).first() or 1
    after = 0
    reader = Reader(now, zone)
    while len(table := reader.next(after, CHUNK)):
        after = int(table.profile_ids[-1])
        table = table.rows(themes.is_known_enough(table, least_days=least_days(clustering)))
        if node is not None:
            inside = matching(node, table.profile_ids.tolist(), now=now, zone=zone, cuts=cuts)
            table = table.rows(np.isin(table.profile_ids, np.fromiter(inside, dtype=np.int64, count=len(inside))))
        pool.add(table)
        report(after / last)


def least_days(clustering: Clustering) -> int:
    return int(clustering.parameters.get("least_days", themes.LEAST_DAYS))


def learn(pool: Pool, clustering: Clustering) -> Learned:
    """Raises choosing.TooAlike."""
    method, seed = Method(clustering.method), clustering.seed
    _, values = pool.sample(LEARNED_FROM[method], seed=seed)
    wanted = set(clustering.features)
    fitted = scaling.fit(values, pool.columns, wanted, themes=themes.THEME_OF, evidence=themes.EVIDENCE)
    if not fitted.axes:
        raise choosing.TooAlike(choosing.TooAlike.__doc__)
    near, left_out = fitted.apply(values, pool.names), sorted(wanted - {axis.name for axis in fitted.axes})
    if method is Method.K_MEANS:
        return Learned(fitted, near, choosing.by_k_means(near, clustering.wanted, seed=seed), left_out)
    if method is Method.HIERARCHICAL:
        tree = methods.ward(near)
        return Learned(fitted, near, choosing.by_ward(tree, clustering.wanted, seed=seed), left_out, tree)
    find = choosing.by_dbscan if method is Method.DBSCAN else choosing.by_hdbscan
    return Learned(fitted, near, find(near, seed=seed), left_out)


def grouping_of(pool: Pool, learned: Learned, clustering: Clustering) -> Grouping:
    """The largest group first. K-Means on many people walks on from the sample's centres over everybody."""
    found = learned.choice.grouping
    if clustering.method == Method.K_MEANS and pool.n > MANY:
        walking = MiniBatchKMeans(len(found.centres), init=found.centres, n_init=1, random_state=clustering.seed)
        rng = np.random.default_rng(clustering.seed)
        for _, values in pool.chunks():
            walking.partial_fit(rng.permutation(learned.scaling.apply(values, pool.names)))
        moved = np.asarray(walking.cluster_centers_, dtype=np.float64)
        found = Centred(methods.nearest(learned.sample, moved), moved)
    sizes = np.bincount(found.labels[found.labels >= 0], minlength=len(found.centres))
    return methods.renumbered(found, np.argsort(-sizes, kind="stable"))


def again(clustering: Clustering, learned: Learned) -> Callable[[Numbers, int], Grouping]:
    """The same way of parting, with the number or setting that was chosen, for other people."""
    method, picked = Method(clustering.method), learned.choice.tried[learned.choice.chosen]
    k, neighbours = len(learned.choice.grouping.centres), choosing.neighbours_of(learned.sample)

    def part(values: Numbers, seed: int) -> Grouping:
        if method is Method.K_MEANS:
            return methods.k_means(values, k, seed=seed, starts=2)
        if method is Method.HIERARCHICAL:
            return methods.ward(values).cut(k)
        if method is Method.DBSCAN:
            reach = picked.setting * (len(learned.sample) / len(values)) ** (1 / values.shape[1])
            return methods.dbscan(values, reach=reach, neighbours=neighbours)
        smallest = max(5, round(picked.setting * len(values) / len(learned.sample)))
        return methods.hdbscan(values, smallest=smallest, neighbours=neighbours)

    return part
