"""What the pages of clusters show, gathered in a few statements."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.urls import reverse

from cdp.profiles.naming import people
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from scoring.cluster import charts
from scoring.cluster.leaf import rule_of
from scoring.cluster.schedule import OPEN, schedule_of
from scoring.cluster.stability import in_words
from scoring.cluster.themes import said
from scoring.models import Cluster, Clustering, ClusterMember

SHOWN = 5
"""People on a cluster's card."""
TONES = {"stable": "green", "wobbly": "yellow", "may be chance": "red"}
SAME = ((0.8, "almost as before"), (0.5, "much as before"), (0.2, "quite unlike before"))


def lines_of(rows: Sequence[Clustering]) -> list[tuple[Clustering, list[Cluster]]]:
    found: dict[int, list[Cluster]] = {row.pk: [] for row in rows}
    for one in Cluster.objects.filter(clustering__in=found, is_gone=False).order_by("-size", "id"):
        found[one.clustering_id].append(one)
    return [(row, found[row.pk]) for row in rows]


def context_of(clustering: Clustering, *, zone: ZoneInfo) -> dict[str, Any]:
    clusters = list(Cluster.objects.filter(clustering=clustering, is_gone=False).order_by("-size", "id"))
    by_id = {one.pk: one for one in clusters}
    order = [by_id.get(pk) for pk in clustering.quality.get("order", [])]
    job = clustering.last_job
    return {
        "clustering": clustering,
        "cards": [_card(clustering, one, shown) for one, shown in _with_people(clusters)],
        "job": job if job and (job.state in OPEN or job.state == job.State.FAILED) else None,
        "alone": clustering.quality.get("alone", 0),
        "whom": whom(clustering),
        "by_what": said(clustering.features),
        "left_out": said(clustering.quality.get("left_out", [])),
        "runs": schedule_of(clustering, zone).english(),
        "before": _before(clustering),
        "map": charts.people_map(clustering, order),
        "choice": charts.choice(clustering),
        "sizes": charts.sizes(clusters, clustering.quality.get("alone", 0)) if clusters else None,
        "tree": charts.tree(clustering, order),
    }


def whom(clustering: Clustering) -> str:
    if clustering.population is None:
        return "Everybody"
    try:
        return to_english(parse(clustering.population))
    except RuleError as error:
        return f"A rule that cannot be read any more: {error}"


def _with_people(clusters: Sequence[Cluster]) -> list[tuple[Cluster, list[Any]]]:
    """Some people of each: a short walk along the index per cluster."""
    rows = {
        one.pk: list(
            ClusterMember.objects.filter(cluster_id=one.pk)
            .order_by("-profile_id")
            .values_list("profile_id", flat=True)[:SHOWN]
        )
        for one in clusters
    }
    named = people(pk for some in rows.values() for pk in some)
    return [(one, [named[pk] for pk in rows[one.pk] if pk in named]) for one in clusters]


def _card(clustering: Clustering, cluster: Cluster, shown: list[Any]) -> dict[str, Any]:
    steady = clustering.quality.get("bootstrap", {}).get(str(cluster.pk))
    words = None if steady is None else in_words(steady)
    before = clustering.quality.get("before") or {}
    return {
        "cluster": cluster,
        "bars": charts.bars(cluster.figures),
        "people": shown,
        "steady": steady,
        "steady_words": words,
        "tone": TONES.get(words or "", "secondary"),
        "is_fresh": cluster.pk in before.get("fresh", []),
        "kept": before.get("alike", {}).get(str(cluster.pk)),
        "segment_url": f"{reverse('segments:new')}?rule={_encoded(rule_of(cluster))}",
    }


def _encoded(rule: dict[str, Any]) -> str:
    return quote(json.dumps(rule, separators=(",", ":")))


def _before(clustering: Clustering) -> dict[str, Any] | None:
    """How this run compares with the one before it."""
    before = clustering.quality.get("before")
    if not before:
        return None
    index = before.get("index")
    words = next((words for least, words in SAME if index is not None and index >= least), "nothing like before")
    named = dict(Cluster.objects.filter(pk__in=before.get("fresh", [])).values_list("pk", "name"))
    return {
        "index": index,
        "words": "hardly anybody was in both runs" if index is None else words,
        "fresh": list(named.values()),
        "gone": before.get("gone", []),
    }
