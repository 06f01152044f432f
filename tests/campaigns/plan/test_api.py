"""Campaigns over HTTP."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns.models import Campaign, Delivery, SendingPolicy
from campaigns.policy import THE_ONE
from tests.campaigns.plan.cases import a_campaign, a_segment, some_people
from tests.factories import a_token
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


def client(*scopes: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {a_token(*scopes)[1]}"})


def test_read_start_pause_resume_and_cancel() -> None:
    segment = a_segment(some_people(2))
    campaign = a_campaign(segment, timing="at", send_at=NOW + timedelta(days=20_000))
    api, url = client("campaigns:read", "campaigns:write"), f"/api/campaigns/{campaign.pk}"
    assert api.get(url).json()["audience"]["root"]["of"] == [{"kind": "segment", "id": segment.pk, "op": "in"}]
    states = [api.post(f"{url}/{verb}").json()["state"] for verb in ("start", "pause", "resume", "cancel")]
    assert states == ["scheduled", "paused", "scheduled", "cancelled"]
    assert api.post(f"{url}/pause").status_code == 409
    assert [one["id"] for one in api.get("/api/campaigns?state=cancelled").json()["results"]] == [campaign.pk]
    assert api.get("/api/campaigns?state=x").status_code == 400
    assert api.get("/api/campaigns/999999").status_code == 404
    assert client("campaigns:read").post(f"{url}/start").status_code == 403


def test_starting_asks_where_approval_is_needed() -> None:
    SendingPolicy.objects.create(pk=THE_ONE, needs_approval=True)
    campaign = a_campaign(a_segment(some_people(1)))
    assert client("campaigns:write").post(f"/api/campaigns/{campaign.pk}/start").json()["state"] == "waiting"
    assert not Delivery.objects.exists()
    assert Campaign.objects.get().asked_for
