"""Examples of the field: people grouped by how they shop, on the page that shows them."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse

from scoring.cluster.tasks import run
from scoring.cluster.themes import DEFAULT
from scoring.models import Cluster, Clustering
from tests.stories.fielded import Field, Json, opened, rule_of

pytestmark = pytest.mark.django_db
EACH = 18
KINDS = ("bargain", "frequent", "window")
NAMES = {"bargain": "Bargain seekers", "frequent": "Frequent buyers", "window": "Window shoppers"}
SET_UP = {
    "name": "Ways to shop",
    "whom": "everybody",
    "least_days": 8,
    "features": list(DEFAULT.features),
    "wanted": "3",
    "pace": "40 3 * * 1",
    "cron": "",
}


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> Field:
    made = opened(monkeypatch)
    for kind in KINDS:
        made.tell(*(one for n in range(EACH) for one in a_year_of(made, kind, n)))
    made.tell(made.viewed("newcomer", hours=1))
    return made


def a_year_of(field: Field, kind: str, n: int) -> Iterator[Json]:
    """Bargain hunters order monthly, with a coupon; frequent buyers twice a month; the others only look.
    No two are quite alike."""
    visits, views, orders = {"bargain": (14, 3, 12), "frequent": (26, 1, 24), "window": (18, 6, 0)}[kind]
    for visit in range(visits + n % 3):
        day = (visit * 340) // visits + n % 7
        for view in range(views + (visit + n) % 2 * (n % 4 == 0)):
            yield field.viewed(f"{kind}{n}", f"item{view}", days=day, minutes=60 - view)
        if orders and visit < orders + n % 5 - 2:
            order = field.ordered(f"{kind}{n}", total=20 + n, days=day)
            order["properties"] |= {"coupon": "SALE", "discount": 4} if kind == "bargain" else {}
            yield order


def set_up(field: Field, method: str) -> Clustering:
    answer = field.mara.post(reverse("scoring:clustering_new"), SET_UP | {"method": method})
    assert answer.status_code == 302, answer.content.decode()
    return ran(Clustering.objects.get())


def ran(clustering: Clustering) -> Clustering:
    clustering.refresh_from_db()
    assert clustering.last_job
    run(clustering.last_job.pk)
    clustering.refresh_from_db()
    assert not clustering.problem
    return clustering


def test_11_three_named_clusters(field: Field) -> None:
    clustering = set_up(field, "k_means")
    page = field.mara.get(reverse("scoring:clustering", args=[clustering.pk])).content.decode()
    assert all(name in page for name in NAMES.values())
    bargain = Cluster.objects.get(name="Bargain seekers")
    rename = reverse("scoring:cluster_rename", args=[clustering.pk, bargain.pk])
    field.mara.post(rename, {"name": "Coupon people"})
    segment = field.segment("Coupons", rule_of(11, {"id": clustering.pk, "in": [bargain.pk]}))
    assert field.members(segment) == sorted(f"bargain{n}" for n in range(EACH))
    field.mara.post(reverse("scoring:clustering_run", args=[clustering.pk]))
    ran(clustering)
    page = field.mara.get(reverse("scoring:clustering", args=[clustering.pk])).content.decode()
    assert "Coupon people" in page and "Bargain seekers" not in page
    assert sorted(sizes(field, clustering).values()) == [EACH, EACH, EACH]  # the newcomer came on one day only


def test_12_hierarchical_clusters_cut_at_the_dendrogram(field: Field) -> None:
    clustering = set_up(field, "hierarchical")
    assert len(sizes(field, clustering)) == 3
    page = field.mara.get(reverse("scoring:clustering", args=[clustering.pk])).content.decode()
    assert "Who was joined with whom" in page and "Cut it into so many clusters" in page
    before, height = dict(Cluster.objects.values_list("name", "pk")), clustering.quality["tree"]["cut"]
    buyers = [before[NAMES["bargain"]], before[NAMES["frequent"]]]
    segment = field.segment("Buyers", rule_of(12, {"id": clustering.pk, "in": buyers}))
    everybody = sorted(f"{kind}{n}" for kind in KINDS[:2] for n in range(EACH))
    assert field.members(segment) == everybody
    cut = reverse("scoring:clustering_cut", args=[clustering.pk])
    for wrong in ("1", "21", "x"):
        field.mara.post(cut, {"wanted": wrong})
        clustering.refresh_from_db()
        assert clustering.wanted == 3
    field.mara.post(cut, {"wanted": "2"})
    ran(clustering)
    assert clustering.quality["tree"]["cut"] > height
    assert sorted(sizes(field, clustering).values()) == [EACH, 2 * EACH]
    field.mara.post(cut, {"wanted": "3"})
    ran(clustering)
    assert sorted(sizes(field, clustering).values()) == [EACH, EACH, EACH]


def sizes(field: Field, clustering: Clustering) -> dict[str, int]:
    """Cluster → how many people its page lists."""
    found = {}
    for one in Cluster.objects.filter(clustering=clustering, is_gone=False):
        page = field.mara.get(reverse("scoring:cluster_people", args=[clustering.pk, one.pk])).content.decode()
        found[one.name] = len(set(re.findall(r"/people/[0-9a-f-]{36}/", page)))
    return found
