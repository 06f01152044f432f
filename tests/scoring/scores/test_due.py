"""Schedules: when everybody is scored, when predictors are learned anew, and that nothing is asked for twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cdp.common.models import Job
from scoring import due
from scoring.models import Predictor
from tests.scoring.scores.made import a_predictor

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
NIGHT = datetime(2026, 3, 1, 2, 10, tzinfo=UTC)
"""3:10 in Rome."""


def trained(days: float = 1, **more: object) -> Predictor:
    return a_predictor(trained_at=NIGHT - timedelta(days=days), **more)


def test_the_first_look_only_sets_the_time() -> None:
    predictor = trained()
    found = due.take_due(now=NIGHT - timedelta(hours=5), zone=ROME)
    assert (found.score, found.trainings) == ([], [])
    predictor.refresh_from_db()
    assert predictor.due_at == NIGHT


def test_what_is_due_is_told_once_and_due_again_the_next_night() -> None:
    predictor, other = trained(due_at=NIGHT), trained(due_at=NIGHT)
    later = trained(due_at=NIGHT + timedelta(minutes=1))
    assert due.take_due(now=NIGHT, zone=ROME).score == [predictor, other]
    assert due.take_due(now=NIGHT, zone=ROME).score == []
    predictor.refresh_from_db()
    assert predictor.due_at == NIGHT + timedelta(days=1)
    assert due.take_due(now=NIGHT + timedelta(hours=1), zone=ROME).score == [later]


def test_nights_that_were_missed_are_made_up_for_once() -> None:
    trained(due_at=NIGHT - timedelta(days=5))
    assert len(due.take_due(now=NIGHT, zone=ROME).score) == 1
    assert due.take_due(now=NIGHT, zone=ROME).score == []


def test_archived_ones_are_left_alone() -> None:
    trained(due_at=NIGHT, archived_at=NIGHT)
    assert due.take_due(now=NIGHT, zone=ROME) == due.Due([], [])


@pytest.mark.parametrize(
    ("every", "days_ago", "is_due"), [(7, 6.9, False), (7, 6.99, True), (7, 8, True), (1, 0.97, True), (0, 99, False)]
)
def test_it_is_learned_anew_after_so_many_days(every: int, days_ago: float, is_due: bool) -> None:
    assert due.is_training_due(trained(days_ago, trains_every_days=every), now=NIGHT) == is_due


def test_those_learned_together_are_scored_together_once_the_last_is_learned() -> None:
    one, two = trained(8, due_at=NIGHT), trained(8, due_at=NIGHT)
    found = due.take_due(now=NIGHT, zone=ROME)
    assert found.score == []
    first, second = found.trainings
    Job.objects.filter(pk=first.pk).update(state=Job.State.DONE)
    assert due.to_score_after(first) == []
    Job.objects.filter(pk=second.pk).update(state=Job.State.FAILED)
    assert due.to_score_after(second) == [one, two]


def test_a_training_under_way_is_not_asked_for_twice() -> None:
    predictor = trained(8, due_at=NIGHT)
    [job] = due.take_due(now=NIGHT, zone=ROME).trainings
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    Predictor.objects.filter(pk=predictor.pk).update(due_at=NIGHT)
    assert due.take_due(now=NIGHT, zone=ROME) == due.Due([], [])


def test_a_training_whose_worker_died_is_found() -> None:
    trained(8, due_at=NIGHT)
    [job] = due.take_due(now=NIGHT, zone=ROME).trainings
    assert due.abandoned_trainings(now=NIGHT + timedelta(minutes=5)) == []
    assert due.abandoned_trainings(now=NIGHT + timedelta(minutes=11)) == [job.pk]
    Job.objects.filter(pk=job.pk).update(heartbeat_at=NIGHT + timedelta(minutes=9), state=Job.State.RUNNING)
    assert due.abandoned_trainings(now=NIGHT + timedelta(minutes=11)) == []
