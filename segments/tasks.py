from celery import shared_task

from cdp.common.bell import ask, hear, ring
from cdp.common.clock import deployment_zone, utc_now
from segments import asked, cuts, list_upload, schedule, scheduled, verify
from segments.models import Segment
from segments.refresh import refresh_changes, refresh_fully

TURN = 100
"""Claims in one task, so that a worker also gets round to its other work."""


@shared_task(queue="live", acks_late=True)
def refresh() -> None:
    """Follows touched profiles and the clock; woken by its bell, and every second."""
    hear(refresh)
    for _ in range(TURN):
        if not refresh_changes(now=utc_now(), zone=deployment_zone()):
            return
    ring(refresh)


@shared_task(queue="bulk", acks_late=True)
def refresh_stale() -> None:
    """Full refresh of the segments that wait for one; woken by its bell, and every half minute."""
    hear(refresh_stale)
    stale = Segment.objects.filter(is_stale=True, archived_at=None).order_by("id")
    for segment_id in list(stale.values_list("id", flat=True)):
        refresh_fully(segment_id, now=utc_now(), zone=deployment_zone())


@shared_task(queue="bulk", acks_late=True)
def refresh_due() -> None:
    """Beat: scheduled segments whose time has come."""
    for segment_id in schedule.due(now=utc_now()):
        scheduled.run(segment_id, now=utc_now(), zone=deployment_zone())


@shared_task(queue="bulk", acks_late=True)
def work(job_id: int) -> None:
    """What somebody asked for: a full refresh, a check, the look-up of an upload."""
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
