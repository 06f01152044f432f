"""A marketer sets a goal, reads how far it is and opens its people; who may not, may not."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.goals import keep
from campaigns.models import Goal
from cdp.accounts.models import AuditEntry
from cdp.common.clock import utc_now
from cdp.rules.tree import UTC
from scoring import uses as of_predictors
from segments import save
from segments.uses import uses_of
from tests.campaigns.goals.making import BOUGHT, a_goal, control_of, order
from tests.cast import Cast
from tests.factories import a_token
from tests.segments.test_refresh import a_segment
from tests.taking_in import take_in

pytestmark = pytest.mark.django_db
BUYERS = {"version": 1, "root": {"kind": "event", "name": BOUGHT, "op": "at_least", "value": 1}}


def said(**more: Any) -> dict[str, Any]:
    today = utc_now().date()
    form = {"name": "Spring", "metric": "revenue", "whom": "everybody", "direction": "at_least", "target": "500"}
    days = {"starts_on": (today - timedelta(days=5)).isoformat(), "ends_on": (today + timedelta(days=5)).isoformat()}
    return form | days | more


@pytest.fixture
def shop() -> None:
    now = utc_now()
    take_in([order("ann", 100, at=now), order("bob", 20, at=now)], now=now)


def test_from_the_form_to_its_people(cast: Cast, shop: None) -> None:
    mara = cast.client("mara")
    assert "Set" not in mara.get(reverse("campaigns:goals")).content.decode().split("No goal yet")[0][-200:]
    preview = mara.post(reverse("campaigns:goal_preview"), said(target="", name="")).content.decode()
    assert "120.00 EUR" in preview and "2 ordered" in preview
    answer = mara.post(reverse("campaigns:goal_new"), said())
    made = Goal.objects.get()
    assert answer["Location"] == reverse("campaigns:goal", args=[made.pk])
    page = mara.get(answer["Location"]).content.decode()
    for words in ("120.00 EUR", "500.00 EUR", "behind", "2 ordered", "There is no control group", "needed to be there"):
        assert words in page, words
    listed = mara.get(reverse("campaigns:goals")).content.decode()
    assert "Spring" in listed and "behind" in listed
    people = reverse("campaigns:goal_people", args=[made.pk])
    control_of(10, ann=1, bob=99)
    for who, n in (("", 2), ("counted", 2), ("control", 1), ("others", 1)):
        assert mara.get(people, {"who": who}).content.decode().count('data-label="Counted"') == n
    assert mara.get(people, {"who": "x"}).status_code == 400
    assert mara.post(reverse("campaigns:goal_edit", args=[made.pk]), said(target="100")).status_code == 302
    assert "reached on" in mara.get(answer["Location"]).content.decode()
    assert mara.post(reverse("campaigns:goal_archive", args=[made.pk])).status_code == 302
    assert "Spring" not in mara.get(reverse("campaigns:goals")).content.decode().split("archived. It")[-1]
    assert "Spring" in mara.get(reverse("campaigns:goals"), {"state": "archived"}).content.decode()
    assert mara.post(reverse("campaigns:goal_restore", args=[made.pk])).status_code == 302
    verbs = AuditEntry.objects.filter(target="Spring").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["created goal", "changed goal", "archived goal", "restored goal"]


def test_every_metric_and_population_is_kept_as_it_was_said(cast: Cast, shop: None) -> None:
    mara, segment = cast.client("mara"), a_segment(BUYERS["root"])  # type: ignore[arg-type]
    for more, params in (
        ({"metric": "did", "event": BOUGHT, "times": 2}, {"event": BOUGHT, "times": 2}),
        ({"metric": "share", "segment": segment.pk}, {"segment": segment.pk}),
        ({"metric": "per_person", "whom": "segment", "among": segment.pk}, {}),
        ({"metric": "orders", "whom": "rule", "population": json.dumps(BUYERS)}, {}),
    ):
        assert mara.post(reverse("campaigns:goal_new"), said(**more)).status_code == 302
        made = Goal.objects.latest("pk")
        assert made.params == params
        again = mara.get(reverse("campaigns:goal_edit", args=[made.pk])).context["form"]
        for name, value in more.items():
            kept = again[name].value()
            if name == "population":
                assert json.loads(kept) == BUYERS
            else:
                assert str(kept) == str(value), name
    assert Goal.objects.latest("pk").population == BUYERS


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"metric": "did"}, "event"),
        ({"metric": "share"}, "segment"),
        ({"metric": "average"}, "averaged"),
        ({"metric": "average", "averaged": "score:99"}, "averaged"),
        ({"whom": "segment"}, "among"),
        ({"whom": "rule"}, "population"),
        ({"whom": "rule", "population": '{"version": 1, "root": {"kind": "moon"}}'}, "population"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"target": "much"}, "target"),
    ],
)
def test_mistakes_stand_where_they_were_made(cast: Cast, more: dict[str, Any], field: str) -> None:
    answer = cast.client("mara").post(reverse("campaigns:goal_new"), said(**more))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Goal.objects.exists()


def test_what_is_gone_is_said(cast: Cast) -> None:
    gone = {"version": 1, "root": {"kind": "segment", "id": 99, "op": "in"}}
    broken, mara = a_goal(population=gone), cast.client("mara")
    assert "cannot be read any more" in mara.get(reverse("campaigns:goal", args=[broken.pk])).content.decode()
    assert "cannot be told" in mara.get(reverse("campaigns:goal_people", args=[broken.pk])).content.decode()
    counted = mara.post(reverse("campaigns:goal_count", args=[broken.pk]), follow=True).content.decode()
    assert "its last count stands" in counted or "It cannot be counted" in counted


def test_a_segment_that_a_goal_counts_cannot_be_archived(cast: Cast) -> None:
    segment = a_segment(BUYERS["root"])  # type: ignore[arg-type]
    a_goal("share", params={"segment": segment.pk}, name="Half of all")
    assert [one.name for one in uses_of([segment.pk])[segment.pk]] == ["Half of all"]
    with pytest.raises(save.StillUsed, match="Half of all"):
        save.archive(segment, now=utc_now())
    a_goal("average", params={"predictor": 7}, name="Mean score")
    assert [one.name for one in of_predictors.uses_of([7])[7]] == ["Mean score"]


def test_the_api_and_how_many_statements_the_pages_take(cast: Cast, shop: None) -> None:
    now = utc_now()
    for n in range(6):
        made = a_goal(name=f"G{n}", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1), target=500)
        keep.count(made, now=now, zone=UTC)
    api = Client(headers={"Authorization": f"Bearer {a_token('campaigns:read')[1]}"})
    listed = api.get("/api/goals").json()["results"]
    assert [one["name"] for one in listed] == [f"G{n}" for n in range(6)]
    one = api.get(f"/api/goals/{made.pk}").json()
    assert (one["value"], one["people"], one["state"], one["counted"]) == (120, 2, "behind", "revenue")
    assert "no control group" in one["against_control"]["problem"]
    assert api.get("/api/goals/999999").status_code == 404
    assert api.get("/api/goals?state=x").status_code == 400
    other = Client(headers={"Authorization": f"Bearer {a_token('scores:read')[1]}"})
    assert other.get("/api/goals").status_code == 403
    vic = cast.client("vic")
    for name, args in (("campaigns:goals", []), ("campaigns:goal", [made.pk])):
        with CaptureQueriesContext(connection) as queries:
            assert vic.get(reverse(name, args=args)).status_code == 200
        assert len(queries) < 15, name
