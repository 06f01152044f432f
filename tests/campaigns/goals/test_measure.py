"""What a goal counts, of whom, from when to when; and against whom."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.goals.against import LEAST, against
from campaigns.goals.keep import count
from campaigns.goals.measure import Measured, measure, value_of
from campaigns.models import Goal
from cdp.analytics.models import ComputedTrait, ComputedValue
from cdp.profiles.models import Profile
from cdp.rules.fields import RuleError
from cdp.rules.tree import UTC
from scoring.models import Predictor, Score
from segments.models import Membership, Segment
from tests.campaigns.goals.making import BOUGHT, ENDS, STARTS, a_goal, control_of, ids, known, order
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
ROMANS = {"version": 1, "root": {"kind": "trait", "name": "city", "op": "is", "value": "Rome"}}


@pytest.fixture
def shop() -> dict[str, int]:
    """ann 100 + 50, bob 30, cat before it began and at its first moment, dan nothing."""
    known("ann", "bob", "cat", "dan")
    take_in([identify(one, traits={"city": "Rome"}) for one in ("ann", "dan")])
    take_in([order("ann", 100, at=STARTS + timedelta(days=1)), order("ann", 50), order("bob", 30)])
    take_in([order("cat", 900, at=STARTS - SECOND), order("cat", 7, at=STARTS)])
    return ids()


def value(goal: Goal, **more: Any) -> float | None:
    return value_of(goal, measure(goal, now=more.get("now", NOW), zone=UTC).all)


@pytest.mark.parametrize(
    ("metric", "params", "everybody", "romans"),
    [
        ("did", {"event": BOUGHT, "times": 1}, 3, 1),
        ("did", {"event": BOUGHT, "times": 2}, 1, 1),
        ("orders", {}, 4, 2),
        ("revenue", {}, 187, 150),
        ("per_person", {}, 187 / 4, 75),
    ],
)
def test_totals(shop: object, metric: str, params: dict[str, Any], everybody: float, romans: float) -> None:
    assert value(a_goal(metric, params=params)) == everybody
    assert value(a_goal(metric, params=params, population=ROMANS)) == romans


def test_what_comes_after_the_deadline_counts_no_more(shop: object) -> None:
    goal = a_goal()
    take_in([order("dan", 11, at=ENDS), order("dan", 13, at=ENDS + SECOND)], now=ENDS + timedelta(days=1))
    assert value(goal, now=ENDS + timedelta(days=1)) == 187 + 11


def test_shares_and_averages(shop: dict[str, int]) -> None:
    segment = Segment.objects.create(name="S", rule={}, created_at=NOW, changed_at=NOW)
    Membership.objects.create(profile_id=shop["ann"], segment_id=segment.pk, entered_at=NOW)
    goal = a_goal("share", params={"segment": segment.pk})
    assert value(goal) == 25
    assert value_of(goal, measure(a_goal("share", params=goal.params, population=ROMANS), now=NOW, zone=UTC).all) == 50
    predictor = Predictor.objects.create(name="P", kind="purchase", days=30, created_at=NOW)
    for name, said in (("ann", 0.8), ("bob", 0.2)):
        Score.objects.create(
            profile_id=shop[name],
            predictor_id=predictor.pk,
            value=said,
            percentile=1,
            band="low",
            model_id=1,
            scored_at=NOW,
        )
    assert value(a_goal("average", params={"predictor": predictor.pk})) == pytest.approx(0.5)
    trait = ComputedTrait.objects.create(
        key="n", label="N", definition={}, type="number", changed_at=NOW, created_at=NOW
    )
    ComputedValue.objects.create(profile_id=shop["ann"], trait_id=trait.pk, number=6)
    assert value(a_goal("average", params={"trait": "n"})) == 6
    ComputedTrait.objects.update(is_zero_without=True)
    assert value(a_goal("average", params={"trait": "n"})) == 1.5
    assert value(a_goal("average", params={"trait": "gone"})) is None


def test_a_rule_that_names_what_is_gone_is_an_error() -> None:
    gone = {"version": 1, "root": {"kind": "segment", "id": 99, "op": "in"}}
    with pytest.raises(RuleError):
        measure(a_goal(population=gone), now=NOW, zone=UTC)


def test_the_groups_are_those_who_drew(shop: object) -> None:
    control_of(10, ann=9.99, bob=10, cat=50)
    found = measure(a_goal(), now=NOW, zone=UTC)
    assert (found.all.people, found.control.people, found.others.people) == (4, 1, 2)
    assert (found.control.total, found.others.total, found.others.squares) == (150, 37, 30**2 + 7**2)
    assert Measured.from_json(count(a_goal(), now=NOW, zone=UTC).figures) == found


def drawn(n: int, control: int, *, spend: float, theirs: float) -> None:
    """Half of each group ordered."""
    names = [f"p{one}" for one in range(n)]
    sent = [order(one, theirs if at < control else spend) for at, one in enumerate(names) if at % 2]
    known(*names)
    take_in(sent)
    control_of(10, **{one: 0 if at < control else 99 for at, one in enumerate(names)})


def test_it_is_said_when_there_is_nobody_or_too_few_to_compare_with() -> None:
    drawn(30, 10, spend=10, theirs=10)
    goal = a_goal()
    measured = measure(goal, now=NOW, zone=UTC)
    assert "There is no control group" in against(goal, measured, share=0).problem
    assert "10 of these people" in against(goal, measured, share=10).problem
    empty = a_goal(population=ROMANS)
    assert "Nobody of these people" in against(empty, measure(empty, now=NOW, zone=UTC), share=10).problem


def test_a_difference_comes_with_its_interval() -> None:
    drawn(3 * LEAST, LEAST, spend=40, theirs=20)
    goal = a_goal()
    found = against(goal, measure(goal, now=NOW, zone=UTC), share=10)
    assert (found.control.n, found.others.n, found.problem) == (LEAST, 2 * LEAST, "")
    assert (found.control.mean, found.others.mean) == (10, 20)
    assert found.effect and found.effect.value == 10 and 0 < found.effect.low < 10 < found.effect.high
    ordered = a_goal("did", params={"event": BOUGHT, "times": 1})
    shares = against(ordered, measure(ordered, now=NOW, zone=UTC), share=10)
    assert shares.effect and shares.effect.low < 0 < shares.effect.high
    twice = a_goal("did", params={"event": BOUGHT, "times": 9})
    assert "Nobody differs" in against(twice, measure(twice, now=NOW, zone=UTC), share=10).problem
    assert Profile.objects.count() == 3 * LEAST
