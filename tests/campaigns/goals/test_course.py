"""Where a goal stands, by table; and its samples from day to day."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.goals import keep
from campaigns.goals.course import needed, standing
from campaigns.models import Goal, GoalSample
from campaigns.tasks import count_goals
from cdp.rules.tree import UTC
from tests.campaigns.goals.making import ENDS, STARTS, a_goal, order
from tests.taking_in import NOW, take_in

MIDDLE = NOW  # half of the time is over


def goal(metric: str = "revenue", **more: Any) -> Goal:
    given = {"name": "G", "metric": metric, "target": 100.0, "starts_at": STARTS, "ends_at": ENDS, **more}
    return Goal(**given)


@pytest.mark.parametrize(
    ("made", "first", "value", "now", "words"),
    [
        (goal(), None, None, STARTS - timedelta(seconds=1), "begins on 19 February 2026"),
        (goal(), None, None, MIDDLE, "not counted yet"),
        (goal(), 0.0, 50.0, MIDDLE, "on track"),
        (goal(), 0.0, 45.0, MIDDLE, "on track"),
        (goal(), 0.0, 44.9, MIDDLE, "behind"),
        (goal(), 0.0, 55.1, MIDDLE, "ahead"),
        (goal(reached_at=NOW), 0.0, 120.0, MIDDLE, "reached on 1 March 2026"),
        (goal(), 0.0, 99.0, ENDS, "missed"),
        (goal(direction="at_most"), 0.0, 50.0, MIDDLE, "on track"),
        (goal(direction="at_most"), 0.0, 40.0, MIDDLE, "ahead"),
        (goal(direction="at_most"), 0.0, 60.0, MIDDLE, "behind"),
        (goal(direction="at_most"), 0.0, 100.1, MIDDLE, "missed"),
        (goal(direction="at_most"), 0.0, 100.0, ENDS, "reached on 11 March 2026"),
        (goal("share", target=30.0), 20.0, 25.0, MIDDLE, "on track"),
        (goal("share", target=30.0), 20.0, 20.0, MIDDLE, "behind"),
        (goal("average", target=0.2, direction="at_most"), 0.4, 0.3, MIDDLE, "on track"),
        (goal("average", target=0.2, direction="at_most"), 0.4, 0.25, MIDDLE, "ahead"),
        (goal("average", target=0.2, direction="at_most"), 0.4, 0.35, MIDDLE, "behind"),
    ],
)
def test_the_state_in_words(made: Goal, first: float | None, value: float | None, now: datetime, words: str) -> None:
    assert standing(made, first=first, value=value, now=now).words == words


def test_the_line_begins_at_nothing_or_where_it_was_first_counted() -> None:
    quarter = STARTS + timedelta(days=5)
    assert needed(goal(), None, at=quarter) == 25
    assert needed(goal("share"), 20.0, at=quarter) == 40
    assert needed(goal("share"), None, at=quarter) is None
    assert needed(goal(), None, at=ENDS + timedelta(days=9)) == 100


@pytest.mark.django_db
def test_a_sample_a_day_and_the_first_that_is_there_is_remembered() -> None:
    made = a_goal(target=100)
    for day, total in ((1, 60), (2, 30), (3, 20), (4, 5)):
        at = STARTS + timedelta(days=day)
        take_in([order("ann", total, at=at)], now=at)
        keep.count(made, now=at, zone=UTC)
        keep.count(made, now=at + timedelta(hours=1), zone=UTC)
    samples = GoalSample.objects.filter(goal=made).order_by("on")
    assert [one.value for one in samples] == [60, 90, 110, 115]
    made.refresh_from_db()
    assert made.reached_at == samples[2].at - timedelta(hours=1)  # the first count of that day
    keep.change(made, keep.Draft("G", "revenue", 112, STARTS, ENDS, {}))
    made.refresh_from_db()
    assert made.reached_at == samples[3].at
    keep.change(made, keep.Draft("G", "orders", 112, STARTS, ENDS, {}))
    assert not GoalSample.objects.exists()
    made.refresh_from_db()
    assert made.reached_at is None


@pytest.mark.django_db
def test_those_are_counted_whose_time_runs_and_once_more_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = a_goal(name="runs")
    a_goal(name="later", starts_at=NOW + timedelta(days=1))
    over = a_goal(name="over", ends_at=NOW - timedelta(days=1))
    keep.archive(a_goal(name="archived"), now=NOW)
    assert [one.pk for one in keep.wanted(now=NOW)] == [runs.pk, over.pk]
    monkeypatch.setattr("campaigns.tasks.utc_now", lambda: NOW)
    broken = a_goal(name="broken", population={"version": 1, "root": {"kind": "segment", "id": 99, "op": "in"}})
    count_goals()
    assert sorted(GoalSample.objects.values_list("goal_id", flat=True)) == [runs.pk, over.pk]
    assert [one.pk for one in keep.wanted(now=NOW)] == [runs.pk, broken.pk]
