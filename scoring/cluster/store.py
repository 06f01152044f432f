"""A run's result into the tables, in one transaction: clusters that go on keep their id, members their `since`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction

from cdp.common.copying import Cursor, copy_lines
from scoring.cluster.aligning import Aligned, Counts, align, align_by_centres
from scoring.cluster.methods import Labels
from scoring.cluster.naming import Proposal, distinct
from scoring.cluster.pool import Ids
from scoring.columns import Numbers
from scoring.models import Cluster, Clustering

FEW_SHARED = 0.1
"""Of the old members: fewer of them among the new ones, and the middles decide what goes on."""


@dataclass(frozen=True)
class Group:
    """One group of the run, as it is to be told."""

    size: int
    names: tuple[Proposal, ...]
    says: str
    figures: list[dict[str, Any]]


@dataclass(frozen=True)
class Stored:
    cluster_ids: list[int]
    """Of each group."""
    aligned: Aligned | None
    """None on the first run."""
    fresh: list[int]
    """Clusters that are new; empty on the first run."""
    gone: list[str]
    """Names of those not found any more."""


def copy_labels(cursor: Cursor, chunks: Iterable[tuple[Ids, Labels]]) -> None:
    """Into `fresh_members`, without those in no group. Who was merged away meanwhile is left out."""
    cursor.execute("drop table if exists pg_temp.fresh_members")
    cursor.execute("create temporary table fresh_members (profile_id bigint, label int) on commit drop")
    for ids, labels in chunks:
        inside = labels >= 0
        lines = [f"{one}\t{label}" for one, label in zip(ids[inside].tolist(), labels[inside].tolist(), strict=True)]
        if lines:
            copy_lines(cursor, "fresh_members", ("profile_id", "label"), lines)
    cursor.execute(
        "delete from fresh_members f using profiles_profile p where p.id = f.profile_id and p.merged_into is not null"
    )
    cursor.execute("analyze fresh_members")


def store(
    clustering: Clustering,
    groups: Sequence[Group],
    chunks: Iterable[tuple[Ids, Labels]],
    *,
    centres: tuple[Numbers, Numbers | None],
    now: datetime,
) -> Stored:
    """`centres`: of the groups, and of the living clusters by id in the same axes, if they are known."""
    with transaction.atomic(), connection.cursor() as cursor:
        Clustering.objects.select_for_update().get(pk=clustering.pk)
        old = list(Cluster.objects.filter(clustering=clustering, is_gone=False).order_by("id"))
        copy_labels(cursor, chunks)
        aligned = _aligned(cursor, clustering, len(groups), old, centres) if old else None
        same = aligned.same if aligned else {}
        kept = {group: old[at] for group, at in same.items()}
        ids = _write_clusters(clustering, groups, kept)
        gone = [one for one in old if one.pk not in {cluster.pk for cluster in kept.values()}]
        Cluster.objects.filter(pk__in=[one.pk for one in gone]).update(is_gone=True, size=0)
        _write_members(cursor, clustering, ids, now=now)
        fresh = [pk for group, pk in enumerate(ids) if group not in kept] if old else []
        return Stored(ids, aligned, fresh, [one.name for one in gone])


def _aligned(
    cursor: Cursor,
    clustering: Clustering,
    groups: int,
    old: Sequence[Cluster],
    centres: tuple[Numbers, Numbers | None],
) -> Aligned:
    shared, left = _shared(cursor, clustering, groups, old)
    new, before = centres
    if shared.sum() < FEW_SHARED * (shared.sum() + left.sum()) and before is not None:
        return align_by_centres(new, before)
    return align(shared, left)


def _shared(cursor: Cursor, clustering: Clustering, groups: int, old: Sequence[Cluster]) -> tuple[Counts, Counts]:
    """(groups, old clusters) in people, and how many of each old cluster are in no group now."""
    cursor.execute(
        "select f.label, m.cluster_id, count(*) from scoring_clustermember m"
        " left join fresh_members f on f.profile_id = m.profile_id where m.clustering_id = %s group by 1, 2",
        [clustering.pk],
    )
    at = {one.pk: index for index, one in enumerate(old)}
    shared, left = np.zeros((groups, len(old)), dtype=np.int64), np.zeros(len(old), dtype=np.int64)
    for label, cluster_id, n in cursor.fetchall():
        if cluster_id not in at:
            continue
        if label is None:
            left[at[cluster_id]] += n
        else:
            shared[label, at[cluster_id]] += n
    return shared, left


def _write_clusters(clustering: Clustering, groups: Sequence[Group], kept: Mapping[int, Cluster]) -> list[int]:
    """What somebody named keeps its name, and no other takes it."""
    taken = {group: one.name for group, one in kept.items() if one.is_named_by_hand}
    names = distinct([group.names for group in groups], taken)
    ids = []
    for at, group in enumerate(groups):
        one = kept.get(at) or Cluster(clustering=clustering)
        one.name, one.size, one.says, one.figures = names[at], group.size, group.says, group.figures
        one.save()
        ids.append(one.pk)
    return ids


def _write_members(cursor: Cursor, clustering: Clustering, ids: Sequence[int], *, now: datetime) -> None:
    """Who stays in a cluster stays in it since then."""
    cursor.execute(
        "insert into scoring_clustermember as m (profile_id, clustering_id, cluster_id, since)"
        " select f.profile_id, %s, (%s::bigint[])[f.label + 1], %s from fresh_members f"
        " on conflict (profile_id, clustering_id) do update set cluster_id = excluded.cluster_id, since ="
        " case when m.cluster_id = excluded.cluster_id then m.since else excluded.since end",
        [clustering.pk, list(ids), now],
    )
    cursor.execute(
        "delete from scoring_clustermember m where m.clustering_id = %s"
        " and not exists (select 1 from fresh_members f where f.profile_id = m.profile_id)",
        [clustering.pk],
    )
    cursor.execute(
        "update scoring_cluster c set size = (select count(*) from fresh_members f where f.label ="
        " array_position(%s::bigint[], c.id) - 1) where c.id = any(%s::bigint[])",
        [list(ids), list(ids)],
    )
