"""Runs in the background: what the button starts, and what is due."""

from datetime import datetime, timedelta
from functools import partial

from celery import shared_task

from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.jobs import Progress, working
from cdp.common.models import Job
from scoring.recommend.run import Stopped, is_possible, new_job, put_off, run, settings_row

LOST = timedelta(minutes=30)
"""A run that said nothing for so long has lost its worker."""
AGAIN = timedelta(hours=1)
"""After a run that failed."""


@shared_task(queue="bulk", acks_late=True)
def make_recommendations(job_id: int) -> None:
    """A worker that takes over from one that died begins anew: everything is replaced at the end."""
    if Job.objects.get(pk=job_id).state not in (Job.State.WAITING, Job.State.RUNNING):
        return
    try:
        with working(job_id, clock=utc_now) as progress:
            run(now=utc_now(), zone=deployment_zone(), report=partial(_report, progress))
    except Stopped:
        Job.objects.filter(pk=job_id).update(state=Job.State.CANCELLED, error="")
        put_off(now=utc_now(), zone=deployment_zone())


def _report(progress: Progress, done: int, total: int) -> None:
    progress.report(done, total=total)
    if Job.objects.filter(pk=progress.job.pk, is_cancel_requested=True).exists():
        raise Stopped


@shared_task(queue="bulk", acks_late=True)
def make_due_recommendations() -> None:
    """Asked every minute: the first run comes as soon as there is something to learn from."""
    row, now = settings_row(), utc_now()
    is_due = row.due_at is None or row.due_at <= now
    if is_due and not (row.last_job and holds_back(row.last_job, now=now)) and is_possible():
        ask(make_recommendations, new_job(title="Recommendations", by=None, now=now).pk)


def holds_back(job: Job, *, now: datetime) -> bool:
    """Whether it is under way, or failed a moment ago."""
    if job.state in (Job.State.WAITING, Job.State.RUNNING):
        return (job.heartbeat_at or job.created_at) > now - LOST
    return job.state == Job.State.FAILED and job.finished_at is not None and job.finished_at > now - AGAIN
