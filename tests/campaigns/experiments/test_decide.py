"""The winner is chosen once, when the time is up, and those who waited get it."""

from datetime import timedelta

import pytest

from campaigns import audience
from campaigns.experiments import decide
from campaigns.experiments.counts import groups_of
from campaigns.models import Campaign, Delivery
from cdp.rules.tree import UTC
from tests.campaigns.experiments.making import BEGAN, a_campaign, mails, people, started
from tests.campaigns.test_send import a_campaign as sendable
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


def under_test(
    *, clicks: tuple[int, int], orders: tuple[int, int] = (0, 0), waiting: int = 3, **fields: str
) -> Campaign:
    campaign = started(a_campaign(1, 1), test_percent=20, decide_after_h=24, **fields)
    for number in (1, 2):
        mails(campaign, people(100), clicked=clicks[number - 1], ordered=orders[number - 1], variant=number)
    mails(campaign, people(waiting), state="planned", due_at=None, settled_at=None)
    return campaign


def waiting(campaign: Campaign) -> int:
    return Delivery.objects.filter(campaign_id=campaign.pk, state="planned", due_at=None).count()


def test_the_better_one_goes_to_those_who_waited_once() -> None:
    campaign = under_test(clicks=(4, 9))
    assert decide.due(now=BEGAN + timedelta(hours=23)) == []
    assert decide.due(now=BEGAN + timedelta(hours=24)) == [campaign.pk]
    made = decide.decide(campaign, now=NOW)
    assert (made.number, made.waiting, made.counts) == (2, 3, {"1": [100, 4], "2": [100, 9]})
    assert 0.5 < made.chance < 1 and not made.is_certain
    with pytest.raises(decide.NothingToDecide):
        decide.decide(campaign, now=NOW)
    assert decide.due(now=NOW) == []
    assert decide.give_late(now=NOW, zone=UTC) == 3
    assert decide.give_late(now=NOW, zone=UTC) == 0
    given = Delivery.objects.filter(campaign_id=campaign.pk, gets_winner=True)
    assert set(given.values_list("variant", "due_at")) == {(2, NOW)} and waiting(campaign) == 0


def test_those_who_get_the_winner_are_not_counted_in_the_test() -> None:
    campaign = under_test(clicks=(4, 9), waiting=50)
    decide.decide(campaign, now=NOW)
    decide.give_late(now=NOW, zone=UTC)
    Delivery.objects.filter(campaign_id=campaign.pk, gets_winner=True).update(state="accepted", clicked_at=NOW)
    assert [(one.people, one.clicks) for one in groups_of(campaign)] == [(100, 4), (100, 9)]


@pytest.mark.parametrize(
    ("clicks", "orders", "on", "winner"),
    [
        ((9, 4), (0, 3), "clicks", 1),
        ((9, 4), (0, 3), "conversions", 2),
        ((5, 5), (0, 3), "clicks", 1),  # even: the first
        ((0, 0), (0, 0), "clicks", 1),
    ],
)
def test_what_it_is_decided_on(clicks: tuple[int, int], orders: tuple[int, int], on: str, winner: int) -> None:
    campaign = under_test(clicks=clicks, orders=orders, decides_on=on)
    assert decide.decide(campaign, now=NOW).number == winner


def test_a_clear_winner_is_said_to_be_sure() -> None:
    assert decide.decide(under_test(clicks=(5, 60)), now=NOW).is_certain


def test_nothing_is_decided_where_nobody_waits_or_not_all_are_planned_or_it_is_paused() -> None:
    fixed = started(a_campaign(1, 1, name="Fixed"), test_percent=100)
    mails(fixed, people(4), variant=1)
    with pytest.raises(decide.NothingToDecide):
        decide.decide(fixed, now=NOW)
    campaign = under_test(clicks=(4, 9))
    lot = campaign.plan_lots.create(occurrence="once", number=1, ids=people(1), not_before=BEGAN)
    assert decide.due(now=NOW) == []
    lot.delete()
    started(campaign, state="paused")
    assert decide.due(now=NOW) == []


def test_from_the_start_of_a_campaign_to_the_winner_for_all() -> None:
    """As it is planned: half of the people in the test, each way equally often, the others wait for it."""
    campaign = sendable(*(f"p{number}" for number in range(20)))
    campaign.variants.create(number=1, name="A")
    campaign.variants.create(number=2, name="B", changes=[{"place": ["subject"], "value": "Look"}])
    Campaign.objects.filter(pk=campaign.pk).update(test_percent=50, decide_after_h=2)
    assert audience.start(Campaign.objects.get(pk=campaign.pk), now=NOW) == 20
    rows = Delivery.objects.filter(campaign_id=campaign.pk)
    assert [rows.filter(variant=number).count() for number in (0, 1, 2)] == [10, 5, 5] and waiting(campaign) == 10
    rows.filter(variant__gt=0).update(state="accepted", settled_at=NOW)
    rows.filter(pk=rows.filter(variant=2).first().pk).update(clicked_at=NOW)  # type: ignore[union-attr]
    later = NOW + timedelta(hours=2)
    assert decide.due(now=later - timedelta(seconds=1)) == [] and decide.due(now=later) == [campaign.pk]
    assert decide.decide(campaign, now=later).number == 2
    assert decide.give_late(now=later, zone=UTC) == 10
    assert rows.filter(variant=2, gets_winner=True, due_at=later, state="planned").count() == 10
