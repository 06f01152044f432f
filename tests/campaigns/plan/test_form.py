"""The form names the field that is wrong; what it is given comes out as it was said."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.forms import Edit
from campaigns.models import Campaign, FrequencyCap, SendingPolicy
from campaigns.policy import policy
from tests.campaigns.plan.cases import a_campaign, a_segment, at, some_people
from tests.cast import Cast
from tests.cdp.rules.test_rules import rule, trait
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
OSLO = ZoneInfo("Europe/Oslo")


def edit(campaign: Campaign | None = None, **given: Any) -> Edit:
    plain = {"name": "News", "sender": "S <s@x.org>", "sent_whole": "yes"}
    return Edit({**plain, **given}, campaign=campaign, zone=OSLO, now=NOW)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"included": []}, "included"),
        ({"kind": "triggered", "included": []}, ""),
        ({"included": [], "rule": json.dumps(rule(trait("city", "is", "Oslo")))}, ""),
        ({"rule": '{"version": 1, "root": {"kind": "x"}}'}, "rule"),
        ({"sender": "nobody"}, "sender"),
        ({"sender": "A\nBcc: x@y.org <s@x.org>"}, "sender"),
        ({"timing": "at"}, "send_at"),
        ({"timing": "at", "send_at": "2026-03-01T12:59"}, "send_at"),
        ({"timing": "at", "send_at": "soon"}, "send_at"),
        ({"timing": "at", "send_at": "2026-03-01T13:01"}, ""),
        ({"timing": "at", "send_at": "2026-04-01T13:01", "kind": "recurring", "cron": "0 9 * * *"}, "timing"),
        ({"timing": "local"}, "local_time"),
        ({"timing": "local", "local_time": "09:00", "send_on": "2026-02-28"}, "send_on"),
        ({"timing": "best_hour", "window_from": "9", "window_until": "9"}, "window_until"),
        ({"timing": "best_hour", "window_from": "9", "window_until": "12", "fallback_hour": "13"}, "fallback_hour"),
        ({"kind": "recurring"}, "cron"),
        ({"kind": "recurring", "cron": "every day"}, "cron"),
        ({"kind": "recurring", "cron": "0 9 * * *", "ends_at": "2026-01-01T00:00"}, "ends_at"),
        ({"holdout_percent": "51"}, "holdout_percent"),
    ],
)
def test_the_field_that_is_wrong_is_named(given: dict[str, Any], wrong: str) -> None:
    form = edit(**{"included": [a_segment([]).pk], **given})
    assert set(form.errors) == ({wrong} if wrong else set())


def test_a_segment_is_not_both_in_and_out() -> None:
    segment = a_segment([]).pk
    assert set(edit(included=[segment], excluded=[segment]).errors) == {"excluded"}


def test_times_are_the_shops_and_come_back_as_they_were_said() -> None:
    segment = a_segment([])
    form = edit(included=[segment.pk], timing="at", send_at="2026-07-01T09:00", utm_source="mail")
    assert form.is_valid()
    plan = form.plan()
    assert (plan.send_at, plan.utm, plan.included, plan.is_capped) == (
        at("2026-07-01 07:00"),
        {"source": "mail"},
        (segment,),
        False,  # the whole form was sent, and its box was not ticked
    )
    campaign = a_campaign(segment, timing="at", send_at=plan.send_at, utm=plan.utm)
    shown = Edit(campaign=campaign, zone=OSLO, now=NOW)
    assert (shown["send_at"].value(), shown["utm_source"].value()) == ("2026-07-01T09:00", "mail")


def test_the_audience_is_counted_while_it_is_chosen(cast: Cast) -> None:
    one, other = a_segment(some_people(3)), a_segment(some_people(2))
    url, mara = reverse("campaigns:audience_size"), cast.client("mara")
    both = mara.post(url, {"included": [one.pk, other.pk], "excluded": []}).content.decode()
    assert ">5<" in both
    assert "Choose a segment" in mara.post(url, {}).content.decode()


def test_the_list_is_filtered_and_says_when(cast: Cast) -> None:
    segment = a_segment([])
    weekly = a_campaign(segment, kind="recurring", cron="30 6 * * 1", state="sending", next_at=NOW)
    draft = a_campaign(a_segment([]))
    vic, url = cast.client("vic"), reverse("campaigns:campaigns")
    found = vic.get(url, {"state": "open", "segment": str(segment.pk)}).content.decode()
    assert weekly.name in found
    assert draft.name not in found
    assert "06:30 on monday" in found
    assert draft.name in vic.get(url, {"state": "draft"}).content.decode()


def test_a_longer_list_asks_no_more_questions(cast: Cast) -> None:
    vic, url, segment = cast.client("vic"), reverse("campaigns:campaigns"), a_segment([])
    counts = []
    for _ in range(2):
        for _ in range(3):
            a_campaign(segment, excluded=(a_segment([]),), rule=rule(trait("city", "is", "Oslo")))
        with CaptureQueriesContext(connection) as asked:
            assert vic.get(url).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_policy_is_kept_and_caps_come_and_go(cast: Cast) -> None:
    ada, url = cast.client("ada"), reverse("campaigns:policy")
    given = {"company": "Shop", "quiet_from": "22:00", "quiet_until": "08:00", "unknown": "ask", "click_days": "7"}
    refused = ada.post(url, {**given, "quiet_until": ""})
    assert (refused.status_code, SendingPolicy.objects.count()) == (422, 0)
    assert ada.post(url, {**given, "control_percent": "5"}).status_code == 302
    assert (policy().company, policy().control_percent, policy().open_days) == ("Shop", 5, 0)
    cap = {"most": "3", "n": "7", "period": "24"}
    assert "3 messages in 1 week" in ada.post(reverse("campaigns:add_cap"), cap, follow=True).content.decode()
    assert ada.post(reverse("campaigns:add_cap"), cap).status_code == 422
    ada.post(reverse("campaigns:remove_cap", args=[FrequencyCap.objects.get().pk]))
    assert not FrequencyCap.objects.exists()
