"""What somebody does starts a campaign for them: each happening once, and only what is new."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import planning, verbs
from campaigns.models import Campaign, Delivery, Listening, Triggered
from campaigns.triggers.listening import begin
from campaigns.triggers.read import read
from cdp.profiles.models import Profile, Record, Touched
from cdp.rules.tree import UTC
from identity.by_hand import merge_profiles, unmerge
from tests.campaigns.triggers.making import (
    ADDED,
    SIGNED_UP,
    a_campaign,
    a_person,
    got,
    happens,
    later,
    noted,
    on_event,
    outcomes,
    planned,
    read_all,
    send_due,
)
from tests.taking_in import NOW, identify, rows, take_in, track

pytestmark = pytest.mark.django_db


def test_an_event_is_answered_once_after_the_delay() -> None:
    campaign = a_campaign(on_event(), delay_s=60)
    a_person("ann")
    happens("ann", at=later(minutes=1), messageId="same")
    happens("ann", at=later(minutes=1), messageId="same")
    read_all(now=later(minutes=1))
    read_all(now=later(minutes=1))
    assert planned(campaign) == [("ann", later(minutes=2))]
    send_due(campaign, now=later(minutes=2))
    assert got() == ["ann"]


def test_other_events_and_properties_start_nothing() -> None:
    where = [{"property": "plan", "op": "is", "value": "gold"}]
    campaign = a_campaign(on_event(where=where))
    for name, plan in (("ann", "gold"), ("bob", "free")):
        a_person(name)
        happens(name, properties={"plan": plan})
        happens(name, "Product Viewed")
    read_all()
    assert [name for name, _ in planned(campaign)] == ["ann"]


def test_what_came_before_the_start_is_old_or_imported_starts_nothing() -> None:
    campaign = a_campaign(on_event())
    for name in ("early", "old", "imported", "late"):
        a_person(name, at=later(hours=-30))
    happens("early", at=later(minutes=-1))
    happens("old", at=later(hours=-26), now=later(minutes=1))
    happens("imported", at=later(minutes=1), lane="bulk")
    happens("late", at=later(hours=-20), now=later(minutes=1))
    read_all(now=later(minutes=2))
    assert [name for name, _ in planned(campaign)] == ["late"]


def test_never_again_each_time_or_after_days_whatever_the_order_they_came_in() -> None:
    never = a_campaign(on_event(), name="never")
    each = a_campaign(on_event(), name="each", reentry_days=0)
    days = a_campaign(on_event(), name="days", reentry_days=2)
    a_person("ann")
    happens("ann", at=later(hours=12), now=later(hours=13))
    happens("ann", at=later(hours=11), now=later(hours=13))
    read_all(now=later(hours=13))
    happens("ann", at=later(hours=60))
    read_all(now=later(hours=60))
    assert noted(never) == ["started", "again", "again"]
    assert noted(each) == ["started"] * 3
    assert noted(days) == ["started", "again", "started"]
    assert [at for _, at in planned(never)] == [later(hours=11)]


def test_what_was_taken_in_while_it_was_being_started_is_found() -> None:
    """The pipeline did not know of it yet, so nobody was touched for it."""
    campaign = a_campaign(on_event())
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.DRAFT)
    a_person("ann")
    happens("ann", at=later(seconds=1))
    assert not Touched.objects.filter(reader="triggers").exists()
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.SENDING)
    Listening.objects.update(xact_id=1)
    read_all(now=later(seconds=2))
    assert [name for name, _ in planned(campaign)] == ["ann"]


def test_while_it_is_paused_nothing_starts_and_who_waits_goes_on_waiting() -> None:
    campaign = a_campaign(on_event(), delay_s=3600)
    for name in ("ann", "bob", "cid"):
        a_person(name)
    happens("ann", at=later(minutes=1))
    read_all(now=later(minutes=1))
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.PAUSED)
    happens("bob", at=later(minutes=2))
    read_all(now=later(minutes=2))
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.SENDING)
    begin(campaign, now=later(minutes=3))
    Listening.objects.update(xact_id=1)
    happens("cid", at=later(minutes=4))
    read_all(now=later(minutes=5))
    assert [name for name, _ in planned(campaign)] == ["ann", "cid"]


def two_devices() -> tuple[int, int]:
    """Ann signed up on the first."""
    for name in ("ann", "bob"):
        take_in([identify(anonymousId=name, traits={"email": f"{name}@x.org"})])
    take_in([track(anonymousId="ann", event=SIGNED_UP, at=later(minutes=1))], now=later(minutes=1))
    ann, bob = (Record.objects.get(key=f"anon:{name}").profile_id for name in ("ann", "bob"))
    return ann, bob


def test_people_who_are_merged_and_parted_while_they_wait_get_it_once() -> None:
    campaign = a_campaign(on_event(), reentry_days=0)
    ann, bob = two_devices()
    read_all(now=later(minutes=1))
    done = merge_profiles([ann, bob], by="user:1", now=later(minutes=2))
    touched_again(ann, bob)
    read_all(now=later(minutes=2))
    unmerge(done.merge_ids[0], by="user:1", now=later(minutes=3))
    touched_again(ann, bob)
    read_all(now=later(minutes=3))
    assert noted(campaign) == ["started"]
    send_due(campaign, now=later(minutes=4))
    assert len(got()) == 1


def test_somebody_merged_before_it_was_read_gets_it_as_who_they_became() -> None:
    campaign = a_campaign(on_event())
    ann, bob = two_devices()
    merge_profiles([ann, bob], by="user:1", now=later(minutes=2))
    read_all(now=later(minutes=2))
    assert len(planned(campaign)) == 1
    assert Delivery.objects.get().profile_id == Profile.objects.get(merged_into=None).pk


def test_after_a_merge_never_is_never_for_both() -> None:
    campaign = a_campaign(on_event())
    two = two_devices()
    read_all(now=later(minutes=1))
    merge_profiles(list(two), by="user:1", now=later(minutes=2))
    take_in([track(anonymousId="bob", event=SIGNED_UP, at=later(minutes=3))], now=later(minutes=3))
    read_all(now=later(minutes=3))
    assert noted(campaign) == ["started", "again"]


def touched_again(*profile_ids: int) -> None:
    for who in profile_ids:
        Touched.objects.create(reader="triggers", profile_id=who, names=[f"event:{SIGNED_UP}"], at=NOW)


def test_a_thousand_at_once_are_few_statements() -> None:
    campaign = a_campaign(on_event())
    people = [f"p{n}" for n in range(1000)]
    take_in([identify(name, traits={"email": f"{name}@x.org"}) for name in people])
    take_in([track(name, SIGNED_UP, at=later(seconds=1)) for name in people], now=later(seconds=1))
    with CaptureQueriesContext(connection) as queries:
        assert read(now=later(seconds=2), zone=UTC) == 1000
    assert len(queries) < 60
    assert Delivery.objects.filter(campaign_id=campaign.pk).count() == 1000
    assert rows("select count(*) from campaigns_triggered") == [(1000,)]


def test_events_of_one_person_that_come_together_start_it_once_or_each_time() -> None:
    never, each = a_campaign(on_event(ADDED), name="a"), a_campaign(on_event(ADDED), name="b", reentry_days=0)
    a_person("ann")
    take_in([track("ann", ADDED, at=later(seconds=n)) for n in range(3)], now=later(seconds=5))
    read_all(now=later(seconds=6))
    assert (len(planned(never)), len(planned(each))) == (1, 3)
    assert Triggered.objects.filter(campaign_id=never.pk, outcome="again").count() == 2
    assert outcomes(never) == [("ann", "planned")]


def test_it_begins_nothing_after_its_end() -> None:
    campaign = a_campaign(on_event())
    Campaign.objects.filter(pk=campaign.pk).update(ends_at=NOW + timedelta(minutes=1))
    a_person("ann")
    happens("ann", at=later(minutes=2))
    read_all(now=later(minutes=2))
    assert planned(campaign) == []


def test_resuming_says_that_what_happened_meanwhile_is_over() -> None:
    campaign = a_campaign(on_event())
    verbs.pause(campaign, by=None, now=later(minutes=1))
    a_person("ann")
    happens("ann", at=later(minutes=2))
    verbs.resume(campaign, by=None, now=later(minutes=3), zone=UTC)
    Listening.objects.update(xact_id=1)
    read_all(now=later(minutes=4))
    assert planned(campaign) == []


def test_what_fails_for_one_campaign_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = a_campaign(on_event(), name="broken"), a_campaign(on_event(), name="sound")
    planned_by = planning.plan

    def failing(campaign: Campaign, *args: Any, **more: Any) -> int:
        if campaign.pk == broken.pk:
            rows("select 1 / 0")
        return planned_by(campaign, *args, **more)

    monkeypatch.setattr("campaigns.triggers.begin.plan", failing)
    a_person("ann")
    happens("ann", at=later(minutes=1))
    read_all(now=later(minutes=1))
    assert [name for name, _ in planned(sound)] == ["ann"]
    assert noted(broken) == []
    assert Listening.objects.get(pk=broken.pk).error == "division by zero"
