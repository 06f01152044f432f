"""`cluster`: being in one of some clusters of a clustering."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Outside, Scope
from scoring.models import Cluster, Clustering

MOST = 50
ID = {"type": "integer", "minimum": 1, "maximum": 2**53}


def fact(clustering_id: int) -> str:
    """What rules that name the clustering depend on."""
    return f"cluster:{clustering_id}"


def known_clusters() -> tuple[tuple[int, str, int, str], ...]:
    """Clusters that rules can name, with their clustering."""
    rows = Cluster.objects.filter(clustering__archived_at=None).order_by("id")
    return tuple(rows.values_list("clustering_id", "clustering__name", "id", "name"))


@dataclass(frozen=True)
class ClusterLeaf(Leaf):
    """People in no cluster are in none of those named."""

    kind: ClassVar[str] = "cluster"
    clustering_id: int
    name: str
    clusters: tuple[tuple[int, str], ...]
    """(id, name)."""

    @classmethod
    def parse(cls, fields: Fields) -> "ClusterLeaf":
        fields.only("kind", "id", "in")
        clustering_id = fields.whole("id", least=1, most=2**53)
        named = Clustering.objects.filter(pk=clustering_id, archived_at=None).values_list("name", flat=True).first()
        if named is None:
            raise RuleError(fields.at("id"), f"there is no clustering {clustering_id}, or it is archived")
        said = fields.value("in")
        if not isinstance(said, list) or not 1 <= len(said) <= MOST:
            raise RuleError(fields.at("in"), f"must be a list of 1 to {MOST} clusters")
        known = dict(Cluster.objects.filter(clustering=clustering_id).values_list("id", "name"))
        found: dict[int, str] = {}
        for index, one in enumerate(said):
            key = f"in[{index}]"
            cluster_id = Fields({key: one}, fields.place).whole(key, least=1, most=2**53)
            if cluster_id in found:
                raise RuleError(fields.at(key), "is there already")
            if cluster_id not in known:
                raise RuleError(fields.at(key), f"“{named}” has no cluster {cluster_id}")
            found[cluster_id] = known[cluster_id]
        return cls(clustering_id, named, tuple(found.items()))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        clusters = {"type": "array", "items": ID, "minItems": 1, "maxItems": MOST, "uniqueItems": True}
        return {"properties": {"id": ID, "in": clusters}, "required": ["id", "in"]}

    def english(self) -> str:
        names = [f"“{name}”" for _, name in self.clusters]
        said = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        return f"who are in the cluster {said} of “{self.name}”"

    def members(self, scope: Scope) -> Members:
        return Members(self._select("m.profile_id", scope))

    def observed(self, scope: Scope) -> Sql:
        """The cluster they are in, also where it is not one of those named, and since when."""
        return fill(
            "select m.profile_id, c.name || ', since ' || to_char(m.since at time zone 'UTC', 'YYYY-MM-DD')"
            " from scoring_clustermember m join scoring_cluster c on c.id = m.cluster_id"
            " where m.clustering_id = {id}{narrowed}",
            id=self.clustering_id,
            narrowed=scope.narrowed("m.profile_id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({fact(self.clustering_id)})

    def outside(self) -> frozenset[Outside]:
        return frozenset({known_clusters})

    def _select(self, what: str, scope: Scope) -> Sql:
        return fill(
            f"select {what} from scoring_clustermember m where m.cluster_id = any({{clusters}}){{narrowed}}",
            clusters=[cluster_id for cluster_id, _ in self.clusters],
            narrowed=scope.narrowed("m.profile_id"),
        )


def choices() -> list[dict[str, Any]]:
    """What the rule builder offers: clusterings, and the clusters of each."""
    found: dict[int, dict[str, Any]] = {}
    rows = Cluster.objects.filter(clustering__archived_at=None, is_gone=False).order_by("clustering__name", "-size")
    for pk, name, size, of, called in rows.values_list("id", "name", "size", "clustering_id", "clustering__name"):
        one = found.setdefault(of, {"id": of, "name": called, "clusters": []})
        one["clusters"].append({"id": pk, "name": name, "note": f"{size:,}"})
    return list(found.values())


def rule_of(cluster: Cluster) -> dict[str, Any]:
    """The rule of a segment of its people."""
    return {
        "version": 1,
        "root": {"kind": "all", "of": [{"kind": "cluster", "id": cluster.clustering_id, "in": [cluster.pk]}]},
    }
