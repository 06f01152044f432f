from celery import shared_task

from cdp.common.bell import ask
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.jobs import working
from cdp.common.models import Job
from scoring import runs, send_hours_job
from scoring.send_time_refresh import refresh_hours

PARALLEL = 8
"""Workers asked for at the beginning of each round; those who find nothing to do are gone at once."""


@shared_task(queue="bulk", acks_late=True)
def score(job_id: int) -> None:
    """The next step of scoring everybody; then asks for the next, so that other work gets its turn."""
    if runs.advance(job_id, clock=utc_now):
        ask(score, job_id)


@shared_task(queue="bulk", acks_late=True)
def find_send_hours(job_id: int) -> None:
    """What the button starts, and the night."""
    with working(job_id, clock=utc_now) as progress:
        refresh_hours(now=utc_now(), zone=deployment_zone(), report=progress.report)


@shared_task(queue="bulk", acks_late=True)
def find_send_hours_nightly() -> None:
    job = send_hours_job.start(by=None, now=utc_now())
    if job.state == Job.State.WAITING:
        find_send_hours(job.pk)
