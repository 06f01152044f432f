from celery import shared_task

from cdp.common.bell import hear, ring
from cdp.common.clock import deployment_zone, utc_now
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
