"""The pages of a test: set up by one form, refused with reasons, read by those who may."""

import re
from typing import Any

import pytest
from django.urls import reverse

from campaigns import audience, variants, verbs
from campaigns.experiments import edit
from campaigns.experiments.expected import Rate, promise, rate_before
from campaigns.experiments.places import places_in
from campaigns.models import Campaign, Decision, Template
from tests.campaigns.experiments.making import CONTENT, DAYS, a_campaign, mails, people, started
from tests.cast import Cast
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
SETTINGS = {"test-how": "fixed", "test-decides_on": "clicks"}


def url(name: str, *args: Any) -> str:
    return reverse(f"campaigns:{name}", args=args)


def typed(campaign: Campaign, **more: Any) -> dict[str, Any]:
    """What the form sends as it stands."""
    said: dict[str, Any] = dict(SETTINGS)
    for one in campaign.variants.all():
        said |= {f"v{one.number}-name": one.name, f"v{one.number}-weight": one.weight}
        places = [change for change in one.changes if change["place"] != ["subject"]]
        said |= {f"v{one.number}-place{index}": change["value"] for index, change in enumerate(places)}
    return said | {key.replace("__", "-"): value for key, value in more.items()}


def test_set_up_from_nothing_to_three_ways_of_a_condition(cast: Cast) -> None:
    mara, campaign = cast.client("mara"), a_campaign()
    here = url("test", campaign.pk)
    assert "Everybody gets the same" in mara.get(here).content.decode()
    mara.post(here, {"do": "add"})
    mara.post(here, typed(campaign, do="add"))
    assert [one.name for one in campaign.variants.order_by("number")] == ["A", "B", "C"]
    page = mara.get(here).content.decode()
    assert "how many days: 7" in page
    mara.post(here, typed(campaign, do="vary", place=edit.key_of(DAYS)))
    answer = mara.post(here, typed(campaign, v1__place0=3, v3__place0=14, v2__weight=2, v3__subject="Hello", do="save"))
    assert answer.status_code == 302
    found = variants.made(campaign)
    amounts = [found[n].content["blocks"][0]["when"]["root"]["window"]["amount"] for n in (1, 2, 3)]
    assert amounts == [3, 7, 14] and found[3].content["subject"] == "Hello"
    assert campaign.variants.get(number=2).weight == 2
    mara.post(here, typed(campaign, do="remove:2"))
    assert [(one.number, one.name) for one in campaign.variants.order_by("number")] == [(1, "A"), (2, "C")]
    mara.post(here, typed(campaign, do="remove:1"))
    assert not campaign.variants.exists()


def test_a_mail_of_its_own_is_written_in_the_editor_and_given_back(cast: Cast) -> None:
    mara, campaign = cast.client("mara"), a_campaign(1, 1)
    answer = mara.post(url("test", campaign.pk), typed(campaign, v2__subject="Other", do="own:2"))
    mail = Template.objects.get(variants__campaign=campaign)
    assert answer["Location"] == url("editor", mail.pk) and mail.content == {**CONTENT, "subject": "Other"}
    assert mara.get(url("editor", mail.pk)).status_code == 200
    assert "It has a mail of its own" in mara.get(url("test", campaign.pk)).content.decode()
    mara.post(url("test", campaign.pk), typed(campaign, do="shared:2"))
    assert variants.made(campaign)[2].content == CONTENT and not Template.objects.filter(pk=mail.pk).exists()


def test_a_copy_of_the_campaign_has_mails_of_its_own() -> None:
    campaign = a_campaign(1, 1)
    mail = edit.own_mail(campaign, number=2, by=None, now=NOW)
    again = verbs.copy(campaign, by=None, now=NOW)
    copied = again.variants.get(number=2).template
    assert copied and copied.pk != mail.pk and copied.content == mail.content
    edit.remove(campaign, number=2)
    assert again.variants.count() == 2


