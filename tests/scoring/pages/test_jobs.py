"""The life of a training as its page sees it: steps in words, one at a time, cancelled between two."""

from datetime import timedelta

import pytest

from cdp.common.jobs import working
from cdp.common.models import Job
from scoring.jobs import Cancelled, Steps, cancel, cancellable, new_job
from scoring.templatetags.scores import training
from tests.factories import NOW
from tests.scoring.pages.laid import a_predictor

pytestmark = pytest.mark.django_db


def test_steps_tell_how_far_it_is_as_many_as_the_training_before_took() -> None:
    predictor = a_predictor()
    job = new_job(predictor, title="Training", by=None, now=NOW)
    seconds = iter(range(100))
    with working(job.pk, clock=lambda: NOW + timedelta(seconds=next(seconds))) as progress:
        step = Steps(progress.job, clock=lambda: NOW + timedelta(seconds=next(seconds)))
        for n in range(4):
            step(f"Step {n}")
            job.refresh_from_db()
            assert training(job).step == f"Step {n}"
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.checkpoint["steps"]) == ("done", 4, 21, 4)
    assert training(job).step == "Training"
    again = new_job(predictor, title="Training", by=None, now=NOW)
    assert again.pk != job.pk
    assert Steps(again, clock=lambda: NOW).total == 5


def test_a_cancelled_training_stops_at_its_next_step_and_is_no_failure() -> None:
    job = new_job(a_predictor(), title="Training", by=None, now=NOW)
    passed = []
    with cancellable(job.pk), working(job.pk, clock=lambda: NOW) as progress:
        step = Steps(progress.job, clock=lambda: NOW)
        step("Reading the past")
        cancel(job, now=NOW)
        step("Trying candidates")
        passed.append("too far")
    job.refresh_from_db()
    assert (job.state, job.error, passed) == (Job.State.CANCELLED, "", [])
    assert issubclass(Cancelled, Exception)


def test_one_that_still_waits_is_over_at_once() -> None:
    predictor = a_predictor()
    job = new_job(predictor, title="Training", by=None, now=NOW)
    assert new_job(predictor, title="Training", by=None, now=NOW) == job
    cancel(job, now=NOW)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert new_job(predictor, title="Training", by=None, now=NOW) != job
