"""Clusterings over the real tables: the demo's kinds are found and named, and go on from run to run."""

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from cdp.common.models import Job
from cdp.events.partitions import ensure_months
from scoring.cluster import schedule, work
from scoring.cluster.choosing import TooAlike
from scoring.cluster.learn import gather
from scoring.cluster.pool import Pool
from scoring.cluster.run import TooFewPeople, run
from scoring.cluster.themes import DEFAULT
from scoring.models import Cluster, Clustering, ClusterMember
from segments.models import Segment
from tests.cdp.connectors.demo.features import UNTIL as NOW
from tests.cdp.connectors.demo.features import told
from tests.scoring.cluster import planted
from tests.scoring.cluster.truth import NAMED

UTC = ZoneInfo("UTC")
YEAR = 360
pytestmark = pytest.mark.django_db


def a_clustering(**more: Any) -> Clustering:
    return Clustering.objects.create(
        **{"name": "Ways to shop", "features": list(DEFAULT.features), "created_at": NOW, **more}
    )


def shoppers(first: int, n: int, kind: str, *, seed: int = 1) -> None:
    """`kind`: bargain orders monthly with a coupon, frequent every second week, window looks and never orders."""
    rng, events = np.random.default_rng(seed + first), []
    for person in range(first, first + n):
        orders = {"bargain": 12, "frequent": 26, "window": 0}[kind]
        visits = {"bargain": 8, "frequent": 6, "window": 30}[kind]
        for day in rng.choice(YEAR, orders + visits, replace=False).tolist():
            at, is_order = NOW - timedelta(days=day, hours=1), orders > 0
            for view in range({"bargain": 3, "frequent": 2, "window": 6}[kind]):
                events.append(
                    planted.an_event(person, at + timedelta(minutes=view), "Product Viewed", f"{person}-{day}-{view}")
                )
            if is_order:
                orders -= 1
                about = {"coupon": "SALE"} if kind == "bargain" else {}
                events.append(
                    planted.an_event(person, at + timedelta(minutes=9), "Order Completed", f"{person}-{day}", 20, about)
                )
    profiles = [
        (one, str(uuid.UUID(int=one)), "{}", NOW - timedelta(days=YEAR + 1), NOW, NOW)
        for one in range(first, first + n)
    ]
    ensure_months(NOW - timedelta(days=YEAR + 1), NOW)
    planted.fill(profiles, events)


def names_of(clustering: Clustering, first: int, n: int) -> Counter[str]:
    names = dict(Cluster.objects.filter(clustering=clustering).values_list("pk", "name"))
    rows = ClusterMember.objects.filter(clustering_id=clustering.pk, profile_id__gte=first, profile_id__lt=first + n)
    return Counter(names[cluster] for cluster in rows.values_list("cluster_id", flat=True))


def test_the_kinds_of_the_demo_shop_are_found_and_named() -> None:
    """As offered, with no hand on it. Measured on all who are placed: those who came on at least 8 days of the year."""
    habits = planted.write(told(700))
    clustering = a_clustering()
    run(clustering, now=NOW, zone=UTC)
    names = dict(Cluster.objects.values_list("pk", "name"))
    pairs = [
        (habits[one], names[cluster]) for one, cluster in ClusterMember.objects.values_list("profile_id", "cluster_id")
    ]
    assert len(pairs) > 250
    assert adjusted_rand_score(*zip(*pairs, strict=True)) >= 0.8
    of_three = [pair for pair in pairs if pair[0] in NAMED]
    assert adjusted_rand_score(*zip(*of_three, strict=True)) >= 0.8
    for kind, name in NAMED.items():
        assert Counter(called for one, called in pairs if one == kind).most_common(1)[0][0] == name
        assert Counter(one for one, called in pairs if called == name).most_common(1)[0][0] == kind
    clustering.refresh_from_db()
    assert clustering.people == len(pairs)
    assert min(clustering.quality["bootstrap"].values()) > 0.75


@pytest.mark.parametrize("method", ["hierarchical", "hdbscan", "dbscan"])
def test_the_other_methods_find_plain_kinds_too(method: str) -> None:
    for place, kind in enumerate(NAMED):
        shoppers(1 + 40 * place, 40, kind)
    clustering = a_clustering(method=method)
    run(clustering, now=NOW, zone=UTC)
    for place, (kind, name) in enumerate(NAMED.items()):
        found = names_of(clustering, 1 + 40 * place, 40)
        assert found[name] >= 36, (kind, found)
    clustering.refresh_from_db()
    assert ("tree" in clustering.quality) == (method == "hierarchical")


