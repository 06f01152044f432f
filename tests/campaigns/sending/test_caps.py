"""Frequency caps and priority: who gets the last slot, and never two."""

import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from campaigns import ledger
from campaigns.models import Campaign, Delivery, FrequencyCap
from cdp.privacy.models import Consent, Purpose, Topic
from tests.campaigns.sending.planned import campaign_of, outcomes, plan, send, somebody
from tests.taking_in import NOW

HOUR = timedelta(hours=1)


def cap(most: int = 1, hours: int = 24, topic: Topic | None = None) -> None:
    FrequencyCap.objects.create(most=most, hours=hours, topic=topic)


def rival(campaign: Campaign) -> int | None:
    return Delivery.objects.get(campaign_id=campaign.pk).rival_id


@pytest.mark.django_db
def test_so_many_in_so_many_hours_and_then_again() -> None:
    cap(2, 24)
    ann = somebody("ann")
    first, second, third = (campaign_of(ann) for _ in range(3))
    assert [send(first), send(second), send(third)] == [["ann"], ["ann"], []]
    assert (outcomes(third), rival(third)) == ({"ann": "capped"}, None)
    later = campaign_of(ann, due_at=NOW + 25 * HOUR)
    assert send(later, now=NOW + 25 * HOUR) == ["ann"]


@pytest.mark.django_db
def test_service_messages_are_outside_and_do_not_count() -> None:
    cap()
    ann = somebody("ann")
    service = [campaign_of(ann, is_capped=False) for _ in range(2)]
    assert [send(one) for one in service] == [["ann"], ["ann"]]
    assert send(campaign_of(ann)) == ["ann"]
    assert send(campaign_of(ann, is_capped=False)) == ["ann"]


@pytest.mark.django_db
def test_one_of_a_topic_concerns_that_topic_alone() -> None:
    purpose, _ = Purpose.objects.get_or_create(key="test-mail", defaults={"name": "E-mail"})
    news = Topic.objects.create(key="n", name="N", purpose=purpose)
    Consent.objects.create(
        namespace="email", value="ann@x.org", purpose=purpose.key, topic="n", is_granted=True, at=NOW, last_at=NOW
    )
    cap(topic=news)
    ann = somebody("ann")
    assert [send(campaign_of(ann)) for _ in range(2)] == [["ann"], ["ann"]]
    first, second = campaign_of(ann, topic=news), campaign_of(ann, topic=news)
    assert [send(first), send(second)] == [["ann"], []]
    assert outcomes(second) == {"ann": "capped"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("due_at", "state", "wins"),
    [
        (NOW, "sending", True),
        (NOW + 23 * HOUR, "sending", True),
        (NOW + 25 * HOUR, "sending", False),
        (NOW + 3 * HOUR, "scheduled", True),
        (NOW, "paused", False),
        (NOW, "cancelled", False),
    ],
)
def test_what_is_planned_and_ranks_higher_keeps_its_slot(due_at: datetime, state: str, wins: bool) -> None:
    cap(1, 48)
    ann = somebody("ann")
    higher = campaign_of(ann, priority=80, due_at=due_at, state=state)
    lower = campaign_of(ann, priority=20)
    assert send(lower) == ([] if wins else ["ann"])
    assert (outcomes(lower)["ann"], rival(lower)) == (("outranked", higher.pk) if wins else ("accepted", None))


@pytest.mark.django_db
def test_the_last_slot_but_one_is_free_and_equals_do_not_outrank() -> None:
    cap(2)
    ann = somebody("ann")
    campaign_of(ann, priority=80)
    assert send(campaign_of(ann, priority=20)) == ["ann"]
    last = campaign_of(ann, priority=20)
    assert (send(last), outcomes(last)) == ([], {"ann": "outranked"})
    equal = campaign_of(ann, priority=80)
    assert send(equal) == ["ann"]


@pytest.mark.django_db
def test_a_slot_that_was_taken_by_a_higher_one_says_by_whom() -> None:
    cap()
    ann = somebody("ann")
    higher = campaign_of(ann, priority=80)
    assert send(higher) == ["ann"]
    lower, equal = campaign_of(ann, priority=20), campaign_of(ann, priority=80)
    assert (send(lower), outcomes(lower), rival(lower)) == ([], {"ann": "outranked"}, higher.pk)
    assert (send(equal), outcomes(equal), rival(equal)) == ([], {"ann": "capped"}, None)


@pytest.mark.django_db
def test_two_of_one_person_in_one_batch_are_counted_one_after_the_other() -> None:
    cap()
    ann, bob = somebody("ann"), somebody("bob")
    campaign = campaign_of(ann, bob, kind="triggered")
    plan(campaign, ann, occurrence="second", due_at=NOW)
    Campaign.objects.filter(pk=campaign.pk).update(kind="recurring")
    assert send(campaign) == ["ann", "bob"]
    reasons = Delivery.objects.filter(profile_id=ann.pk).values_list("reason", flat=True)
    assert sorted(reasons) == ["", "capped"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_exceed_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sends a campaign of its own to the same people, over a connection of its own; both are made to wait for the
    other between counting and taking. They could meet there only if nobody's lock kept them apart."""
    cap(1, 24)
    people = [somebody(f"p{n}") for n in range(20)]
    campaigns = [campaign_of(*people), campaign_of(*reversed(people))]
    meeting, failures = threading.Barrier(2), []
    take = ledger.take_slots

    def take_together(*args: Any, **more: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.8)
        return take(*args, **more)

    def work(campaign: Campaign) -> None:
        try:
            send(campaign)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(ledger, "take_slots", take_together)
    threads = [threading.Thread(target=work, args=(one,)) for one in campaigns]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert failures == []
    got = Delivery.objects.filter(state="accepted").values_list("profile_id", flat=True)
    assert sorted(got) == sorted(one.pk for one in people)
    assert Delivery.objects.filter(reason="capped").count() == len(people)
