"""What goes out when, what is asked at the last moment, and what a stop in the middle leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from campaigns import ledger, send_checks
from campaigns.channels.base import Accepted, Deferred, Message, Receipt
from campaigns.models import Campaign, Delivery, Variant
from campaigns.send import LOT, due_campaigns, send_batch
from cdp.events.models import Event
from cdp.pipeline import drain
from cdp.privacy.models import Consent, Purpose
from cdp.profiles.models import Profile
from tests.campaigns.sending.planned import CONTENT, Taking, campaign_of, outcomes, plan, send, sending, somebody
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
State = Campaign.State


def test_the_highest_priority_first_then_what_has_waited_longest_and_only_what_is_due() -> None:
    ann = somebody("ann")
    late, low = campaign_of(ann, priority=50), campaign_of(ann, priority=10, due_at=NOW - 9 * MINUTE)
    early, high = campaign_of(ann, priority=50, due_at=NOW - MINUTE), campaign_of(ann, priority=90)
    campaign_of(ann, priority=99, due_at=NOW + MINUTE)
    campaign_of(ann, priority=99, state=State.PAUSED)
    campaign_of(ann, priority=99, due_at=None)
    assert due_campaigns(now=NOW) == [high, early, late, low]


def test_within_a_campaign_what_is_due_first_and_what_waits_for_a_winner_never() -> None:
    people = [somebody(f"p{n}") for n in range(4)]
    campaign = campaign_of(kind="recurring")
    for at, one in zip((3, 1, 2), people, strict=False):
        plan(campaign, one, due_at=NOW - at * MINUTE)
    plan(campaign, people[3], due_at=None)
    first = ledger.claim(campaign, limit=2, now=NOW)
    assert [one.profile_id for one in first.deliveries] == [people[0].pk, people[2].pk]
    assert len(ledger.claim(campaign, limit=9, now=NOW).deliveries) == 1


class Stopping(Taking):
    """Somebody stops the campaign while the first lot is handed over."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self.state = state

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        Campaign.objects.update(state=self.state)
        return super().hand(messages, now=now)


@pytest.mark.parametrize(("state", "left"), [(State.PAUSED, "planned"), (State.CANCELLED, "cancelled")])
def test_who_stops_a_campaign_in_the_middle_stops_it_with_the_next_lot(state: str, left: str) -> None:
    campaign = campaign_of(*(somebody(f"p{n}") for n in range(LOT + 20)))
    channel = Stopping(state)
    under_way = sending(campaign, channel)
    assert send_batch(under_way, now=NOW) == LOT + 20
    assert send_batch(under_way, now=NOW) == 0
    assert len(channel.taken) == LOT
    assert sorted(outcomes(campaign).values()).count(left) == 20
    assert not Delivery.objects.filter(lease_until__isnull=False).exists()


class Late(Taking):
    """Takes so long for the first lot that somebody else got the rest."""

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        Delivery.objects.filter(state="claimed").update(fence=1)
        return super().hand(messages, now=now)


def test_what_somebody_else_has_meanwhile_is_not_handed_over() -> None:
    campaign = campaign_of(*(somebody(f"p{n}") for n in range(LOT + 20)))
    channel = Late()
    send_batch(sending(campaign, channel), now=NOW)
    assert len(channel.taken) == LOT
    assert Delivery.objects.filter(state="claimed", fence=1).count() == 20


def test_whose_address_changed_gets_it_there_unless_somebody_else_does() -> None:
    ann, bob, cat, dan, eve = (somebody(name) for name in ("ann", "bob", "cat", "dan", "eve"))
    campaign = campaign_of(ann, bob, cat, dan, eve)
    for one, address in ((ann, "new@x.org"), (bob, "CAT@x.org "), (dan, "twin@x.org"), (eve, "twin@x.org")):
        Profile.objects.filter(pk=one.pk).update(traits={"email": address})
    Profile.objects.filter(pk=cat.pk).update(traits={"email": "cat@x.org"})
    assert send(campaign) == ["cat", "new", "twin"]
    reasons = dict(Delivery.objects.values_list("profile_id", "reason"))
    assert reasons == {ann.pk: "", bob.pk: "same_address", cat.pk: "", dan.pk: "", eve.pk: "same_address"}
    assert Delivery.objects.get(profile_id=ann.pk).address == "new@x.org"


