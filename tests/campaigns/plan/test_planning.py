"""The ledger: each of the audience once, held back, varied and timed as the campaign says."""

from collections import Counter
from datetime import time, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import audience, occurrences, planning
from campaigns.control import in_control
from campaigns.models import Campaign, ControlDraw, Delivery, PlanLot, SendingPolicy, Variant
from campaigns.planning import Wanted, plan, release
from campaigns.policy import THE_ONE
from cdp.privacy.models import Suppression
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.campaigns.plan.cases import a_campaign, a_segment, at, planned, reasons, some_people
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
Timing, State = Campaign.Timing, Campaign.State


def plan_all(campaign: Campaign) -> None:
    while occurrences.plan_next(campaign.pk, now=NOW, zone=UTC) is not None:
        pass


def variants(campaign: Campaign, *weights: int) -> None:
    for number, weight in enumerate(weights, 1):
        Variant.objects.create(campaign=campaign, number=number, name=f"V{number}", weight=weight)


def control(percent: int) -> None:
    SendingPolicy.objects.update_or_create(pk=THE_ONE, defaults={"control_percent": percent})


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    n=st.integers(0, 60),
    without=st.integers(0, 5),
    twins=st.integers(0, 5),
    lot=st.integers(3, 25),
    held=st.sampled_from([0, 10, 50]),
    weights=st.sampled_from([(), (1, 1), (3, 1, 1)]),
    tested=st.sampled_from([100, 20]),
)
def test_everybody_has_one_row_and_shares_are_kept(
    n: int, without: int, twins: int, lot: int, held: int, weights: tuple[int, ...], tested: int
) -> None:
    ids = some_people(n) + some_people(without, email=None) + some_people(twins, email="Same@x.org ")
    campaign = a_campaign(a_segment(ids), holdout_percent=held, test_percent=tested)
    variants(campaign, *weights)
    before, occurrences.LOT = occurrences.LOT, lot
    try:
        audience.start(campaign, now=NOW)
        plan_all(campaign)
    finally:
        occurrences.LOT = before
    found = Delivery.objects.filter(campaign_id=campaign.pk)
    assert sorted(found.values_list("profile_id", flat=True)) == sorted(ids)
    told = Counter(found.values_list("reason", flat=True))
    assert told["no_address"] == without
    assert told["same_address"] == max(0, twins - 1)
    eligible = n + min(twins, 1)
    lots = len(ids) // lot + 1  # each is within one of its share
    assert abs(told["holdout"] - eligible * held / 100) <= lots
    going = eligible - told["holdout"]
    waiting = found.filter(due_at=None).count()
    by_variant = Counter(found.filter(reason="", due_at__isnull=False).values_list("variant", flat=True))
    if not weights:
        assert (waiting, by_variant) == (0, Counter({0: going} if going else {}))
        return
    assert abs(waiting - going * (100 - tested) / 100) <= lots
    for number, weight in enumerate(weights, 1):
        assert abs(by_variant[number] - (going - waiting) * weight / sum(weights)) <= 2 * lots


def test_what_is_planned_again_changes_nothing() -> None:
    ids = some_people(20)
    campaign = a_campaign(a_segment(ids), holdout_percent=30)
    wanted = [Wanted(pk, "once", NOW) for pk in ids]
    assert plan(campaign, wanted, now=NOW) == 20
    first = reasons(campaign)
    assert plan(campaign, wanted[::-1], now=NOW + timedelta(hours=1)) == 0
    assert reasons(campaign) == first


def test_a_lot_that_breaks_leaves_nothing_and_is_planned_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "LOT", 4)
    ids = some_people(10)
    campaign = a_campaign(a_segment(ids))
    audience.start(campaign, now=NOW)
    assert Delivery.objects.count() == 4

    def dies(*_: object, **__: object) -> int:
        plan_as_ever(*_, **__)  # type: ignore[arg-type]
        raise MemoryError

    plan_as_ever = planning.plan
    monkeypatch.setattr(occurrences, "plan", dies)
    with pytest.raises(MemoryError):
        occurrences.plan_next(campaign.pk, now=NOW, zone=UTC)
    assert (Delivery.objects.count(), PlanLot.objects.count()) == (4, 2)
    monkeypatch.setattr(occurrences, "plan", plan_as_ever)
    plan_all(campaign)
    assert sorted(planned(campaign)) == ids
    assert not PlanLot.objects.exists()


def test_whoever_is_merged_between_two_lots_gets_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "LOT", 2)
    one, other, loser, winner = some_people(4)
    campaign = a_campaign(a_segment([one, other, loser, winner]))
    audience.start(campaign, now=NOW)
    Profile.objects.filter(pk=loser).update(merged_into=winner)
    plan_all(campaign)
    assert reasons(campaign) == {one: "planned", other: "planned", winner: "planned"}


def test_whoever_became_somebody_of_an_earlier_lot_is_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "LOT", 2)
    winner, other, loser = some_people(3)
    campaign = a_campaign(a_segment([winner, other, loser]))
    audience.start(campaign, now=NOW)
    Profile.objects.filter(pk=loser).update(merged_into=winner)
    plan_all(campaign)
    assert reasons(campaign) == {winner: "planned", other: "planned"}


def test_an_address_that_two_lots_share_is_written_to_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "LOT", 1)
    first, second = some_people(2, email="one@x.org")
    campaign = a_campaign(a_segment([first, second]))
    audience.start(campaign, now=NOW)
    plan_all(campaign)
    assert reasons(campaign) == {first: "planned", second: "same_address"}


