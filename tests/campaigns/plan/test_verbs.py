"""Ask, approve, start, pause, resume, cancel, take back, copy: each only where it belongs, and twice is once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import audience, occurrences, sweep, verbs
from campaigns.due import plan_some
from campaigns.models import Campaign, Delivery, PlanLot, SendingPolicy, Variant
from campaigns.policy import THE_ONE
from cdp.accounts.models import AuditEntry
from cdp.accounts.roles import Role
from cdp.rules.tree import UTC
from tests.campaigns.plan.cases import CONTENT, a_campaign, a_segment, planned, reasons, some_people
from tests.cast import Cast
from tests.factories import a_user
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
State = Campaign.State


def needs_approval() -> None:
    SendingPolicy.objects.update_or_create(pk=THE_ONE, defaults={"needs_approval": True})


def state(campaign: Campaign) -> str:
    return Campaign.objects.get(pk=campaign.pk).state


def test_somebody_else_approves_and_that_starts_it() -> None:
    needs_approval()
    mara, ada = a_user(role=Role.MARKETER), a_user(role=Role.ADMIN)
    campaign = a_campaign(a_segment(some_people(2)))
    assert verbs.start(campaign, by=mara, now=NOW, zone=UTC) is None
    assert (state(campaign), Delivery.objects.count()) == (State.WAITING, 0)
    with pytest.raises(verbs.OwnWork):
        verbs.approve(campaign, by=mara, now=NOW, zone=UTC)
    assert verbs.approve(campaign, by=ada, now=NOW, zone=UTC) == 2
    with pytest.raises(verbs.NotNow):
        verbs.approve(campaign, by=ada, now=NOW, zone=UTC)
    kept = Campaign.objects.get(pk=campaign.pk)
    assert (kept.state, kept.asked_by, kept.approved_by) == (State.SENDING, mara, ada)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "actor_id")) == [
        ("asked for approval of campaign", mara.pk),
        ("approved campaign", ada.pk),
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda one: Campaign.objects.filter(pk=one.pk).update(holdout_percent=5),
        lambda one: one.excluded.add(a_segment([])),
        lambda one: Variant.objects.create(campaign=one, number=1, name="V"),
        lambda one: type(one.template).objects.filter(pk=one.template_id).update(content={**CONTENT, "subject": "Ho"}),
    ],
)
def test_a_change_after_asking_asks_anew(change: Callable[[Campaign], object]) -> None:
    mara, ada = a_user(role=Role.MARKETER), a_user(role=Role.ADMIN)
    campaign = a_campaign(a_segment([]))
    verbs.ask(campaign, by=mara, now=NOW)
    change(campaign)
    with pytest.raises(verbs.ChangedSinceAsked):
        verbs.approve(campaign, by=ada, now=NOW, zone=UTC)
    verbs.take_back(campaign, by=mara, now=NOW)
    verbs.ask(campaign, by=mara, now=NOW)
    verbs.approve(campaign, by=ada, now=NOW, zone=UTC)


def test_cancelling_skips_whoever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "LOT", 3)
    monkeypatch.setattr(sweep, "AT_ONCE", 1)
    ids = some_people(5)
    campaign = a_campaign(a_segment(ids))
    audience.start(campaign, now=NOW)
    Delivery.objects.filter(profile_id=ids[0]).update(state=Delivery.State.ACCEPTED)
    assert verbs.waiting(campaign) == 4
    assert verbs.cancel(campaign, by=None, now=NOW) == 1
    while plan_some(now=NOW, zone=UTC):
        pass
    assert reasons(campaign) == {ids[0]: "accepted", ids[1]: "cancelled", ids[2]: "cancelled"}
    assert not PlanLot.objects.exists()
    kept = Campaign.objects.get(pk=campaign.pk)
    assert (kept.state, kept.finished_at) == (State.CANCELLED, NOW)
    for verb in (verbs.pause, verbs.cancel, verbs.take_back):
        with pytest.raises(verbs.NotNow):
            verb(campaign, by=None, now=NOW)


def test_a_scheduled_one_is_paused_resumed_and_taken_back() -> None:
    moment = NOW + timedelta(days=3)
    campaign = a_campaign(a_segment(some_people(1)), timing=Campaign.Timing.AT, send_at=moment)
    audience.start(campaign, now=NOW)
    verbs.pause(campaign, by=None, now=NOW)
    plan_some(now=moment, zone=UTC)
    assert (state(campaign), Delivery.objects.count()) == (State.PAUSED, 0)
    verbs.resume(campaign, by=None, now=NOW, zone=UTC)
    assert state(campaign) == State.SCHEDULED
    verbs.take_back(campaign, by=None, now=NOW)
    assert state(campaign) == State.DRAFT
    audience.start(campaign, now=NOW)
    plan_some(now=moment, zone=UTC)
    assert len(planned(campaign)) == 1


def test_a_copy_has_the_same_settings_and_a_mail_of_its_own() -> None:
    segment = a_segment([])
    campaign = a_campaign(segment, excluded=(a_segment([]),), holdout_percent=7, delay_s=60, state=State.SENT)
    Variant.objects.create(campaign=campaign, number=1, name="V", weight=3)
    made, again = (verbs.copy(campaign, by=None, now=NOW) for _ in range(2))
    assert (made.name, again.name) == (f"{campaign.name} (copy)", f"{campaign.name} (copy 2)")
    assert (made.state, made.holdout_percent, made.delay_s, made.template.content) == ("draft", 7, 60, CONTENT)
    assert made.template_id != campaign.template_id
    assert list(made.included.all()) == [segment]
    assert made.excluded.get() == campaign.excluded.get()
    assert Variant.objects.get(campaign=made).weight == 3


def test_buttons_do_it_once_and_say_what_became_of_it(cast: Cast) -> None:
    campaign = a_campaign(a_segment(some_people(2)))
    mara = cast.client("mara")

    def post(verb: str, **more: str) -> str:
        url = reverse(f"campaigns:{verb}", args=[campaign.pk])
        return mara.post(url, more, follow=True).content.decode()

    for _ in range(2):
        post("send", without_check="yes")
    assert Delivery.objects.count() == 2
    assert "Paused." in post("pause")
    assert "2 people who wait get it" in post("pause")  # the page offers to go on; twice is once
    assert "It goes on." in post("resume")
    assert "Cancelled: 2 people who waited got nothing." in post("cancel")
    assert set(reasons(campaign).values()) == {"cancelled"}


def test_who_asked_is_not_offered_to_approve(cast: Cast) -> None:
    needs_approval()
    campaign = a_campaign(a_segment(some_people(2)))
    ada, mara = cast.client("ada"), cast.client("mara")
    page = reverse("campaigns:campaign", args=[campaign.pk])
    assert "Ask for approval without check" in mara.get(page).content.decode()
    ada.post(reverse("campaigns:send", args=[campaign.pk]), {"without_check": "yes"})
    assert "Approve and start" not in ada.get(page).content.decode()
    assert mara.post(reverse("campaigns:approve", args=[campaign.pk])).status_code == 403
    assert state(campaign) == State.WAITING
