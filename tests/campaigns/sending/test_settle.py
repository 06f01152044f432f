"""Messages in doubt: named, left or sent again once, as the policy or somebody says."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import ledger, settle
from campaigns.models import Campaign, Delivery, SendingPolicy
from campaigns.policy import THE_ONE
from campaigns.send import finish
from tests.campaigns.sending.planned import campaign_of, outcomes, send, somebody
from tests.cast import Cast
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
AFTER = NOW + ledger.LEASE + timedelta(seconds=1)
Unknown = SendingPolicy.Unknown


def in_doubt(*names: str) -> Campaign:
    """A worker died while it handed these over."""
    campaign = campaign_of(*(somebody(name) for name in names))
    claimed = ledger.claim(campaign, limit=9, now=NOW)
    ledger.begin_handing(claimed, claimed.deliveries, now=NOW)
    settle.recover(now=AFTER)
    assert set(outcomes(campaign).values()) == {"unknown"}
    return campaign


def decide(unknown: str) -> int:
    return settle.decide(SendingPolicy(unknown=unknown), now=AFTER)


def test_what_is_left_is_never_sent_also_if_the_policy_changes_later() -> None:
    campaign = in_doubt("ann")
    assert (decide(Unknown.LEAVE), decide(Unknown.AGAIN)) == (0, 0)
    assert send(campaign, now=AFTER) == []
    finish(campaign, now=AFTER)
    campaign.refresh_from_db()
    assert campaign.state == "sent"


def test_again_means_once_with_a_ref_of_its_own_that_is_known_to_be_a_second() -> None:
    campaign = in_doubt("ann")
    Delivery.objects.update(variant=2, context={"at": "x"})
    first = Delivery.objects.get()
    assert (decide(Unknown.AGAIN), decide(Unknown.AGAIN)) == (1, 0)
    second = Delivery.objects.exclude(ref=first.ref).get()
    assert (second.state, second.address, second.variant, second.context) == ("planned", "ann@x.org", 2, {"at": "x"})
    assert (settle.is_second(first), settle.is_second(second)) == (False, True)
    claimed = ledger.claim(campaign, limit=9, now=AFTER)
    ledger.begin_handing(claimed, claimed.deliveries, now=AFTER)
    later = AFTER + ledger.LEASE + timedelta(seconds=1)
    settle.recover(now=later)
    assert settle.decide(SendingPolicy(unknown=Unknown.AGAIN), now=later) == 0
    assert set(Delivery.objects.values_list("state", "verdict")) == {("unknown", "again"), ("unknown", "left")}


def test_a_campaign_that_was_over_goes_on_until_the_second_is_sent() -> None:
    campaign = in_doubt("ann")
    decide(Unknown.ASK)
    finish(campaign, now=AFTER)
    assert settle.send_again(campaign_id=campaign.pk, now=AFTER) == 1
    campaign.refresh_from_db()
    assert (campaign.state, campaign.finished_at) == ("sending", None)
    assert send(campaign, now=AFTER) == ["ann"]


def test_what_arrived_after_all_and_what_was_cancelled_is_not_sent_again() -> None:
    in_doubt("ann")
    Delivery.objects.update(machine_opened_at=NOW)
    cancelled = in_doubt("bob")
    Campaign.objects.filter(pk=cancelled.pk).update(state="cancelled")
    assert decide(Unknown.AGAIN) == 0
    assert set(Delivery.objects.values_list("verdict", flat=True)) == {"left"}


def test_what_a_dead_worker_of_a_stopped_campaign_held_is_let_go() -> None:
    paused, cancelled = campaign_of(somebody("ann")), campaign_of(somebody("bob"))
    for one, state in ((paused, "paused"), (cancelled, "cancelled")):
        ledger.claim(one, limit=9, now=NOW)
        Campaign.objects.filter(pk=one.pk).update(state=state)
    settle.recover(now=NOW)
    assert (outcomes(paused), outcomes(cancelled)) == ({"ann": "claimed"}, {"bob": "claimed"})
    settle.recover(now=AFTER)
    assert (outcomes(paused), outcomes(cancelled)) == ({"ann": "planned"}, {"bob": "cancelled"})


def test_the_page_names_them_and_who_may_send_decides(cast: Cast) -> None:
    SendingPolicy.objects.create(pk=THE_ONE, unknown=Unknown.ASK)
    campaign, other = in_doubt("ann"), in_doubt("bob")
    settle.decide(SendingPolicy(unknown=Unknown.ASK), now=AFTER)
    page, act = reverse("campaigns:unknown"), reverse("campaigns:unknown_decide", args=[campaign.pk])
    mara = cast.client("mara")
    seen = mara.get(page).content.decode()
    assert "ann@x.org" in seen
    assert "bob@x.org" in seen
    assert "Send again" in seen
    assert "Ask me each time" in seen
    own = mara.get(page, {"campaign": campaign.pk}).content.decode()
    assert "bob@x.org" not in own
    assert "Send again" not in cast.client("vic").get(page).content.decode()
    assert cast.client("vic").post(act, {"verdict": "again"}).status_code == 403
    assert mara.post(act, {"verdict": "nonsense"}).status_code == 400
    assert "1 are sent again" in mara.post(act, {"verdict": "again"}, follow=True).content.decode()
    assert (
        "1 are left"
        in mara.post(
            reverse("campaigns:unknown_decide", args=[other.pk]), {"verdict": "left"}, follow=True
        ).content.decode()
    )
    assert dict(Delivery.objects.filter(state="unknown").values_list("address", "verdict")) == {
        "ann@x.org": "again",
        "bob@x.org": "left",
    }
    assert reverse("campaigns:unknown") in mara.get(reverse("campaigns:campaign", args=[other.pk])).content.decode()
