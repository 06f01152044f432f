"""A marketer groups people over HTTP, names a group, makes a segment of it; who may not, may not."""

import json
from urllib.parse import unquote

import pytest

from cdp.profiles.models import Profile
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from scoring.cluster.page import context_of
from scoring.cluster.run import run
from scoring.cluster.themes import DEFAULT, PRESETS, THEME_OF, grouped, offered
from scoring.models import Cluster, Clustering, ClusterMember
from segments.models import Segment
from tests.cast import Cast
from tests.cdp.connectors.demo.features import UNTIL as NOW
from tests.factories import a_token
from tests.scoring.cluster.test_run import UTC, a_clustering, shoppers
from tests.scoring.cluster.truth import NAMED

pytestmark = pytest.mark.django_db
SET_UP = {
    "name": "Ways to shop",
    "whom": "everybody",
    "least_days": 8,
    "features": list(DEFAULT.features),
    "method": "k_means",
    "wanted": "",
    "pace": "40 3 * * 1",
    "cron": "",
}


def grouped_people() -> Clustering:
    for place, kind in enumerate(NAMED):
        shoppers(1 + 40 * place, 40, kind)
    clustering = a_clustering()
    run(clustering, now=NOW, zone=UTC)
    clustering.refresh_from_db()
    return clustering


def test_a_marketer_groups_people_and_makes_a_segment_of_one_group(cast: Cast) -> None:
    clustering = grouped_people()
    mara = cast.client("mara")
    page = mara.get(f"/predictions/clusters/{clustering.pk}/").content.decode()
    for name in NAMED.values():
        assert name in page
    assert "orders with a discount 100 % of the time" in page
    one = Cluster.objects.get(name="Bargain seekers")
    assert f"/predictions/clusters/{clustering.pk}/{one.pk}/" in page
    people = mara.get(f"/predictions/clusters/{clustering.pk}/{one.pk}/").content.decode()
    assert people.count("/people/00000000-") == 40
    card = next(card for card in context_of(clustering, zone=UTC)["cards"] if card["cluster"].pk == one.pk)
    address, said = card["segment_url"].split("?rule=")
    rule = json.loads(unquote(said))
    assert "Bargain seekers" in mara.get(address, {"rule": json.dumps(rule)}).content.decode()
    assert mara.post(address, {"name": "Coupons", "rule": json.dumps(rule)}).status_code == 302
    assert Segment.objects.get(name="Coupons").rule["root"]["of"][0]["in"] == [one.pk]
    renamed = mara.post(f"/predictions/clusters/{clustering.pk}/{one.pk}/rename/", {"name": "Thrifty"}, follow=True)
    assert "Thrifty" in renamed.content.decode()
    taken = mara.post(
        f"/predictions/clusters/{clustering.pk}/{one.pk}/rename/", {"name": "Frequent buyers"}, follow=True
    )
    assert "Another cluster is called" in taken.content.decode()
    assert Cluster.objects.get(pk=one.pk).is_named_by_hand
    used = mara.post(f"/predictions/clusters/{clustering.pk}/archive/", follow=True).content.decode()
    assert "used by “Coupons”" in used
    assert Clustering.objects.get().archived_at is None


def test_setting_one_up_starts_it_and_keeps_what_was_typed_wrong(cast: Cast) -> None:
    mara = cast.client("mara")
    assert "orders with a coupon" in mara.get("/predictions/clusters/new/").content.decode()
    for wrong, said in (
        ({"features": []}, "required"),
        ({"whom": "some"}, "Say which people"),
        ({"whom": "some", "population": '{"version": 1, "root": {"kind": "trait"}}'}, "is missing"),
        ({"pace": "own", "cron": "nonsense"}, "five fields"),
        ({"least_days": 0}, "greater than or equal"),
    ):
        answer = mara.post("/predictions/clusters/new/", {**SET_UP, **wrong})
        assert (answer.status_code, Clustering.objects.count()) == (422, 0), wrong
        assert said in answer.content.decode(), wrong
    assert mara.post("/predictions/clusters/new/", SET_UP).status_code == 302
    made = Clustering.objects.get()
    assert made.due_at is not None
    assert made.last_job is not None
    assert made.parameters == {"least_days": 8}
    again = mara.post("/predictions/clusters/new/", SET_UP)
    assert "Another clustering has this name" in again.content.decode()
    some = {
        "version": 1,
        "root": {"kind": "all", "of": [{"kind": "event", "name": "Order Completed", "op": "at_least", "value": 1}]},
    }
    changed = {**SET_UP, "whom": "some", "population": json.dumps(some), "method": "dbscan", "wanted": "4"}
    assert mara.post(f"/predictions/clusters/{made.pk}/edit/", changed).status_code == 302
    made.refresh_from_db()
    assert (made.population, made.method, made.wanted) == (some, "dbscan", None)
    page = mara.get(f"/predictions/clusters/{made.pk}/").content.decode()
    assert "Order Completed" in page


