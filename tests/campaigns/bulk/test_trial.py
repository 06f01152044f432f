"""Tests of a mail: to whom, as whom, every branch once, and nothing left behind but what arrives."""

from email import message_from_bytes, policy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import draft
from campaigns.content.press import About, press_for
from campaigns.covering import NobodyYet, covering
from campaigns.models import Campaign, Delivery, MailboxMessage, Offer, OfferCode, Seed
from campaigns.preview_people import audience_of
from cdp.events.models import InboxBatch
from cdp.privacy.models import Suppression
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.campaigns.bulk.mails import BASE, content, text
from tests.cast import Cast
from tests.cdp.rules.test_rules import VIEW, event, rule, trait
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db
GOLD, SILVER = rule(trait("level", "is", "gold")), rule(trait("level", "is", "silver"))
OFFER = {"id": "deal", "kind": "offer", "offer": "ten", "title": "Ten off", "text": "Code {{ offer.code }}",
         "button": "", "without": ""}  # fmt: skip
SHOP = {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"}


def a_campaign(*blocks: dict[str, Any], levels: tuple[str, ...] = ("gold", "silver", "tin")) -> Campaign:
    for level in levels:
        take_in([identify(level, traits={"email": f"{level}@x.org", "name": level.title(), "level": level})])
        take_in([track(level, VIEW)])
    whole = content(*blocks, subject="Hello {{ name | default: 'you' }}")
    return draft.create(
        draft.Plan("C", (a_segment(event(VIEW)),), None, "S <s@x.org>"), content=whole, by=None, now=NOW
    )


def address(campaign: Campaign) -> str:
    return reverse("campaigns:test_send", args=[campaign.template_id])


def ways(campaign: Campaign) -> list[Any]:
    ready = press_for(campaign.template.content, about=About(BASE, UTC), now=NOW)
    return covering(ready, audience_of(campaign.template, now=NOW, zone=UTC), now=NOW)


def test_a_test_arrives_marked_and_leaves_nothing_else(cast: Cast) -> None:
    campaign = a_campaign(OFFER, SHOP)
    Offer.objects.create(
        key="ten", name="Ten", kind="percent", value=10, codes="generated", created_at=NOW, changed_at=NOW
    )
    InboxBatch.objects.all().delete()
    gold = Profile.objects.get(traits__level="gold")
    page = cast.client("mara").get(address(campaign), {"person": str(gold.uuid)}).content.decode()
    assert "As Gold" in page
    assert cast.mara.email in page
    sent = {"addresses": "me@x.org, Me@x.org you@x.org", "way": "person", "person": gold.uuid, "to": "addresses"}
    answer = cast.client("mara").post(address(campaign), sent).content.decode()
    assert "2 tests sent" in answer
    mails = MailboxMessage.objects.order_by("recipient")
    assert [mail.recipient for mail in mails] == ["me@x.org", "you@x.org"]
    assert {mail.subject for mail in mails} == {"[Test] Hello Gold"}
    assert {(mail.is_test, mail.note, mail.campaign_id, mail.profile_id) for mail in mails} == {
        (True, "As Gold", campaign.pk, gold.pk)
    }
    parsed = message_from_bytes(bytes(mails[0].source), policy=policy.default)
    assert parsed["Subject"] == "[Test] Hello Gold"
    html = parsed.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "https://shop.example/" in html
    assert "/campaigns/c/" not in html
    assert not Delivery.objects.exists()
    assert not OfferCode.objects.exists()
    assert not InboxBatch.objects.exists()


def test_every_branch_is_seen_in_as_few_mails_as_that_takes_by_people_who_get_it() -> None:
    chain = text("a", "gold", when=GOLD, **{"else": text("b", "silver", when=SILVER, **{"else": text("c", "others")})})
    other = text("d", "gold too", when=GOLD)
    found = ways(a_campaign(chain, other))
    assert [dict(way.forced) for way in found] == [{}, {}, {}]
    assert {way.note.split(":")[0] for way in found} == {"As Gold", "As Silver", "As Tin"}


def test_a_branch_that_nobody_gets_is_forced_and_said_so() -> None:
    inner = {**SHOP, "text": {"cases": [{"when": SILVER, "then": "Silver"}], "else": "Others"}}
    found = ways(a_campaign({**inner, "when": GOLD}, text("a", "x", when=SILVER), levels=("tin",)))
    assert len(found) == 3
    assert found[0].forced == {}
    assert found[1].forced == {"a": 0, "go": 0, "go.text": 0}
    assert found[2].forced == {"go": 0, "go.text": 1}
    assert "forced: nobody gets it" in found[1].note


def test_somebody_beyond_the_first_people_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.covering.FEW", 1)
    found = ways(a_campaign(text("a", "gold", when=GOLD), levels=("tin", "silver", "gold")))
    assert [(way.note.split(":")[0], way.forced) for way in found] == [("As Tin", {}), ("As Gold", {})]


def test_with_nobody_there_is_nobody_to_make_a_mail_for() -> None:
    with pytest.raises(NobodyYet):
        ways(a_campaign(text("a", "x"), levels=()))


def test_seeds_get_every_branch(cast: Cast) -> None:
    campaign = a_campaign(text("a", "for gold", when=GOLD, **{"else": text("b", "for others")}))
    mara = cast.client("mara")
    assert mara.post(reverse("campaigns:seeds"), {"address": "SEED@x.org", "name": "Mail program"}).status_code == 302
    assert "already" in mara.post(reverse("campaigns:seeds"), {"address": "seed@x.org"}).content.decode()
    assert "2 tests sent" in mara.post(address(campaign), {"to": "seeds"}).content.decode()
    assert set(MailboxMessage.objects.values_list("recipient", flat=True)) == {"seed@x.org"}
    bodies = [message_from_bytes(bytes(mail.source), policy=policy.default) for mail in MailboxMessage.objects.all()]
    texts = [one.get_body(("plain",)).get_content() for one in bodies]  # type: ignore[union-attr]
    assert sorted("for gold" in one for one in texts) == [False, True]
    mara.post(reverse("campaigns:remove_seed", args=[Seed.objects.get().pk]))
    assert not Seed.objects.exists()


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("", "at least one address"),
        ("nobody", "is no e-mail address"),
        (" ".join(f"a{k}@x.org" for k in range(11)), "At most 10"),
    ],
)
def test_addresses_are_checked(cast: Cast, to: str, said: str) -> None:
    answer = cast.client("mara").post(address(a_campaign(SHOP)), {"addresses": to, "way": "person", "to": "addresses"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MailboxMessage.objects.exists()


def test_a_suppressed_address_gets_no_test_and_the_answer_says_so(cast: Cast) -> None:
    Suppression.objects.create(namespace="email", value="gone@x.org", reason="manual", at=NOW)
    sent = {"addresses": "gone@x.org here@x.org", "way": "person", "to": "addresses"}
    answer = cast.client("mara").post(address(a_campaign(SHOP)), sent).content.decode()
    assert "suppressed" in answer
    assert MailboxMessage.objects.get().recipient == "here@x.org"


def test_a_mistake_in_the_mail_is_told_with_its_place(cast: Cast) -> None:
    campaign = a_campaign(text("a", "{{ name"))
    answer = cast.client("mara").post(address(campaign), {"addresses": "a@x.org", "way": "person", "to": "addresses"})
    assert answer.status_code == 422
    assert "blocks.a.text" in answer.content.decode()


def test_tests_are_counted_and_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.views.trial.MOST_AN_HOUR", 1)
    campaign, sent = a_campaign(SHOP), {"addresses": "a@x.org", "way": "person", "to": "addresses"}
    mara = cast.client("mara")
    assert mara.post(address(campaign), sent).status_code == 200
    answer = mara.post(address(campaign), sent)
    assert answer.status_code == 422
    assert "Send the next in" in answer.content.decode()
    assert MailboxMessage.objects.count() == 1


def test_the_mailbox_finds_tests_campaigns_and_addresses(cast: Cast) -> None:
    campaign = a_campaign(SHOP)
    sent = {"addresses": "one@x.org two@x.org", "way": "person", "to": "addresses"}
    vic: Client = cast.client("vic")
    cast.client("mara").post(address(campaign), sent)
    page = reverse("campaigns:mailbox")
    assert (
        "[Test] Hello" in vic.get(page, {"kind": "tests", "campaign": str(campaign.pk), "q": "ONE@"}).content.decode()
    )
    assert "No mail fits" in vic.get(page, {"kind": "mails"}).content.decode()
    assert "No mail fits" in vic.get(page, {"q": "three"}).content.decode()
    ref = MailboxMessage.objects.filter(recipient="one@x.org").get().ref
    phone = vic.get(reverse("campaigns:mail", args=[ref]), {"width": "phone"}).content.decode()
    assert "mail-frame-phone" in phone
    assert "nothing is counted" in phone
