"""What was sent to two people survives that they become one, and that they are parted again: every row, in whatever
state it was, with its opens and clicks; and what happens meanwhile stays with the address it happened to."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from campaigns import audience, ledger, links
from campaigns.channels.base import Accepted
from campaigns.models import Campaign, Delivery, Hit, MailboxMessage
from campaigns.track import unsubscribed
from campaigns.tracking import told
from campaigns.tracking.settle import settle
from campaigns.views import visitors
from cdp.pipeline import drain
from cdp.privacy.models import Suppression
from cdp.profiles.models import Profile, Record
from identity.by_hand import merge_profiles, unmerge
from tests.campaigns.test_send import FIREFOX, State, a_campaign, outcomes, send_all
from tests.campaigns.tracking.making import again
from tests.cdp.rules.test_rules import VIEW
from tests.taking_in import NOW, identify, rows, source, take_in, track

pytestmark = pytest.mark.django_db
TABLES = ("campaigns_delivery", "campaigns_hit", "campaigns_bounce", "campaigns_mailboxmessage", "events_event")
LATER = NOW + timedelta(minutes=5)
HOLD = timedelta(seconds=10)
KEYS = {"ann": "user:ann", "bob": "anon:b"}
SHOP = "https://shop.example/"


def to_ann_and_bob() -> Campaign:
    """Two user ids are never one person; a device and a user may be."""
    take_in([identify(anonymousId="b", traits={"email": "bob@x.org"}), track(anonymousId="b", event=VIEW)])
    return a_campaign("ann")


def profile_of(name: str) -> int:
    return int(Record.objects.get(key=KEYS[name], source_id=source().pk).profile_id)


def of(campaign: Campaign, name: str) -> Delivery:
    return Delivery.objects.get(campaign_id=campaign.pk, address=f"{name}@x.org")


def standing() -> dict[str, list[Any]]:
    return {table: rows(f"select to_jsonb(t) from {table} t order by to_jsonb(t)::text") for table in TABLES}


def asks(url: str, *, agent: str = FIREFOX, at: Any = LATER) -> None:
    with patch.object(visitors, "utc_now", lambda: at):
        Client().get(url, headers={"user-agent": agent})


def judge_and_drain(at: Any = LATER) -> None:
    settle(now=at + timedelta(minutes=1), hold=HOLD)
    drain("live", now=at + timedelta(minutes=2))
    rows("select set_config('idle_in_transaction_session_timeout', '0', true)")


def everything_happened() -> Campaign:
    """To ann and to bob: sent, opened, clicked, bounced, left, planned, being prepared, being handed over, skipped."""
    sent = to_ann_and_bob()
    audience.start(sent, now=NOW)
    send_all(sent)
    for name, agent in (("ann", FIREFOX), ("bob", "Mozilla/5.0")):
        asks(links.pixel_url("", of(sent, name).ref), agent=agent)
        asks(links.click_url("", of(sent, name).ref, SHOP, "go"))
    planned, claimed, handing, skipped = (again(sent, name) for name in ("P", "D", "H", "S"))
    ledger.claim(claimed, limit=10, now=NOW)
    both = ledger.claim(handing, limit=10, now=NOW)
    ledger.begin_handing(both, both.deliveries)

    Delivery.objects.filter(campaign_id=skipped.pk).update(state=State.SKIPPED, record_id=None)
    told.bounced(of(sent, "bob").ref, is_hard=False, why="full", at=LATER)
    told.complained(of(handing, "ann").ref, at=LATER)
    unsubscribed(of(sent, "ann").ref, now=LATER)
    judge_and_drain()
    # Of one campaign only one of them got anything: nothing stands in the way of its row.
    Delivery.objects.filter(campaign_id=planned.pk, address="ann@x.org").delete()
    return sent


@pytest.mark.parametrize("order", [("ann", "bob"), ("bob", "ann")])
def test_merged_and_parted_again_every_row_is_as_it_was(order: tuple[str, str]) -> None:
    everything_happened()
    before = standing()
    assert {len(found) > 1 for table, found in before.items() if table != "campaigns_bounce"} == {True}
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states == {State.ACCEPTED, State.PLANNED, State.CLAIMED, State.HANDING, State.SKIPPED}
    done = merge_profiles([profile_of(name) for name in order], by="user:1", now=LATER)
    assert standing() != before
    assert len({hit.profile_id for hit in Hit.objects.all()}) == 1, "all that happened is one person's"
    unmerge(done.merge_ids[0], by="user:1", now=LATER)
    assert standing() == before


def test_what_happens_to_the_mails_of_one_person_stays_with_its_address_when_they_are_two_again() -> None:
    sent = everything_happened()
    done = merge_profiles([profile_of("ann"), profile_of("bob")], by="user:1", now=LATER)
    evening = LATER + timedelta(hours=6)
    asks(links.click_url("", of(sent, "bob").ref, SHOP + "late"), at=evening)
    unsubscribed(of(sent, "bob").ref, now=evening)
    told.delivered(of(sent, "bob").ref, at=LATER)
    judge_and_drain(evening)
    clicks = "select distinct profile_id from events_event where name = 'Email Link Clicked'"
    assert rows(clicks) == [(Profile.objects.get(merged_into=None).pk,)]
    unmerge(done.merge_ids[0], by="user:1", now=evening)
    ann, bob = profile_of("ann"), profile_of("bob")
    assert ann != bob
    assert {row.profile_id for row in Delivery.objects.filter(address="bob@x.org")} == {bob}
    assert list(Hit.objects.filter(target=SHOP + "late").values_list("profile_id", "verdict")) == [(bob, "human")]
    assert of(sent, "bob").unsubscribed_at == evening and of(sent, "ann").unsubscribed_at == LATER
    assert rows(f"{clicks} and properties->>'link_url' like '%%late' ") == [(bob,)]
    assert set(Suppression.objects.values_list("value", flat=True)) == {"ann@x.org", "bob@x.org"}


def test_rows_that_a_worker_holds_while_people_are_merged_are_settled_and_nobody_gets_it_twice() -> None:
    """Claimed before, handed over after: the worker finds its rows by their ref, with whomever they are."""
    campaign = to_ann_and_bob()
    audience.start(campaign, now=NOW)
    alone = again(campaign, "Only bob")
    Delivery.objects.filter(campaign_id=alone.pk, address="ann@x.org").delete()
    held = [ledger.claim(one, limit=10, now=NOW) for one in (campaign, alone)]
    done = merge_profiles([profile_of("ann"), profile_of("bob")], by="user:1", now=NOW)
    for claim in held:
        ours = ledger.begin_handing(claim, claim.deliveries)
        assert ours == {one.ref for one in claim.deliveries}
        ledger.settle(claim, claim.deliveries, receipts={ref: Accepted() for ref in ours}, now=NOW)
    send_all(campaign)
    send_all(alone)
    assert not MailboxMessage.objects.exists(), "all was settled: nothing is left to send"
    winner = Profile.objects.get(merged_into=None).pk
    assert Delivery.objects.get(campaign_id=alone.pk).profile_id == winner
    unmerge(done.merge_ids[0], by="user:1", now=NOW)
    owners = {row.address: row.profile_id for row in Delivery.objects.all()}
    assert owners == {"ann@x.org": profile_of("ann"), "bob@x.org": profile_of("bob")}
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.ACCEPTED}


def test_planned_for_two_who_became_one_is_sent_once_and_parted_again_not_a_second_time() -> None:
    campaign = to_ann_and_bob()
    audience.start(campaign, now=NOW)
    done = merge_profiles([profile_of("ann"), profile_of("bob")], by="user:1", now=NOW)
    send_all(campaign)
    assert MailboxMessage.objects.count() == 1
    unmerge(done.merge_ids[0], by="user:1", now=NOW)
    send_all(campaign)
    assert MailboxMessage.objects.count() == 1
    assert sorted(outcomes(campaign).values()) == ["accepted", "merged"]