def test_empty_states_and_a_problem_are_said(cast: Cast) -> None:
    vic = cast.client("vic")
    assert "A marketer can set one up" in vic.get("/predictions/clusters/").content.decode()
    clustering = a_clustering(problem="There are too few people to tell groups apart: at least 50 are needed.")
    assert "too few people" in vic.get("/predictions/clusters/").content.decode()
    assert "too few people" in vic.get(f"/predictions/clusters/{clustering.pk}/").content.decode()
    assert vic.post(f"/predictions/clusters/{clustering.pk}/run/").status_code == 403
    assert cast.client("mara").post(f"/predictions/clusters/{clustering.pk}/archive/").status_code == 302
    assert "Nothing is archived" not in vic.get("/predictions/clusters/?state=archived").content.decode()


def test_the_rule_names_clusters_and_says_why(cast: Cast) -> None:
    clustering = grouped_people()
    one, other = Cluster.objects.order_by("pk")[:2]
    rule = {"version": 1, "root": {"kind": "cluster", "id": clustering.pk, "in": [one.pk, other.pk]}}
    node = parse(rule)
    assert to_english(node) == f"People who are in the cluster “{one.name}” or “{other.name}” of “Ways to shop”"
    member = ClusterMember.objects.filter(cluster_id=one.pk)[0]
    found = explain(node, member.profile_id, now=NOW, zone=UTC, cuts={})
    assert found.is_in
    for root, place in (
        ({"kind": "cluster", "id": 99, "in": [one.pk]}, "root.id"),
        ({"kind": "cluster", "id": clustering.pk, "in": []}, "root.in"),
        ({"kind": "cluster", "id": clustering.pk, "in": [one.pk, one.pk]}, "root.in[1]"),
        ({"kind": "cluster", "id": clustering.pk, "in": [10**6]}, "root.in[0]"),
        ({"kind": "cluster", "id": clustering.pk, "in": [one.pk], "op": "in"}, "root.op"),
    ):
        with pytest.raises(RuleError) as error:
            parse({"version": 1, "root": root})
        assert error.value.place == place


def test_the_profile_and_the_api_tell_a_persons_cluster(cast: Cast) -> None:
    clustering = grouped_people()
    person = Profile.objects.get(pk=1)
    panel = cast.client("vic").get(f"/predictions/clusters/of/{person.uuid}/").content.decode()
    assert "Bargain seekers" in panel and "Ways to shop" in panel
    client = cast.client("ada")
    headers = {"Authorization": f"Bearer {a_token('scores:read', 'profiles:read')[1]}"}
    listed = client.get("/api/clusterings", headers=headers).json()["results"]
    assert {one["name"] for one in listed[0]["clusters"]} == set(NAMED.values())
    alone = client.get(f"/api/clusterings/{clustering.pk}", headers=headers).json()
    assert alone == listed[0]
    assert parse(alone["clusters"][0]["rule"])
    known = client.get(f"/api/profiles/{person.uuid}", headers=headers).json()["clusters"]
    assert [one["name"] for one in known] == ["Bargain seekers"]
    assert client.get("/api/clusterings/999", headers=headers).status_code == 404
    without = {"Authorization": f"Bearer {a_token('segments:read')[1]}"}
    assert client.get("/api/clusterings", headers=without).status_code == 403


def test_every_feature_is_offered_once_and_every_choice_exists() -> None:
    known = set(offered())
    shown = [column.name for _, columns in grouped() for column in columns]
    assert sorted(shown) == sorted(known)
    assert set(THEME_OF) <= known
    assert all(set(preset.features) <= known for preset in PRESETS)
