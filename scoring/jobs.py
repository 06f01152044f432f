"""Training a predictor is long work: its job is the progress bar on its page. One at a time per predictor."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.jobs import Clock
from cdp.common.models import Job
from scoring.models import Predictor

KIND, SCORING = "predictor", "scoring"
OPEN = (Job.State.WAITING, Job.State.RUNNING)
USUAL_STEPS = 20
"""Of a first training; later ones take as many as the one before."""


class Cancelled(Exception):
    """Somebody cancelled this training."""


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


@contextmanager
def cancellable(job_id: int) -> Iterator[None]:
    """Around `working`: what was cancelled is no failure."""
    try:
        yield
    except Cancelled:
        Job.objects.filter(pk=job_id).update(state=Job.State.CANCELLED, error="")


class Steps:
    """What a training calls at each of its steps, with the step in words: its page shows them, and how far it is.

    Raises Cancelled once somebody asked for it.
    """

    def __init__(self, job: Job, *, clock: Clock) -> None:
        self.job_id = job.pk
        self.clock = clock
        self.done = 0
        self.total = self._of_last(job) + 1

    def __call__(self, words: str) -> None:
        self.done += 1
        shown = min(self.done, self.total - 1)
        Job.objects.filter(pk=self.job_id).update(
            checkpoint={"step": words, "steps": self.done}, done=shown, total=self.total, heartbeat_at=self.clock()
        )
        if Job.objects.filter(pk=self.job_id, is_cancel_requested=True).exists():
            raise Cancelled

    @staticmethod
    def _of_last(job: Job) -> int:
        same = Job.objects.filter(kind=KIND, params__predictor_id=job.params.get("predictor_id"), state=Job.State.DONE)
        last = same.order_by("-id").values_list("checkpoint__steps", flat=True).first()
        return int(last or USUAL_STEPS)
