"""Runs in the background: what the button starts, and what is due."""

from celery import shared_task

from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.jobs import working
from cdp.common.models import Job
from scoring.recommend.run import is_possible, new_job, run, settings_row


@shared_task(queue="bulk", acks_late=True)
def make_recommendations(job_id: int) -> None:
    if Job.objects.get(pk=job_id).state != Job.State.WAITING:
        return
    with working(job_id, clock=utc_now) as progress:
        run(
            now=utc_now(),
            zone=deployment_zone(),
            report=lambda done, total: progress.report(done, total=total),
        )


@shared_task(queue="bulk", acks_late=True)
def make_due_recommendations() -> None:
    """Asked every minute: the first run comes as soon as there is something to learn from."""
    row, now = settings_row(), utc_now()
    is_due = row.due_at is None or row.due_at <= now
    is_running = row.last_job is not None and row.last_job.state in (Job.State.WAITING, Job.State.RUNNING)
    if is_due and not is_running and is_possible():
        ask(make_recommendations, new_job(title="Recommendations", by=None, now=now).pk)