def test_some_first_and_the_others_the_winner(cast: Cast) -> None:
    campaign = a_campaign(1, 1)
    mara, here = cast.client("mara"), url("test", campaign.pk)
    lacking = mara.post(here, typed(campaign, test__how="winner", do="save"))
    assert lacking.status_code == 422 and "Say how many." in lacking.content.decode()
    said = {"test-test_percent": 10, "test-decide_after_h": 6, "test-decides_on": "conversions"}
    mara.post(here, typed(campaign, test__how="winner", do="save") | said)
    campaign.refresh_from_db()
    assert (campaign.test_percent, campaign.decide_after_h, campaign.decides_on) == (10, 6, "conversions")


def test_a_place_that_is_gone_is_shown_keeps_it_from_being_sent_and_can_be_taken_out(cast: Cast) -> None:
    campaign = a_campaign(1, 1)
    edit.vary(campaign, place=places_in(CONTENT)[0])
    campaign.template.content = {**CONTENT, "blocks": CONTENT["blocks"][1:]}
    campaign.template.save()
    mara, here = cast.client("mara"), url("test", campaign.pk)
    assert "is no longer in the mail as it was" in mara.get(here).content.decode()
    with pytest.raises(audience.NotReady, match="is no longer in the mail"):
        audience.start(Campaign.objects.get(pk=campaign.pk), now=NOW)
    [key] = {edit.key_of(path) for path in edit.varied(list(campaign.variants.all()))}
    mara.post(here, {**typed(campaign), "do": f"unvary:{key}"})
    assert edit.varied(list(campaign.variants.all())) == []


def test_what_was_started_cannot_be_changed(cast: Cast) -> None:
    campaign = started(a_campaign(1, 1))
    assert cast.client("mara").get(url("test", campaign.pk))["Location"] == url("campaign", campaign.pk)
    with pytest.raises(edit.NotADraft):
        edit.add(campaign)


def test_at_most_six() -> None:
    campaign = a_campaign(1, 1, 1, 1, 1, 1)
    with pytest.raises(edit.TooMany):
        edit.add(campaign)


def test_readers_see_what_came_of_it_and_senders_decide(cast: Cast) -> None:
    campaign = started(a_campaign(1, 1), test_percent=50)
    mails(campaign, people(50), clicked=5, variant=1)
    mails(campaign, people(50), clicked=9, variant=2)
    mails(campaign, people(4), state="planned", due_at=None)
    vic, mara = cast.client("vic"), cast.client("mara")
    page = vic.get(url("compared", campaign.pk)).content.decode()
    assert "Not decided yet. It is safe to look every day." in page and "Decide now" not in page
    assert vic.post(url("test_decide", campaign.pk)).status_code == 403
    assert "Decide now" in mara.get(url("compared", campaign.pk)).content.decode()
    mara.post(url("test_decide", campaign.pk))
    assert Decision.objects.get().by == cast.mara
    page = re.sub(r"\s+", " ", vic.get(url("compared", campaign.pk)).content.decode())
    assert "“B” won" in page and "decided by Mara before the time" in page and "<strong>not</strong> sure" in page
    assert "opens are unreliable" in page.lower() or "are unreliable" in page
    assert vic.get(url("control")).status_code == 200
    assert vic.get(url("variant_card", campaign.pk, 2)).status_code == 200
    assert vic.get(url("variant_card", campaign.pk, 9)).status_code == 404


def test_what_can_be_found_is_said_before() -> None:
    enough = promise(40_000, weights=[1, 1], rate=Rate(0.03, 5_000))
    assert enough and enough.lift and 0.1 < enough.lift < 0.35 and not enough.is_hopeless
    few = promise(200, weights=[1, 1], rate=Rate(0.03, 0))
    assert few and few.is_hopeless and few.needed and few.needed > 10_000
    assert promise(0, weights=[1, 1], rate=Rate(0.03, 0)) is None


def test_what_is_expected_comes_from_the_campaigns_sent_lately() -> None:
    mails(started(a_campaign(name="Before")), people(1_000), clicked=70)
    assert rate_before(a_campaign(1, 1), now=NOW) == Rate(0.07, 1_000)
