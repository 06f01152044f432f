from celery import shared_task

from cdp.common.bell import ask, ring
from cdp.common.clock import deployment_zone, utc_now
from scoring.cluster import schedule, work
from segments import tasks as segment_tasks


@shared_task(queue="bulk", acks_late=True)
def run(job_id: int) -> None:
    """What the button and the schedule start."""
    if work.run_job(job_id, clock=utc_now, zone=deployment_zone()):
        ring(segment_tasks.refresh_stale)


@shared_task(queue="bulk", acks_late=True)
def run_due() -> None:
    """Beat: clusterings whose time has come, and jobs whose bell was lost or whose worker died."""
    for job_id in {*schedule.ask_due(now=utc_now(), zone=deployment_zone()), *schedule.unheard(now=utc_now())}:
        ask(run, job_id)