def test_each_occurrence_is_for_itself() -> None:
    (one,) = some_people(1)
    campaign = a_campaign(a_segment([one]))
    assert plan(campaign, [Wanted(one, "a", NOW), Wanted(one, "b", NOW), Wanted(one, "a", NOW)], now=NOW) == 2


def test_the_control_group_gets_no_campaign_and_stays() -> None:
    control(50)
    ids = some_people(40)
    told = []
    for _ in range(2):
        campaign = a_campaign(a_segment(ids))
        audience.start(campaign, now=NOW)
        told.append({pk for pk, why in reasons(campaign).items() if why == "control"})
    assert told[0] == told[1]
    assert 5 < len(told[0]) < 35
    control(25)
    fewer = {draw.pk for draw in ControlDraw.objects.filter(draw__lt=25)}
    campaign = a_campaign(a_segment(ids))
    audience.start(campaign, now=NOW)
    assert {pk for pk, why in reasons(campaign).items() if why == "control"} == fewer < told[0]


def test_who_takes_over_a_person_that_drew_keeps_the_draw() -> None:
    control(50)
    loser, winner = some_people(2)
    ControlDraw.objects.create(profile_id=loser, draw=3.5, at=NOW)
    Profile.objects.filter(pk=loser).update(merged_into=winner)
    campaign = a_campaign(a_segment([winner]))
    audience.start(campaign, now=NOW)
    assert reasons(campaign) == {winner: "control"}
    assert ControlDraw.objects.get(pk=winner).draw == 3.5


def test_only_who_would_have_been_written_to_is_held_out() -> None:
    ids = some_people(10)
    for one in Profile.objects.filter(pk__in=ids[:5]):
        Suppression.objects.create(namespace="email", value=one.traits["email"], reason="manual", at=NOW)
    control(100)  # everybody, so that all are asked
    campaign = a_campaign(a_segment(ids))
    audience.start(campaign, now=NOW)
    assert Counter(reasons(campaign).values()) == {"suppressed": 5, "control": 5}


def test_each_gets_it_at_nine_of_their_own_clock() -> None:
    oslo, tokyo, unknown = (some_people(1, timezone=zone)[0] for zone in ("Europe/Oslo", "Asia/Tokyo", "Mars"))
    campaign = a_campaign(
        a_segment([oslo, tokyo, unknown]), timing=Timing.LOCAL, local_time=time(9), send_at=at("2026-03-03 00:00")
    )
    audience.start(campaign, now=NOW)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.next_at) == (State.SCHEDULED, at("2026-03-02 10:00"))
    early = at("2026-03-02 10:00")
    assert occurrences.begin(campaign.pk, now=early, zone=UTC)
    occurrences.plan_next(campaign.pk, now=early, zone=UTC)
    due = {pk: row.due_at for pk, row in planned(campaign).items()}
    assert due == {tokyo: at("2026-03-03 00:00"), oslo: at("2026-03-03 08:00"), unknown: at("2026-03-03 09:00")}


def test_whose_hour_has_passed_gets_it_the_next_day() -> None:
    (tokyo,) = some_people(1, timezone="Asia/Tokyo")
    campaign = a_campaign(a_segment([tokyo]), timing=Timing.LOCAL, local_time=time(9))
    audience.start(campaign, now=at("2026-03-03 02:00"))
    assert planned(campaign)[tokyo].due_at == at("2026-03-04 00:00")


def test_variants_may_have_a_time_of_their_own() -> None:
    ids = some_people(10)
    campaign = a_campaign(a_segment(ids))
    variants(campaign, 1, 1)
    Variant.objects.filter(campaign=campaign, number=2).update(local_time=time(18))
    audience.start(campaign, now=NOW)
    due = {(row.variant, row.due_at) for row in planned(campaign).values()}
    assert due == {(1, NOW), (2, at("2026-03-01 18:00"))}


def test_best_hours_name_their_arm() -> None:
    ids = some_people(40)
    campaign = a_campaign(a_segment(ids), timing=Timing.BEST_HOUR, fixed_hour_percent=25, fallback_hour=15)
    audience.start(campaign, now=NOW)
    rows = planned(campaign).values()
    assert Counter(row.arm for row in rows) == {"fixed": 10, "fallback": 30}  # nothing is known of anybody's hours
    assert {row.due_at for row in rows} == {at("2026-03-01 15:00")}


def test_the_winner_is_given_to_those_who_waited() -> None:
    ids = some_people(20)
    campaign = a_campaign(a_segment(ids), test_percent=50)
    variants(campaign, 1, 1)
    audience.start(campaign, now=NOW)
    later = NOW + timedelta(days=1)
    assert release(campaign, variant=2, now=later, zone=UTC) == 10
    assert release(campaign, variant=2, now=later, zone=UTC) == 0
    assert Counter((row.variant, row.due_at) for row in planned(campaign).values()) == {
        (1, NOW): 5,
        (2, NOW): 5,
        (2, later): 10,
    }


def test_who_has_not_drawn_draws_once_for_all_campaigns() -> None:
    control(10)
    ids = some_people(5)
    generator = np.random.default_rng(1)
    first = in_control(ids, now=NOW, generator=generator)
    assert in_control(ids, now=NOW, generator=generator) == first
    assert ControlDraw.objects.count() == 5
