"""Rates of an account: never faster, nothing lost, and a slow domain holds up nobody else."""

import random
from collections.abc import Mapping
from datetime import timedelta

import pytest

from campaigns import rates
from campaigns.models import Account, Campaign, Delivery, RateBucket
from tests.campaigns.sending.planned import campaign_of, send, somebody
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def account(per_second: int | None = None, per_domain: Mapping[str, int] | None = None) -> Account:
    return Account.objects.create(
        name="A",
        kind="smtp",
        per_second=per_second,
        per_domain=per_domain or {},
        created_at=NOW,
        changed_at=NOW,
    )


def test_so_many_a_second_and_all_in_the_end() -> None:
    campaign = campaign_of(*(somebody(f"p{n}") for n in range(25)), account=account(per_second=10))
    sent = [len(send(campaign, now=NOW + at * SECOND)) for at in (0, 0.5, 1, 1.05, 2, 3)]
    assert sent == [10, 5, 5, 0, 5, 0]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"accepted"}


def test_two_campaigns_share_the_rate_of_their_account() -> None:
    shared = account(per_second=10)
    first, second = (campaign_of(*(somebody(f"{c}{n}") for n in range(8)), account=shared) for c in "ab")
    assert (len(send(first)), len(send(second))) == (8, 2)


def test_a_slow_domain_waits_and_the_others_go_on() -> None:
    slow = [somebody(f"s{n}", email=f"s{n}@slow.example") for n in range(12)]
    fast = [somebody(f"f{n}") for n in range(12)]
    campaign = campaign_of(*slow, *fast, account=account(per_domain={"slow.example": 2}))
    assert send(campaign) == sorted([f"f{n}" for n in range(12)] + ["s0", "s1"])
    due = list(Delivery.objects.filter(state="planned").order_by("due_at").values_list("due_at", flat=True))
    assert due == [NOW + n * SECOND / 2 for n in range(1, 11)]
    sent = [len(send(campaign, now=NOW + at * SECOND)) for at in range(1, 6)]
    assert sent == [2, 2, 2, 2, 2]
    assert not Delivery.objects.exclude(state="accepted").exists()


def test_any_other_domain_has_a_bucket_of_its_own() -> None:
    people = [somebody(f"{d}{n}", email=f"{d}{n}@{d}.example") for d in "abc" for n in range(3)]
    campaign = campaign_of(*people, account=account(per_domain={"*": 1, "c.example": 2}))
    assert send(campaign) == ["a0", "b0", "c0", "c1"]


def test_however_it_is_asked_the_rate_is_kept_and_nothing_is_put_off_for_ever() -> None:
    draw = random.Random(7)
    people = [somebody(f"p{n}", email=f"p{n}@slow.example") for n in range(60)]
    campaign = campaign_of(*people, account=account(per_domain={"slow.example": 3}))
    now, sent = NOW, []
    while Delivery.objects.filter(state="planned").exists():
        sent += [now] * len(send(campaign, now=now))
        now += timedelta(seconds=draw.choice([0.05, 0.4, 1.0, 2.5]))
        assert now < NOW + timedelta(minutes=2)
    for at, first in enumerate(sent):
        for later in range(at, len(sent)):
            # What a bucket holds, and what runs in meanwhile.
            assert later - at + 1 <= 3 + 3 * (sent[later] - first).total_seconds() + 1e-6


def test_queues_are_looked_at_again_within_minutes() -> None:
    bucket = rates.Bucket(rate=1, tokens=0, queued_until=NOW)
    places = [bucket.later(NOW) for _ in range(1_000)]
    assert max(places) <= NOW + rates.AHEAD
    assert min(places) > NOW
    assert max(places.count(one) for one in set(places)) <= 4


def test_a_clock_that_goes_back_gives_nothing_and_old_buckets_are_forgotten() -> None:
    campaign = campaign_of(*(somebody(f"p{n}") for n in range(9)), account=account(per_second=3))
    assert len(send(campaign)) == 3
    assert send(campaign, now=NOW - SECOND) == []
    Campaign.objects.update(state="paused")
    rates.forget(now=NOW + timedelta(hours=1))
    assert RateBucket.objects.exists()
    rates.forget(now=NOW + timedelta(days=2))
    assert not RateBucket.objects.exists()
