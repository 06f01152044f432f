"""Computed traits over HTTP: the pages of a marketer, what others may not, and the API."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cdp.analytics.models import ComputedTrait
from cdp.profiles.models import Identifier, Profile
from segments import save as segments
from segments.models import Segment
from tests.cast import Cast
from tests.cdp.analytics.keeping import follow_all, refresh_all, value
from tests.factories import a_token
from tests.taking_in import NOW, take_in, track

pytestmark = pytest.mark.django_db
VIEW, BUY = "Product Viewed", "Order Completed"
VIEWS = {"kind": "events", "measure": "count", "name": VIEW}


@pytest.fixture
def shop(db: None) -> None:
    views = [track(f"u{n}", VIEW, properties={"product_id": "a"}) for n in range(6) for _ in range(n)]
    buys = [track(f"u{n}", BUY, properties={"order_id": str(n), "total": n}) for n in range(4)]
    take_in([*views, *buys])
    refresh_all()


def trait_of(key: str) -> ComputedTrait:
    return ComputedTrait.objects.get(key=key)


def posted(client: Client, name: str, data: dict[str, Any], *arguments: int) -> Any:
    return client.post(reverse(name, args=arguments), data)


def in_segment(name: str, **leaf: Any) -> Segment:
    return segments.create(name, rule={"version": 1, "root": {"kind": "computed", **leaf}}, by=None, now=NOW)


@pytest.mark.usefixtures("shop")
def test_a_marketer_makes_one_and_everybody_has_it(cast: Cast) -> None:
    mara = cast.client("mara")
    form = {"label": "Views", "key": "views", "description": "", "definition": json.dumps(VIEWS)}
    answer = posted(mara, "analytics:new", form)
    assert answer.status_code == 302, answer.content.decode()
    assert trait_of("views").type == "number"
    refresh_all()
    assert value("views", "u3") == 3
    take_in([track("u3", VIEW)])
    follow_all()
    assert value("views", "u3") == 4
    page = mara.get(answer.url).content.decode()
    assert "The number of Product Viewed at any time" in page
    assert "Highest" in page


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("key", ["recency", "engagement", "lifecycle_stage", "favourite_category", "rfm"])
def test_every_kind_has_a_page_and_a_form(cast: Cast, key: str) -> None:
    mara, pk = cast.client("mara"), trait_of(key).pk
    for name in ("analytics:trait", "analytics:edit", "analytics:progress"):
        assert mara.get(reverse(name, args=[pk])).status_code == 200


@pytest.mark.usefixtures("shop")
def test_the_list_says_what_uses_each(cast: Cast, django_assert_max_num_queries: Any) -> None:
    segment = in_segment("Fans", key="engagement", op="at_least", value=5)
    vic = cast.client("vic")
    vic.get(reverse("analytics:traits"))
    with django_assert_max_num_queries(40):
        page = vic.get(reverse("analytics:traits")).content.decode()
    assert reverse("segments:segment", args=[segment.pk]) in page
    assert "Days since last order" in page and "<rect" in page


@pytest.mark.usefixtures("shop")
def test_editing_weights_shows_how_segments_change_and_changes_nothing(cast: Cast) -> None:
    in_segment("Fans", key="engagement", op="at_least", value=5)
    mara, trait, before = cast.client("mara"), trait_of("engagement"), value("engagement", "u1")
    definition = {"kind": "points", "weights": {VIEW: 50}, "half_life_days": 3000}
    page = posted(mara, "analytics:preview", {"definition": json.dumps(definition), "trait": str(trait.pk)})
    assert "Fans" in page.content.decode()
    assert [(one.use.name, one.before, one.after) for one in page.context["trial"].effects] == [("Fans", 0, 5)]
    assert value("engagement", "u1") == before
    assert trait_of("engagement").definition == {"kind": "points"}


def test_what_is_wrong_is_told(cast: Cast) -> None:
    mara = cast.client("mara")
    wrong = json.dumps({"kind": "events", "name": VIEW, "measure": "distinct"})
    page = posted(mara, "analytics:preview", {"definition": wrong})
    assert "of which property?" in page.content.decode()
    answer = posted(mara, "analytics:new", {"label": "x", "key": "X!", "definition": wrong})
    assert answer.status_code == 422
    assert "Only small letters" in answer.content.decode()


@pytest.mark.usefixtures("shop")
def test_what_is_used_stays(cast: Cast) -> None:
    mara, engagement = cast.client("mara"), trait_of("engagement")
    segment = in_segment("Fans", key="engagement", op="at_least", value=5)
    posted(mara, "analytics:switch", {}, engagement.pk)
    assert trait_of("engagement").is_on
    segments.archive(segment, now=NOW)
    posted(mara, "analytics:switch", {}, engagement.pk)
    refresh_all()
    assert not trait_of("engagement").is_on
    assert value("engagement", "u3") is None


@pytest.mark.usefixtures("shop")
def test_the_map_counts_the_buyers(cast: Cast) -> None:
    vic = cast.client("vic")
    page = vic.get(reverse("analytics:rfm"))
    assert "4 buyers" in page.content.decode()
    assert "Make a segment" not in vic.get(reverse("analytics:rfm_people", args=[5, 1])).content.decode()
    assert vic.get(reverse("analytics:rfm_people", args=[9, 1])).status_code == 404
    cell = cast.client("mara").get(reverse("analytics:rfm_people", args=[5, 1])).content.decode()
    address = re.findall(r'href="([^"]+rule=[^"]+)"', cell)[0]
    begun = cast.client("mara").get(html.unescape(address))
    assert begun.context["form"].initial["rule"]["root"] == {"kind": "rfm", "recency": [5], "frequency": [1]}
    broken = cast.client("mara").get(reverse("segments:new"), {"rule": '{"version": 1, "root": {"kind": "rfm"}}'})
    assert "cannot be used" in broken.content.decode()


@pytest.mark.usefixtures("shop")
def test_a_viewer_may_look_and_not_change(cast: Cast) -> None:
    vic, pk = cast.client("vic"), trait_of("engagement").pk
    profile = Profile.objects.get(pk=Identifier.objects.get(value="u3").profile_id)
    assert "Engagement score" in vic.get(reverse("analytics:of_person", args=[profile.uuid])).content.decode()
    assert posted(vic, "analytics:switch", {}, pk).status_code == 403
    assert vic.get(reverse("analytics:new")).status_code == 403


@pytest.mark.usefixtures("shop")
def test_the_api() -> None:
    _, text = a_token("segments:read", "segments:write", "profiles:read")
    client = Client(headers={"Authorization": f"Bearer {text}"})

    def call(method: str, path: str, body: Any = None) -> Any:
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(client, method)(f"/api/{path}", **data)

    made = call("post", "computed-traits", {"key": "views", "name": "Views", "definition": VIEWS})
    assert (made.status_code, made.json()["english"]) == (201, "the number of Product Viewed at any time")
    assert call("post", "computed-traits", {"key": "views", "name": "V", "definition": VIEWS}).status_code == 409
    refused = call("post", "computed-traits", {"key": "v", "name": "V", "definition": {"kind": "events"}})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["place"] == "definition.measure"
    assert len(call("get", "computed-traits?limit=200").json()["results"]) == 16
    refresh_all()
    values = {one["key"]: one["value"] for one in call("get", "profiles/user_id:u3/computed-traits").json()["values"]}
    assert (values["views"], values["frequency"], values["monetary"]) == (3, 1, 3)
    changed = call("patch", "computed-traits/views", {"name": "Looks"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Looks")
    assert call("delete", "computed-traits/recency").status_code == 409
    assert call("delete", "computed-traits/views").status_code == 204
    assert call("get", "computed-traits/views").status_code == 404
    assert call("get", "computed-traits/schema").json()["oneOf"]
