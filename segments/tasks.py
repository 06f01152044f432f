import logging

from celery import shared_task
from django.conf import settings

from cdp.common.bell import ask, hear, ring
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import deployment_zone, utc_now
from segments import asked, cuts, full_jobs, list_upload, schedule, scheduled, verify
from segments.refresh import is_more_touched, refresh_changes, waiting_segments

TURN = 100
"""Claims in one task, so that a worker also gets round to its other work."""

log = logging.getLogger(__name__)


@shared_task(queue="live", acks_late=True)
def refresh() -> None:
    """Follows touched profiles and the clock; woken by its bell, and twice a second."""
    hear(refresh)
    try:
        for _ in range(TURN):
            size = refresh_changes(now=utc_now(), zone=deployment_zone(), within_s=settings.SEGMENT_CLAIM_LIMIT_S)
            if size is None or (size == 0 and not is_more_touched()):
                return
    except GIVEN_BACK as error:
        log.warning("A claim was given back: %s", str(error).split("\n", maxsplit=1)[0])
        return
    ring(refresh)


@shared_task(queue="bulk", acks_late=True)
def refresh_stale() -> None:
    """Full refresh of the segments that wait for one; woken by its bell, and every half minute."""
    hear(refresh_stale)
    for segment_id in waiting_segments(now=utc_now()):
        full_jobs.refresh(segment_id, clock=utc_now, zone=deployment_zone(), within_s=settings.SEGMENT_REFRESH_LIMIT_S)


@shared_task(queue="bulk", acks_late=True)
def refresh_due() -> None:
    """Beat: scheduled segments whose time has come."""
    for segment_id in schedule.due(now=utc_now()):
        scheduled.run(segment_id, now=utc_now(), zone=deployment_zone(), within_s=settings.SEGMENT_REFRESH_LIMIT_S)


@shared_task(queue="bulk", acks_late=True)
def work(job_id: int) -> None:
    """What somebody asked for: a check, the look-up of an upload."""
    asked.run(job_id, clock=utc_now, zone=deployment_zone())


@shared_task(queue="bulk", acks_late=True)
def revive() -> None:
    """Beat: asked-for work whose bell was lost or whose worker died."""
    for job_id in asked.unheard(now=utc_now()):
        ask(work, job_id)


@shared_task(queue="bulk", acks_late=True)
def publish_cuts() -> None:
    """Beat, nightly: the boundaries among all people anew."""
    cuts.publish_all(now=utc_now(), zone=deployment_zone())
    ring(refresh_stale)


@shared_task(queue="bulk", acks_late=True)
def check_all() -> None:
    """Beat, nightly: are all memberships what the rules give?"""
    for segment_id in verify.checkable():
        verify.check_or_log(segment_id, now=utc_now(), zone=deployment_zone())


@shared_task(queue="bulk", acks_late=True)
def forget_uploads() -> None:
    """Beat, nightly."""
    list_upload.forget(now=utc_now())
