"""One person and one campaign: got it or not, and because of what."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import audience
from campaigns.models import Campaign, Delivery, Variant
from campaigns.why.told import Told, audience_of, deliveries_of, told_of, told_without
from cdp.privacy.models import Suppression
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.campaigns.plan.cases import a_campaign, a_segment, some_people
from tests.cast import Cast
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
State, Reason = Delivery.State, Delivery.Reason


def told(campaign: Campaign, profile_id: int) -> Told:
    campaign.refresh_from_db()
    profile = Profile.objects.get(pk=profile_id)
    found = deliveries_of(campaign, profile)
    return told_of(campaign, found[0], now=NOW) if found else told_without(campaign, profile, now=NOW, zone=UTC)


def words(campaign: Campaign, profile_id: int) -> str:
    found = told(campaign, profile_id)
    return "; ".join([found.verdict, *(step.text for step in found.steps)])


def started(*ids: int) -> Campaign:
    campaign = a_campaign(a_segment(list(ids), "Buyers"))
    audience.start(campaign, now=NOW)
    return campaign


def set_row(profile_id: int, **values: object) -> None:
    Delivery.objects.filter(profile_id=profile_id).update(**values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": State.SKIPPED, "reason": Reason.HOLDOUT}, "Left out: held out"),
        ({"state": State.SKIPPED, "reason": Reason.CONTROL}, "Left out: in the control group"),
        ({"state": State.SKIPPED, "reason": Reason.CAPPED}, "Left out: had as many messages"),
        ({"state": State.FAILED, "error": "no such mailbox"}, "Failed: no such mailbox"),
        ({"due_at": NOW + timedelta(hours=2)}, "Waits for its hour"),
        ({"due_at": None}, "Waits for the winner"),
        ({"arm": "explored"}, "The hour is an hour drawn by chance"),
        ({"state": State.ACCEPTED, "clicked_at": NOW, "machine_opened_at": NOW}, "Clicked"),
    ],
)
def test_each_fate_has_its_words(values: dict[str, object], said: str) -> None:
    (one,) = some_people(1)
    campaign = started(one)
    set_row(one, **values)
    assert said in words(campaign, one)


def test_variant_and_rival_are_named() -> None:
    one, other = some_people(2)
    campaign, rival = started(one, other), a_campaign()
    Variant.objects.create(campaign=campaign, number=2, name="Bold")
    set_row(one, variant=2)
    set_row(other, state=State.SKIPPED, reason=Reason.OUTRANKED, rival_id=rival.pk)
    assert "Drew variant 2, “Bold”" in words(campaign, one)
    assert [step.link for step in told(campaign, other).steps if step.link] == [rival.name]


def test_the_one_with_the_same_address_is_named() -> None:
    first, second = some_people(2, email="one@x.org")
    found = told(started(first, second), second)
    uuid = Profile.objects.get(pk=first).uuid
    assert str(uuid) in next(step.url for step in found.steps if step.url)


def test_who_waits_hears_what_would_stop_it_now() -> None:
    (one,) = some_people(1)
    campaign = started(one)
    address = Profile.objects.get(pk=one).traits["email"]
    Suppression.objects.create(namespace="email", value=address, reason="manual", at=NOW)
    assert "As it is now, it would be left out: the address is suppressed" in words(campaign, one)


def test_who_was_never_planned_hears_of_the_audience() -> None:
    inside, outside, silent = *some_people(2), *some_people(1, email=None)
    campaign = started(inside)
    assert "Was never planned for it; Is not in the audience" in words(campaign, outside)
    explained, problem = audience_of(campaign, Profile.objects.get(pk=outside), now=NOW, zone=UTC)
    assert explained is not None
    assert ([one.condition for one in explained.findings if one.decides], problem) == (["who are in “Buyers”"], "")
    draft = a_campaign(a_segment([silent]))
    assert words(draft, silent) == "Not planned yet; Is in the audience now; Has no e-mail address"


def test_it_is_reached_from_the_campaign_and_from_the_person(cast: Cast) -> None:
    (one,) = some_people(1, name="Ann")
    campaign, profile, mara = started(one), Profile.objects.get(pk=one), cast.client("mara")
    page = reverse("campaigns:why", args=[campaign.pk, profile.uuid])
    search = reverse("campaigns:why_search", args=[campaign.pk])
    assert search in mara.get(reverse("campaigns:campaign", args=[campaign.pk])).content.decode()
    assert mara.get(search, {"who": str(profile.uuid)}).headers["Location"] == page
    assert "Nobody is known by that" in mara.get(search, {"who": "nobody@x.org"}).content.decode()
    shown = mara.get(page).content.decode()
    assert "Ann and “" in shown
    assert "Waits for it" in shown
    assert page in mara.get(reverse("campaigns:audience_people", args=[campaign.pk])).content.decode()
    assert page in mara.get(reverse("campaigns:of_person", args=[profile.uuid])).content.decode()