def test_from_run_to_run_clusters_keep_their_id_and_members_their_since() -> None:
    for place, kind in enumerate(("bargain", "frequent")):
        shoppers(1 + 40 * place, 40, kind)
    clustering = a_clustering()
    run(clustering, now=NOW, zone=UTC)
    before = {one.name: one.pk for one in Cluster.objects.all()}
    assert set(before) == {"Bargain seekers", "Frequent buyers"}
    Cluster.objects.filter(pk=before["Frequent buyers"]).update(name="Regulars", is_named_by_hand=True)
    shoppers(81, 60, "window")
    clustering.refresh_from_db()
    stored = run(clustering, now=NOW + timedelta(hours=1), zone=UTC)
    after = {one.name: one.pk for one in Cluster.objects.filter(is_gone=False)}
    assert after["Bargain seekers"] == before["Bargain seekers"]
    assert after["Regulars"] == before["Frequent buyers"]
    assert stored.fresh == [after["Window shoppers"]]
    assert stored.gone == []
    since = dict(ClusterMember.objects.values_list("profile_id", "since"))
    assert {since[one] for one in range(1, 81)} == {NOW}
    assert {since[one] for one in range(81, 141)} == {NOW + timedelta(hours=1)}
    clustering.refresh_from_db()
    assert clustering.quality["before"]["index"] == 1
    assert {one.name: one.size for one in Cluster.objects.all()} == {
        "Bargain seekers": 40,
        "Regulars": 40,
        "Window shoppers": 60,
    }


def test_a_cluster_whose_people_are_not_asked_about_any_more_is_gone() -> None:
    for place, kind in enumerate(NAMED):
        shoppers(1 + 40 * place, 40, kind)
    clustering = a_clustering()
    run(clustering, now=NOW, zone=UTC)
    bought = {"kind": "event", "name": "Order Completed", "op": "at_least", "value": 1}
    Clustering.objects.update(population={"version": 1, "root": {"kind": "all", "of": [bought]}})
    clustering.refresh_from_db()
    stored = run(clustering, now=NOW, zone=UTC)
    assert stored.gone == ["Window shoppers"]
    assert ClusterMember.objects.count() == 80
    assert Cluster.objects.get(name="Window shoppers").is_gone


def test_people_of_whom_too_little_is_known_are_left_out_and_memory_is_a_file() -> None:
    shoppers(1, 60, "window")
    shoppers(61, 1, "frequent")
    profiles = [(99, str(uuid.UUID(int=99)), "{}", NOW, NOW, NOW)]
    planted.fill(profiles, [planted.an_event(99, NOW - timedelta(hours=2), "Product Viewed", "once")])
    with Pool() as pool:
        gather(pool, a_clustering(), now=NOW, zone=UTC, report=lambda share: None)
        ids, values = pool.sample(10_000, seed=1)
        assert ids.tolist() == list(range(1, 62))
        some, _ = pool.sample(20, seed=1)
        assert len(set(some.tolist())) == 20
        assert values.shape == (61, len(pool.columns))


def test_too_few_or_too_much_alike_is_said_on_the_clustering_and_nothing_is_lost() -> None:
    clustering = a_clustering()
    job = schedule.ask(clustering, by=None, now=NOW)
    assert work.run_job(job.pk, clock=lambda: NOW, zone=UTC) == []
    clustering.refresh_from_db()
    assert "too few people" in clustering.problem
    assert Job.objects.get().state == Job.State.DONE
    with pytest.raises(TooFewPeople):
        run(clustering, now=NOW, zone=UTC)
    shoppers(1, 60, "window")
    Clustering.objects.update(features=["discount_share"])
    clustering.refresh_from_db()
    with pytest.raises(TooAlike):
        run(clustering, now=NOW, zone=UTC)


def test_the_clock_starts_runs_once_and_a_lost_worker_is_made_up_for() -> None:
    clustering = a_clustering(schedule="0 5 * * *")
    schedule.set_next(clustering, now=NOW, zone=UTC)
    clustering.refresh_from_db()
    assert clustering.due_at == datetime(2026, 3, 2, 5, tzinfo=UTC)
    later = NOW + timedelta(days=3)
    assert len(schedule.ask_due(now=later, zone=UTC)) == 1
    assert schedule.ask_due(now=later, zone=UTC) == []
    job = Job.objects.get()
    assert schedule.ask(clustering, by=None, now=later).pk == job.pk
    assert schedule.unheard(now=later) == []
    assert schedule.unheard(now=later + timedelta(minutes=2)) == [job.pk]
    Job.objects.update(state=Job.State.RUNNING, heartbeat_at=later)
    assert schedule.unheard(now=later + timedelta(minutes=30)) == []
    assert schedule.unheard(now=later + timedelta(hours=3)) == [job.pk]


def test_a_run_refreshes_the_segments_that_name_the_clustering() -> None:
    for place, kind in enumerate(NAMED):
        shoppers(1 + 40 * place, 40, kind)
    clustering = a_clustering()
    run(clustering, now=NOW, zone=UTC)
    one = Cluster.objects.first()
    assert one is not None
    rule = {"version": 1, "root": {"kind": "cluster", "id": clustering.pk, "in": [one.pk]}}
    segment = Segment.objects.create(name="Those", rule=rule, created_at=NOW, changed_at=NOW, as_of=NOW, is_stale=False)
    job = schedule.ask(clustering, by=None, now=NOW)
    assert work.run_job(job.pk, clock=lambda: NOW, zone=UTC) == [segment.pk]
    segment.refresh_from_db()
    assert segment.is_stale
    assert schedule.segments_using(clustering.pk) == ["“Those”"]
