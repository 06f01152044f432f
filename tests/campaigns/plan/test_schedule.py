"""When a campaign is planned: once, at its slots, and by two beats no more often than by one."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns import audience, occurrences, verbs
from campaigns.due import plan_some
from campaigns.ledger import is_finished
from campaigns.models import Campaign, Delivery
from campaigns.send import finish
from cdp.accounts.models import AuditEntry
from cdp.rules.tree import UTC
from segments.models import Membership
from tests.campaigns.plan.cases import a_campaign, a_segment, at, some_people
from tests.cdp.rules.test_rules import rule
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
Kind, State, Timing = Campaign.Kind, Campaign.State, Campaign.Timing
OSLO = ZoneInfo("Europe/Oslo")


def occurrences_of(campaign: Campaign) -> list[str]:
    return sorted(set(Delivery.objects.filter(campaign_id=campaign.pk).values_list("occurrence", flat=True)))


def recurring(cron: str = "0 9 * * *", **more: Any) -> Campaign:
    return a_campaign(a_segment(some_people(2)), kind=Kind.RECURRING, cron=cron, **more)


def now_of(campaign: Campaign) -> Campaign:
    return Campaign.objects.get(pk=campaign.pk)


def test_at_a_moment_goes_to_whoever_is_in_then() -> None:
    early, late = some_people(2)
    segment, moment = a_segment([early]), NOW + timedelta(days=2)
    campaign = a_campaign(segment, timing=Timing.AT, send_at=moment)
    assert audience.start(campaign, now=NOW) == 0
    assert now_of(campaign).state == State.SCHEDULED
    plan_some(now=moment - timedelta(seconds=1), zone=UTC)
    assert not Delivery.objects.exists()
    Membership.objects.filter(segment_id=segment.pk).delete()
    Membership.objects.create(segment_id=segment.pk, profile_id=late, entered_at=NOW)
    plan_some(now=moment, zone=UTC)
    assert list(Delivery.objects.values_list("profile_id", "due_at")) == [(late, moment)]
    assert (now_of(campaign).state, now_of(campaign).next_at) == (State.SENDING, None)


def test_two_beats_and_two_starts_are_one() -> None:
    campaign = recurring()
    audience.start(campaign, now=NOW)
    with pytest.raises(audience.AlreadyStarted):
        audience.start(campaign, now=NOW)
    later = NOW + timedelta(days=1)
    assert [occurrences.begin(campaign.pk, now=later, zone=UTC) for _ in range(2)] == [True, False]
    for _ in range(3):
        plan_some(now=later, zone=UTC)
    assert Delivery.objects.count() == 2


def test_again_and_again_each_time_for_whoever_is_in() -> None:
    campaign = recurring()
    audience.start(campaign, now=NOW)
    assert now_of(campaign).next_at == at("2026-03-02 09:00")
    (more,) = some_people(1)
    plan_some(now=at("2026-03-02 09:00"), zone=UTC)
    Membership.objects.create(segment_id=campaign.included.get().pk, profile_id=more, entered_at=NOW)
    plan_some(now=at("2026-03-03 09:00"), zone=UTC)
    assert occurrences_of(campaign) == ["2026-03-02T09:00:00+00:00", "2026-03-03T09:00:00+00:00"]
    assert Delivery.objects.count() == 5
    finish(campaign, now=NOW)
    assert now_of(campaign).state == State.SENDING  # it is on, also when nobody waits


def test_what_was_missed_while_nothing_ran_is_made_up_for_once() -> None:
    campaign = recurring()
    audience.start(campaign, now=NOW)
    late = at("2026-03-09 10:00")
    plan_some(now=late, zone=UTC)
    assert occurrences_of(campaign) == ["2026-03-02T09:00:00+00:00"]
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {late}
    assert now_of(campaign).next_at == at("2026-03-10 09:00")


def test_slots_keep_to_the_shops_clock_over_the_change() -> None:
    campaign = recurring()
    audience.start(campaign, now=at("2026-03-28 09:00"), zone=OSLO)
    assert now_of(campaign).next_at == at("2026-03-29 07:00")


def test_it_ends() -> None:
    campaign = recurring(ends_at=at("2026-03-02 12:00"))
    audience.start(campaign, now=NOW)
    plan_some(now=at("2026-03-02 09:00"), zone=UTC)
    assert now_of(campaign).next_at is None
    assert now_of(campaign).state == State.SENDING  # two people wait
    Delivery.objects.update(state=Delivery.State.ACCEPTED)
    plan_some(now=at("2026-03-02 13:00"), zone=UTC)
    assert now_of(campaign).state == State.SENT
    over = recurring(ends_at=at("2026-03-01 13:00"))
    with pytest.raises(audience.NeverComes):
        audience.start(over, now=NOW)


def test_an_audience_that_cannot_be_read_any_more_pauses_its_campaign_alone() -> None:
    broken, fine = recurring(), recurring()
    for one in (broken, fine):
        audience.start(one, now=NOW)
    Campaign.objects.filter(pk=broken.pk).update(rule=rule({"kind": "segment", "id": 10**9, "op": "in"}))
    plan_some(now=at("2026-03-02 09:00"), zone=UTC)
    assert (now_of(broken).state, now_of(fine).state) == (State.PAUSED, State.SENDING)
    assert "cannot be read" in AuditEntry.objects.get(verb="paused campaign").details["why"]
    assert occurrences_of(fine)
    assert not occurrences_of(broken)


def test_of_many_the_rest_follows_and_nothing_is_over_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "LOT", 3)
    campaign = a_campaign(a_segment(some_people(30)))
    assert audience.start(campaign, now=NOW) == 3
    Delivery.objects.update(state=Delivery.State.ACCEPTED)
    assert not is_finished(campaign)
    while plan_some(now=NOW, zone=UTC):
        pass
    assert Delivery.objects.count() == 30


def test_a_paused_one_is_not_planned_and_leaves_out_what_passed() -> None:
    campaign = recurring()
    audience.start(campaign, now=NOW)
    verbs.pause(campaign, by=None, now=NOW)
    plan_some(now=at("2026-03-04 09:00"), zone=UTC)
    assert not Delivery.objects.exists()
    verbs.resume(campaign, by=None, now=at("2026-03-04 12:00"), zone=UTC)
    assert (now_of(campaign).state, now_of(campaign).next_at) == (State.SENDING, at("2026-03-05 09:00"))