def test_who_has_no_address_any_more_gets_nothing() -> None:
    ann = somebody("ann")
    campaign = campaign_of(ann)
    Profile.objects.update(traits={})
    assert (send(campaign), outcomes(campaign)) == ([], {"ann": "no_address"})


def test_without_a_topic_the_purpose_is_asked() -> None:
    purpose, _ = Purpose.objects.get_or_create(key="test-profiling", defaults={"name": "P"})
    for name, yes in (("yes", True), ("no", False)):
        Consent.objects.create(
            namespace="email", value=f"{name}@x.org", purpose=purpose.key, is_granted=yes, at=NOW, last_at=NOW
        )
    campaign = campaign_of(*(somebody(name) for name in ("yes", "no", "silent")), purpose=purpose)
    assert send(campaign) == ["yes"]
    assert outcomes(campaign) == {"yes": "accepted", "no": "no_consent", "silent": "no_consent"}


def test_a_survivor_keeps_variant_arm_and_time() -> None:
    ann, both = somebody("ann"), somebody("both")
    campaign = campaign_of(ann)
    Delivery.objects.update(variant=2, arm="best", due_at=NOW - MINUTE)
    Profile.objects.filter(pk=ann.pk).update(merged_into=both.pk)
    send_checks.allowed(ledger.claim(campaign, limit=9, now=NOW), now=NOW, zone=sending(campaign).zone)
    row = Delivery.objects.get(profile_id=both.pk)
    assert (row.state, row.variant, row.arm, row.due_at) == ("planned", 2, "best", NOW - MINUTE)
    assert outcomes(campaign)["ann"] == "merged"


class Busy(Taking):
    """Greylists for so many tries."""

    def __init__(self, tries: int) -> None:
        super().__init__()
        self.left = tries

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        self.left -= 1
        if self.left >= 0:
            return {one.ref: Deferred("451 later") for one in messages}
        return super().hand(messages, now=now)


def test_what_is_not_taken_now_is_tried_again_after_longer_and_longer_pauses() -> None:
    campaign = campaign_of(somebody("ann"))
    under_way, now, pauses = sending(campaign, Busy(3)), NOW, []
    for _ in range(4):
        assert send_batch(under_way, now=now) == 1
        row = Delivery.objects.get()
        pauses.append((row.due_at - now) / MINUTE if row.state == "planned" and row.due_at else row.state)
        now = row.due_at or now
    assert pauses == [1, 2, 4, "accepted"]


def test_after_a_day_of_trying_it_failed() -> None:
    campaign = campaign_of(somebody("ann"))
    under_way, now, n = sending(campaign, Busy(99)), NOW, 0
    while send_batch(under_way, now=now):
        n, now = n + 1, Delivery.objects.get().due_at or now
    row = Delivery.objects.get()
    assert (row.state, row.error, n) == ("failed", "451 later", ledger.MOST_TRIES + 1)
    assert timedelta(hours=18) < now - NOW < timedelta(hours=30)


class Reading(Taking):
    """Remembers from whom which subject came."""

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[str, tuple[str, str]] = {}

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        for one in messages:
            sender = one.source.split(b"\r\n", 1)[0].decode()
            self.read[one.recipient.partition("@")[0]] = (one.subject, sender)
        return {one.ref: Accepted() for one in messages}


def test_each_variant_has_its_own_words_and_sender_and_its_event_says_which() -> None:
    people = [somebody(name) for name in ("one", "two", "gone")]
    campaign = campaign_of(*people)
    Variant.objects.create(campaign=campaign, number=1, name="A")
    changes: list[dict[str, Any]] = [{"place": ["subject"], "value": "Ho"}]
    Variant.objects.create(campaign=campaign, number=2, name="B", changes=changes, sender="B <b@x.org>")
    for number, one in enumerate((people[0], people[1]), start=1):
        Delivery.objects.filter(profile_id=one.pk).update(variant=number)
    Delivery.objects.filter(profile_id=people[2].pk).update(variant=7)
    channel = Reading()
    send_batch(sending(campaign, channel), now=NOW)
    assert channel.read == {"one": (CONTENT["subject"], "From: S <s@x.org>"), "two": ("Ho", "From: B <b@x.org>")}
    assert outcomes(campaign)["gone"] == "content"
    drain("live", now=NOW)
    told = Event.objects.filter(name="Email Delivered").values_list("properties__variant", flat=True)
    assert sorted(told) == [1, 2]
