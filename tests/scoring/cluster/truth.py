"""How well the clusters of a demo shop agree with what was planted in it."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sklearn.metrics import adjusted_rand_score

from cdp.profiles.models import Record
from scoring.models import Cluster, Clustering, ClusterMember

NAMED = {"bargain": "Bargain seekers", "window": "Window shoppers", "frequent": "Frequent buyers"}


@dataclass(frozen=True)
class Agreement:
    people: int
    """Members of a cluster who were planted."""
    all_kinds: float
    """Adjusted Rand index over them."""
    planted: float
    """Over those of the three planted kinds that have a name of their own."""
    names: dict[str, str]
    """Kind → the name of the cluster in which most of them are."""


def agreement(clustering: Clustering, truth_lines: Iterable[str]) -> Agreement:
    """A profile is of the kind of most of its records: those who share a device may stand in one."""
    habits = {record["key"]: line["habit"] for line in map(json.loads, truth_lines) for record in line["records"]}
    kinds: dict[int, Counter[str]] = {}
    for profile_id, key in Record.objects.values_list("profile_id", "key"):
        if key in habits:
            kinds.setdefault(profile_id, Counter())[habits[key]] += 1
    names = dict(Cluster.objects.filter(clustering=clustering).values_list("pk", "name"))
    members = ClusterMember.objects.filter(clustering_id=clustering.pk).values_list("profile_id", "cluster_id")
    pairs = [(kinds[one].most_common(1)[0][0], names[cluster]) for one, cluster in members if one in kinds]
    planted = [pair for pair in pairs if pair[0] in NAMED]
    most = {kind: Counter(name for one, name in pairs if one == kind).most_common(1)[0][0] for kind in NAMED}
    return Agreement(
        len(pairs),
        adjusted_rand_score(*zip(*pairs, strict=True)),
        adjusted_rand_score(*zip(*planted, strict=True)),
        most,
    )
