"""The ledger: nobody twice, nobody who must not be written to, and a worker that lost its lease writes nothing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import audience, draft, ledger, links
from campaigns.channels.base import Accepted, Failed, Message, Receipt
from campaigns.channels.mailbox import Mailbox
from campaigns.models import Campaign, Delivery, MailboxMessage
from campaigns.send import finish, send_batch, sending_of
from campaigns.tracking.settle import settle
from cdp.common.clock import utc_now
from cdp.events.models import Event, InboxBatch
from cdp.pipeline import drain
from cdp.privacy.consent import of_profiles
from cdp.privacy.models import Consent, Purpose, Suppression, Topic
from cdp.profiles.models import Profile, Record
from cdp.rules.tree import UTC
from identity.by_hand import merge_profiles, unmerge
from segments.refresh import refresh_changes
from tests.cdp.rules.test_rules import VIEW, event
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db
State, Reason = Delivery.State, Delivery.Reason
BUTTON = {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
FOOTER = {"id": "foot", "kind": "footer", "text": "A shop"}


def a_campaign(*names: str, topic: Topic | None = None, blocks: list[dict[str, Any]] | None = None) -> Campaign:
    for name in names:
        take_in([identify(name, traits={"email": f"{name}@x.org", "name": name}), track(name, VIEW)])
    plan = draft.Plan(name="C", included=(a_segment(event(VIEW)),), topic=topic, sender="S <s@x.org>")
    content = {
        "version": 2,
        "subject": "Hi {{ name | default: 'you' }}",
        "blocks": [*(blocks or [BUTTON]), FOOTER],
    }
    return draft.create(plan, content=content, by=None, now=NOW)


def send_all(campaign: Campaign, channel: Any = None, **more: Any) -> None:
    sending = sending_of(campaign, channel=channel or Mailbox(), base_url="https://cdp.example", zone=UTC, now=NOW)
    while send_batch(sending, now=more.get("now", NOW)):
        pass
    finish(campaign, now=NOW)


def outcomes(campaign: Campaign) -> dict[str, str]:
    rows = Delivery.objects.filter(campaign_id=campaign.pk)
    return {row.address.partition("@")[0]: row.reason or row.state for row in rows}


def a_topic() -> Topic:
    purpose, _ = Purpose.objects.get_or_create(key="test-mail", defaults={"name": "E-mail"})
    return Topic.objects.create(key="test-news", name="News", purpose=purpose)


def says(name: str, topic: Topic, *, yes: bool, days_ago: int = 0, whole_purpose: bool = False) -> None:
    Consent.objects.create(
        namespace="email",
        value=f"{name}@x.org",
        purpose=topic.purpose.key,
        topic="" if whole_purpose else topic.key,
        is_granted=yes,
        at=NOW - timedelta(days=days_ago),
        last_at=NOW - timedelta(days=days_ago),
        how="test",
    )


def test_everybody_once_whatever_is_called_twice() -> None:
    campaign = a_campaign("ann", "bob")
    audience.start(campaign, now=NOW)
    with pytest.raises(audience.AlreadyStarted):
        audience.start(campaign, now=NOW)
    send_all(campaign)
    send_all(campaign)
    assert sorted(MailboxMessage.objects.values_list("recipient", flat=True)) == ["ann@x.org", "bob@x.org"]
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENT


def test_suppressed_addresses_get_nothing_also_if_suppressed_after_planning() -> None:
    campaign = a_campaign("ann", "bob")
    audience.start(campaign, now=NOW)
    Suppression.objects.create(namespace="email", value="bob@x.org", reason="manual", at=NOW)
    send_all(campaign)
    assert outcomes(campaign) == {"ann": "accepted", "bob": "suppressed"}


def test_no_to_the_topic_or_to_its_purpose_is_a_no_and_silence_too() -> None:
    topic = a_topic()
    campaign = a_campaign("yes", "no", "silent", "left", "back", topic=topic)
    says("yes", topic, yes=True)
    says("no", topic, yes=False)
    says("left", topic, yes=True, days_ago=9)
    says("left", topic, yes=False, days_ago=1, whole_purpose=True)
    says("back", topic, yes=False, days_ago=9, whole_purpose=True)
    says("back", topic, yes=True, days_ago=1, whole_purpose=True)
    audience.start(campaign, now=NOW)
    send_all(campaign)
    refused = dict.fromkeys(["no", "silent", "left"], "no_consent")
    assert outcomes(campaign) == {"yes": "accepted", "back": "accepted", **refused}


def test_after_a_merge_the_most_restrictive_word_stands_until_it_is_undone() -> None:
    topic = a_topic()
    campaign = a_campaign("yes", "also", topic=topic)
    take_in([identify(anonymousId="d1", traits={"email": "no@x.org"}, at=ago(days=9))])
    says("yes", topic, yes=True)
    says("also", topic, yes=True)
    says("no", topic, yes=False)
    ids = [Record.objects.get(key=key).profile_id for key in ("anon:d1", "user:yes")]
    done = merge_profiles(ids, by="user:1", now=NOW)
    refresh_changes(now=NOW, zone=UTC)
    audience.start(campaign, now=NOW)
    send_all(campaign)
    assert outcomes(campaign) == {"yes": "no_consent", "also": "accepted"}
    delivery = Delivery.objects.get(address="yes@x.org")
    assert delivery.profile_id == ids[0]
    unmerge(done.merge_ids[0], by="user:1", now=NOW)
    delivery = Delivery.objects.get(address="yes@x.org")
    assert delivery.profile_id == ids[1]
    assert of_profiles([ids[1]], purpose=topic.purpose.key, topic=topic.key) == {ids[1]: True}


def test_a_person_merged_after_planning_gets_one_mail() -> None:
    take_in([track(anonymousId="phone", at=ago(days=1))])
    campaign = a_campaign("ann")
    audience.start(campaign, now=NOW)
    assert sorted(outcomes(campaign).values()) == ["no_address", "planned"]
    take_in([identify(anonymousId="phone", traits={"email": "ann@x.org"})])
    send_all(campaign)
    assert MailboxMessage.objects.get().profile_id == Profile.objects.get(merged_into=None).pk
    assert sorted(Delivery.objects.values_list("state", "reason")) == [("accepted", ""), ("skipped", "merged")]


def test_content_that_fails_for_one_person_fails_for_that_one_alone() -> None:
    campaign = a_campaign("ann", "bob", blocks=[{**BUTTON, "url": "{% if name == 'ann' %}https://x.org{% endif %}"}])
    audience.start(campaign, now=NOW)
    send_all(campaign)
    assert outcomes(campaign) == {"ann": "accepted", "bob": "content"}


class Forgetful:
    """Takes the first, refuses the second, and says nothing of the others."""

    namespace = "email"

    def hand(self, messages: list[Message], *, now: object) -> dict[Any, Receipt]:
        first, second, *_ = sorted(messages, key=lambda one: one.recipient)
        return {first.ref: Accepted(), second.ref: Failed("no such mailbox")}


def test_what_the_channel_does_not_answer_for_is_unknown_and_never_sent_again() -> None:
    campaign = a_campaign("ann", "bob", "cat")
    audience.start(campaign, now=NOW)
    send_all(campaign, Forgetful())
    send_all(campaign)
    assert outcomes(campaign) == {"ann": "accepted", "bob": "failed", "cat": "unknown"}
    assert not MailboxMessage.objects.exists()


def test_a_worker_whose_lease_ran_out_can_write_nothing() -> None:
    campaign = a_campaign("ann")
    audience.start(campaign, now=NOW)
    slow = ledger.claim(campaign, limit=10, now=NOW)
    assert ledger.claim(campaign, limit=10, now=NOW).deliveries == ()
    later = NOW + ledger.LEASE + timedelta(seconds=1)
    # A claim's fence is its transaction id: another transaction is needed for another fence.
    Delivery.objects.filter(campaign_id=campaign.pk).update(fence=slow.fence - 1)
    send_all(campaign, now=later)
    assert ledger.begin_handing(ledger.Claim(campaign, slow.fence - 1, slow.deliveries), slow.deliveries) == set()
    assert outcomes(campaign) == {"ann": "accepted"}


def test_what_was_being_handed_over_when_the_worker_died_is_named_and_not_repeated() -> None:
    campaign = a_campaign("ann")
    audience.start(campaign, now=NOW)
    claimed = ledger.claim(campaign, limit=10, now=NOW)
    ledger.begin_handing(claimed, claimed.deliveries)
    send_all(campaign, now=NOW + ledger.LEASE + timedelta(seconds=1))
    assert outcomes(campaign) == {"ann": "unknown"}


def delivered() -> Delivery:
    campaign = a_campaign("ann")
    audience.start(campaign, now=NOW)
    send_all(campaign)
    return Delivery.objects.get()


def test_only_links_we_signed_lead_anywhere() -> None:
    delivery = delivered()
    url = links.click_url("", delivery.ref, "https://shop.example/")
    assert Client().get(url)["Location"] == "https://shop.example/"
    token = url.rstrip("/").rpartition("/")[2]
    for at in range(len(token)):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert Client().get(f"/campaigns/c/{changed}/").status_code == 404
    other = links.unsubscribe_url("", delivery.ref).rstrip("/").rpartition("/")[2]
    assert Client().get(reverse("campaigns:click", args=[other])).status_code == 404
    scheme = links.click_url("", delivery.ref, "javascript:alert(1)")
    assert Client().get(scheme).status_code == 404


def test_looking_ahead_is_no_click_and_clicking_twice_is_two() -> None:
    url = links.click_url("", delivered().ref, "https://shop.example/")
    InboxBatch.objects.all().delete()
    Client().head(url, headers={"user-agent": FIREFOX})
    Client().get(url, headers={"user-agent": FIREFOX})
    Client().get(url, headers={"user-agent": FIREFOX})
    assert not InboxBatch.objects.exists()
    later = utc_now() + timedelta(minutes=1)
    settle(now=later, hold=timedelta(seconds=10))
    drain("live", now=later)
    assert Event.objects.filter(name="Email Link Clicked").count() == 2
    assert Delivery.objects.get().clicked_at is not None


def test_one_click_unsubscribe_counts_at_once_and_only_by_post() -> None:
    url = links.unsubscribe_url("", delivered().ref)
    assert "Unsubscribe?" in Client().get(url).content.decode()
    assert not Suppression.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Suppression.objects.get().value == "ann@x.org"
    assert strict.post(url[:-3] + "xx/").status_code == 404


def test_unsubscribing_from_a_topic_leaves_the_others() -> None:
    topic = a_topic()
    campaign = a_campaign("ann", topic=topic)
    says("ann", topic, yes=True, days_ago=1)
    audience.start(campaign, now=NOW)
    send_all(campaign)
    Client().post(links.unsubscribe_url("", Delivery.objects.get().ref))
    assert not Suppression.objects.exists()
    newest = Consent.objects.order_by("-at", "-id")[0]
    assert (newest.is_granted, newest.topic) == (False, topic.key)


def test_a_test_mails_link_says_that_there_is_nothing_to_leave() -> None:
    url = links.unsubscribe_url("", uuid4())
    assert "Nothing to unsubscribe from" in Client().post(url).content.decode()
    assert not Suppression.objects.exists()
