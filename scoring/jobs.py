"""Training a predictor is long work: its job is the progress bar on its page. One at a time per predictor."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.models import Job
from scoring.models import Predictor

KIND, SCORING = "predictor", "scoring"
OPEN = (Job.State.WAITING, Job.State.RUNNING)


@transaction.atomic
def new_job(predictor: Predictor, *, title: str, by: User | None, now: datetime) -> Job:
    """The one under way, if there is one: two clicks are one training. Starting it is the caller's."""
    locked = Predictor.objects.select_for_update().get(pk=predictor.pk)
    if locked.last_job is not None and locked.last_job.state in OPEN:
        return locked.last_job
    params = {"predictor_id": predictor.pk}
    job = Job.objects.create(kind=KIND, title=title[:200], params=params, created_by=by, created_at=now)
    Predictor.objects.filter(pk=predictor.pk).update(last_job=job)
    return job


def scoring_job(predictor: Predictor) -> Job | None:
    """A scoring of everybody that is under way."""
    rows = Job.objects.filter(kind=SCORING, state__in=OPEN, params__predictor_ids__contains=predictor.pk)
    return rows.order_by("-id").first()


def cancel(job: Job, *, now: datetime) -> None:
    """One that still waits is over at once; one that runs stops at its next step."""
    Job.objects.filter(pk=job.pk, state__in=OPEN).update(is_cancel_requested=True)
    Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(state=Job.State.CANCELLED, finished_at=now)


class Cancelled(Exception):
    """Somebody asked for it to stop."""


def tell_step(job_id: int, step: str, *, now: datetime) -> None:
    """What a training is at, in words. Raises Cancelled where somebody asked for that meanwhile."""
    job = Job.objects.filter(pk=job_id)
    job.update(checkpoint={"step": step}, heartbeat_at=now)
    if job.filter(is_cancel_requested=True).exists():
        raise Cancelled


@contextmanager
def cancellable(job_id: int) -> Iterator[None]:
    """Around `working`: who stops because it was asked to has not failed."""
    try:
        yield
    except Cancelled:
        Job.objects.filter(pk=job_id).update(state=Job.State.CANCELLED, error="")
