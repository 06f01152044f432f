"""What is shown of groups follows from the ledger, the orders and the conversions."""

import pytest

from campaigns.experiments.against import control_group, holdout_of
from campaigns.experiments.counts import arms_of, groups_of
from campaigns.experiments.readout import readout
from campaigns.experiments.shown import shown_against, shown_test
from tests.campaigns.experiments.making import BEGAN, a_campaign, earned, mails, orders, people, started
from tests.taking_in import NOW, ago

pytestmark = pytest.mark.django_db


def test_variants_are_counted_by_what_their_people_did() -> None:
    campaign = started(a_campaign(1, 1))
    first, second = people(200), people(200)
    orders(first[:100], at=ago(days=40), total=20, prefix="before")
    earned(mails(campaign, first, clicked=10, ordered=2, variant=1)[:2], value=30)
    earned(mails(campaign, second[:190], clicked=60, ordered=8, variant=2)[:8], value=40)
    mails(campaign, second[190:], variant=2, state="skipped", reason="suppressed")
    one, two = groups_of(campaign)
    assert (one.people, one.clicks, one.orders, one.money.y, one.money.yy) == (200, 10, 2, 60, 1800)
    assert (one.money.x, one.money.xy) == (2000, 2 * 30 * 20)
    assert (two.people, two.drawn, two.clicks, two.orders, two.money.y) == (190, 190, 60, 8, 320)
    found = readout([one, two], decides_on="clicks", seed=1)
    assert [line.verdict for line in found.lines] == ["open", "better"]
    assert found.verdict[0] == "“B” is better than “A”: 31.6 % clicked instead of 5.00 %."
    chance = found.lines[1].chance
    assert chance and chance.best > 0.99 and found.lines[1].lift == pytest.approx(60 / 190 / 0.05 - 1)
    assert not found.is_off


def test_not_decided_is_said_so_and_so_are_groups_of_wrong_size() -> None:
    campaign = started(a_campaign(1, 1))
    mails(campaign, people(300), clicked=10, variant=1)
    mails(campaign, people(400), clicked=15, variant=2)
    shown = shown_test(campaign)
    assert shown and shown.sentences == ("Not decided yet. It is safe to look every day.",)
    assert shown.readout.is_off and [n for _, n in shown.readout.wanted] == [350, 350]
    assert shown.chart and float(shown.chart.bars[0].low[:-1]) < 50 < float(shown.chart.bars[0].high[:-1])


def test_nobody_did_anything_yet() -> None:
    shown = shown_test(started(a_campaign(1, 1, 1)))
    assert shown and shown.sentences == ("Nobody clicked yet. It is safe to look every day.",)
    assert shown.chart is None and [line.lift for line in shown.lines] == [None] * 3


def test_a_holdout_shows_what_the_campaign_does_whatever_led_to_the_orders() -> None:
    campaign = started(a_campaign(), holdout_percent=25, conversion_days=2)
    held, meant, never = people(100), people(300), people(5)
    mails(campaign, held, state="skipped", reason="holdout")
    mails(campaign, meant[:290])
    mails(campaign, meant[290:], state="skipped", reason="capped")
    mails(campaign, never, state="skipped", reason="suppressed")
    orders([*held[:4], *meant[:60], *never], at=ago(days=2))
    orders([*held, *meant], at=ago(days=10), prefix="before")
    orders(held[4:50], at=ago(hours=1), prefix="late")
    found = holdout_of(campaign, now=NOW)
    assert found and (found.held.people, found.held.orders) == (100, 4)
    assert (found.meant.people, found.meant.orders, found.meant.money.y) == (300, 60, 3000)
    shown = shown_against(found, seed=1)
    assert shown.sentences[0].startswith("It brings orders: 20.0 % ordered, 4.00 % of those held out did.")


def test_without_anybody_held_out_there_is_nothing_to_compare() -> None:
    campaign = started(a_campaign(), holdout_percent=10)
    mails(campaign, people(3))
    assert holdout_of(campaign, now=NOW) is None


def test_all_campaigns_against_the_control_group_count_each_person_once() -> None:
    first, second = started(a_campaign()), started(a_campaign(name="Summer"))
    control, others = people(40), people(60)
    for campaign in (first, second):
        mails(campaign, control, state="skipped", reason="control")
        mails(campaign, others)
    orders([*control[:5], *others[:20]])
    orders(others[:20], at=ago(days=100), prefix="before")
    found = control_group(since=ago(days=30), now=NOW)
    assert found and (found.held.people, found.held.orders) == (40, 5)
    assert (found.meant.people, found.meant.orders) == (60, 20)
    assert control_group(since=NOW, now=NOW) is None


def test_the_best_hour_is_compared_with_the_fixed_one() -> None:
    campaign = started(a_campaign(), timing="best_hour")
    mails(campaign, people(30), clicked=9, arm="best")
    mails(campaign, people(20), clicked=2, arm="fixed", due_at=BEGAN)
    mails(campaign, people(10), arm="explored")
    assert [(one.name, one.people, one.clicks) for one in arms_of(campaign)] == [
        ("the fixed hour, for comparison", 20, 2),
        ("the person's best hour", 30, 9),
        ("an hour drawn by chance", 10, 0),
    ]
