"""The life of a Job row: the page shows what the worker does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.http import HttpResponse

from cdp.common import log_context
from cdp.common.models import Job

Clock = Callable[[], datetime]


class Progress:
    """Tells the job's page how far it is."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self.job = job
        self._clock = clock

    def report(self, done: int, *, total: int | None = None) -> None:
        changes = {"done": done, "heartbeat_at": self._clock()}
        Job.objects.filter(pk=self.job.pk).update(**changes, **({} if total is None else {"total": total}))


@contextmanager
def working(job_id: int, *, clock: Clock) -> Iterator[Progress]:
    """Marks the job running, then done; what is raised inside is kept on it and raised again."""
    job = Job.objects.get(pk=job_id)
    at = clock()
    Job.objects.filter(pk=job_id).update(state=Job.State.RUNNING, started_at=at, heartbeat_at=at, error="")
    with log_context.about(job=str(job_id)):
        try:
            yield Progress(job, clock)
        except Exception as error:
            _end(job_id, Job.State.FAILED, clock(), error=f"{type(error).__name__}: {error}"[:1000])
            raise
    _end(job_id, Job.State.DONE, clock())


def refreshed(answer: HttpResponse, job: Job) -> HttpResponse:
    """Of a part that is polled: once the job has ended, the whole page is loaded anew, with what came of it."""
    if job.state not in (Job.State.WAITING, Job.State.RUNNING):
        answer["HX-Refresh"] = "true"
    return answer


def _end(job_id: int, state: Job.State, at: datetime, *, error: str = "") -> None:
    Job.objects.filter(pk=job_id).update(state=state, finished_at=at, heartbeat_at=at, error=error)
