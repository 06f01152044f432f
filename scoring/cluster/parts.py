"""The clusters of a person, as the API says all that is known of them."""

from typing import Any

from cdp.common.api_schema import TEXT, TIME, listed, obj
from cdp.profiles.known import Part
from cdp.profiles.models import Profile
from scoring.models import Cluster, ClusterMember

NUMBER = {"type": "integer"}


def _clusters(profile: Profile) -> list[dict[str, Any]]:
    rows = list(ClusterMember.objects.filter(profile_id=profile.pk).order_by("clustering_id"))
    known = Cluster.objects.filter(clustering__archived_at=None).select_related("clustering")
    found = known.in_bulk([row.cluster_id for row in rows])
    return [
        {
            "clustering": row.clustering_id,
            "clustering_name": found[row.cluster_id].clustering.name,
            "cluster": row.cluster_id,
            "name": found[row.cluster_id].name,
            "since": row.since,
        }
        for row in rows
        if row.cluster_id in found
    ]


PARTS = (
    Part(
        "clusters",
        _clusters,
        listed(obj(clustering=NUMBER, clustering_name=TEXT, cluster=NUMBER, name=TEXT, since=TIME)),
    ),
)
