"""What a marketer sees and says of a triggered campaign."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import audience, draft
from campaigns.models import Campaign, Offer
from campaigns.triggers import ready_made
from campaigns.uses import campaigns_by_segment
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.events.shapes import fold
from scoring.models import Predictor
from tests.campaigns.triggers.making import (
    ADDED,
    BLOCKS,
    SIGNED_UP,
    a_campaign,
    a_person,
    happens,
    on_event,
    read_all,
)
from tests.factories import a_user
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
RULE = {"version": 1, "root": {"kind": "all", "of": [{"kind": "trait", "name": "city", "op": "is", "value": "Rome"}]}}


@pytest.fixture
def mara(client: Client) -> Client:
    client.force_login(a_user(role=Role.MARKETER))
    return client


def a_draft() -> Campaign:
    plan = draft.Plan(name="D", included=(), topic=None, sender="S <s@x.org>", kind=Campaign.Kind.TRIGGERED)
    return draft.create(plan, content={"version": 2, "subject": "Hi", "blocks": BLOCKS}, by=None, now=NOW)


def said(**more: object) -> dict[str, object]:
    form = {"kind": "event", "event": SIGNED_UP, "where": "[]", "delay": 0, "unit": "hour", "reentry": "never"}
    return {**form, "did": "nothing", "exit_events": "[]", "condition": "", "exit_rule": "", **more}


def test_what_is_said_is_kept_and_shown_again(mara: Client) -> None:
    campaign = a_draft()
    where = [{"property": "plan", "op": "is", "value": "gold"}]
    form = said(
        where=json.dumps(where),
        delay=4,
        condition=json.dumps(RULE),
        exit_events=json.dumps(["Order Completed"]),
        reentry="after",
        days=7,
    )
    url = reverse("campaigns:trigger", args=[campaign.pk])
    assert mara.post(url, form).status_code == 302
    campaign.refresh_from_db()
    assert campaign.trigger == on_event(where=where)
    assert (campaign.delay_s, campaign.reentry_days) == (4 * 3600, 7)
    assert campaign.condition == RULE
    assert campaign.exit == {"since_trigger": ["Order Completed"]}
    shown = mara.get(url).content.decode()
    assert 'value="Signed Up"' in shown and "Order Completed" in shown


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"event": ""}, "Is empty: choose or type it."),
        ({"kind": "enters"}, "Is missing."),
        ({"kind": "message"}, "Is missing."),
        ({"delay": 9_000, "unit": "day"}, "A year is the longest."),
        ({"where": json.dumps([{"property": "", "op": "is", "value": "x"}])}, "Is empty"),
        ({"where": "{"}, "Load the page anew"),
        ({"reentry": "after", "days": ""}, "Say after how many days."),
        ({"condition": json.dumps({"version": 1, "root": {"kind": "moon"}})}, "must be one of"),
    ],
)
def test_mistakes_stand_where_they_were_made(mara: Client, more: dict[str, object], says: str) -> None:
    answer = mara.post(reverse("campaigns:trigger", args=[a_draft().pk]), said(**more))
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_it_cannot_be_started_without_anything_that_starts_it() -> None:
    with pytest.raises(audience.NotReady, match=r"trigger\.kind"):
        audience.start(a_draft(), now=NOW)


def test_its_numbers_open_the_people(mara: Client) -> None:
    now = utc_now()
    campaign = a_campaign(on_event(), delay_s=3600, reentry_days=0, started_at=now)
    for name in ("ann", "bob"):
        a_person(name, at=now)
    for name in ("ann", "ann", "bob"):
        happens(name, at=now)
    read_all(now=now)
    page = mara.get(reverse("campaigns:trigger", args=[campaign.pk])).content.decode()
    assert "Starts when somebody does Signed Up, waits 1 hour" in page
    assert "Some people wait more than once" in page
    for which, n in (("today", 3), ("week", 3), ("waiting", 3), ("again", 0), ("", 3)):
        url = reverse("campaigns:trigger_people", args=[campaign.pk])
        with CaptureQueriesContext(connection) as queries:
            shown = mara.get(url, {"which": which}).content.decode()
        assert shown.count('data-label="Happened"') == n
        assert len(queries) < 15


def test_a_ready_made_cart_speaks_the_names_of_the_data(mara: Client) -> None:
    a_person("ann")
    happens("ann", "Added to Cart", properties={"product_id": "a"})
    fold(now=NOW)
    assert mara.post(reverse("campaigns:ready_made", args=["cart"])).status_code == 302
    campaign = Campaign.objects.get()
    assert campaign.trigger == on_event("Added to Cart")
    assert campaign.exit == {"since_trigger": ["Order Completed"]}
    assert campaign.delay_s == 4 * 3600
    assert any(block.get("source", {}).get("kind") == "cart" for block in campaign.template.content["blocks"])
    assert mara.post(reverse("campaigns:ready_made", args=["cart"])).status_code == 302
    assert Campaign.objects.filter(name="Abandoned cart 2").exists()
    assert mara.post(reverse("campaigns:ready_made", args=["moon"])).status_code == 302
    assert Campaign.objects.count() == 2


def test_a_ready_made_welcome_has_a_present_for_those_who_are_likely_to_buy() -> None:
    predictor = Predictor.objects.create(name="Buys", kind=Predictor.Kind.PURCHASE, days=30, created_at=NOW)
    Offer.objects.create(key="ten", name="Ten", kind=Offer.Kind.PERCENT, value=10, created_at=NOW, changed_at=NOW)
    campaign = ready_made.create("welcome", by=None, now=NOW)
    assert campaign.trigger["kind"] == "enters"
    [present] = [one for one in campaign.template.content["blocks"] if one["kind"] == "offer"]
    likely = {"kind": "score", "id": predictor.pk, "op": "more_than", "value": 0.75}
    assert present["when"] == {"version": 1, "root": {"kind": "all", "of": [likely]}}
    assert "else" not in present
    audience.start(campaign, now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENDING


def test_a_segment_starts_it_too(mara: Client) -> None:
    campaign, segment = a_draft(), a_segment({"kind": "event", "name": ADDED, "op": "at_least", "value": 1})
    form = said(kind="leaves", segment=segment.pk, delay=30, unit="minute")
    assert mara.post(reverse("campaigns:trigger", args=[campaign.pk]), form).status_code == 302
    campaign.refresh_from_db()
    assert campaign.trigger == {"kind": "leaves", "segment": segment.pk}
    assert campaign.delay_s == 1800


def test_a_segment_says_which_campaigns_it_starts() -> None:
    segment = a_segment({"kind": "event", "name": ADDED, "op": "at_least", "value": 1})
    a_campaign({"kind": "enters", "segment": segment.pk}, name="Starts")
    assert [(pk, use.name) for pk, use in campaigns_by_segment([segment.pk])] == [(segment.pk, "Starts")]
