"""What is sent is what was started, and what cannot be made for one person stops nobody else."""

import pytest
from django.urls import reverse

from campaigns import audience
from campaigns.channels.mailbox import Mailbox
from campaigns.models import Campaign, Delivery, MailboxMessage, OfferCode, Template
from campaigns.send import send_batch, sending_of
from campaigns.views.campaign_verbs import WITHOUT_CHECK
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.campaigns.bulk.mails import text
from tests.campaigns.bulk.test_compose import GOLD, an_offer
from tests.campaigns.bulk.test_trial import OFFER, a_campaign
from tests.cast import Cast
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


def send(campaign: Campaign) -> None:
    sending = sending_of(campaign, channel=Mailbox(), base_url="https://cdp.example", zone=UTC, now=NOW)
    while send_batch(sending, now=NOW):
        pass


def texts() -> dict[str, str]:
    found = {}
    for mail in MailboxMessage.objects.all():
        found[mail.recipient.partition("@")[0]] = mail.subject
    return found


def test_later_edits_of_the_mail_and_of_its_modules_change_nothing_that_is_under_way() -> None:
    inner = {"version": 2, "subject": "", "blocks": [text("x", "from the module", when=GOLD)]}
    module = Template.objects.create(name="M", kind="module", content=inner, created_at=NOW, changed_at=NOW)
    campaign = a_campaign({"id": "m", "kind": "module", "module": module.pk})
    audience.start(campaign, now=NOW)
    Template.objects.filter(pk=campaign.template_id).update(content={"broken": True})
    Template.objects.filter(pk=module.pk).update(content={"broken": True})
    campaign = Campaign.objects.select_related("version", "template").get()
    assert campaign.version is not None
    assert campaign.version.modules == {str(module.pk): inner}
    send(campaign)
    assert texts() == {name: f"Hello {name.title()}" for name in ("gold", "silver", "tin")}
    taken = {row.address.partition("@")[0]: row.branches for row in Delivery.objects.all()}
    assert taken == {"gold": {"m-x": 0}, "silver": {"m-x": 1}, "tin": {"m-x": 1}}


def test_a_mail_with_mistakes_is_not_started_and_the_page_says_why(cast: Cast) -> None:
    campaign = a_campaign(text("a", "Dear {{ nikname }}"), text("b", "{% if %}"))
    url = reverse("campaigns:send", args=[campaign.pk])
    page = cast.client("mara").post(url, WITHOUT_CHECK, follow=True).content.decode()
    assert "nothing called “nikname”" in page or "no “nikname”" in page
    assert "blocks.b.text" in page
    campaign.refresh_from_db()
    assert (campaign.state, campaign.version) == ("draft", None)
    assert not Delivery.objects.exists()


def test_a_code_goes_to_the_delivery_and_not_to_who_was_skipped() -> None:
    an_offer()
    campaign = a_campaign({**OFFER, "when": GOLD})
    audience.start(campaign, now=NOW)
    campaign = Campaign.objects.select_related("version", "template").get()
    send(campaign)
    code = OfferCode.objects.get()
    gold = Profile.objects.get(traits__level="gold")
    assert (code.profile_id, code.delivery) == (gold.pk, Delivery.objects.get(profile_id=gold.pk).ref)
    assert code.record_id == Delivery.objects.get(profile_id=gold.pk).record_id


def test_what_cannot_be_made_is_skipped_and_the_ledger_keeps_why() -> None:
    button = {"id": "go", "kind": "button", "text": "Go", "url": "{% if level == 'gold' %}https://x.org{% endif %}"}
    campaign = a_campaign(button)
    audience.start(campaign, now=NOW)
    send(Campaign.objects.select_related("version", "template").get())
    skipped = Delivery.objects.filter(reason="content")
    assert {row.address for row in skipped} == {"silver@x.org", "tin@x.org"}
    assert all("no web address" in row.error for row in skipped)
    assert set(texts()) == {"gold"}
