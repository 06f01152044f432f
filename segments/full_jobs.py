"""Full refreshes that workers take in turn: what the rule needs is prepared, and a job that was asked for is told."""

import logging
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction

from cdp.accounts.models import User
from cdp.common.models import Job
from cdp.rules.fields import RuleError
from cdp.rules.indexes import ensure_indexes
from cdp.rules.parse import parse
from segments.models import Segment
from segments.refresh import OPEN, Outcome, refresh_waiting

Clock = Callable[[], datetime]
KIND = "segment_refresh"
STEPS = 2
"""Prepared; refreshed."""

log = logging.getLogger(__name__)


@transaction.atomic
def ask(segment: Segment, *, by: User | None, now: datetime) -> Job:
    """The one under way, if there is one. The caller rings for `refresh_stale`."""
    locked = Segment.objects.select_for_update().get(pk=segment.pk)
    if locked.job is not None and locked.job.state in OPEN:
        return locked.job
    title = f"Refreshing “{locked.name}”"
    params = {"segment_id": locked.pk, "took_ms_before": locked.took_ms}
    job = Job.objects.create(kind=KIND, title=title, params=params, total=STEPS, created_by=by, created_at=now)
    Segment.objects.filter(pk=locked.pk).update(job=job, retry_at=None)
    return job


def refresh(segment_id: int, *, clock: Clock, zone: ZoneInfo, within_s: float) -> None:
    """Twice at once is once: who finds another worker at it goes on to the next."""
    job = Job.objects.filter(pk=Segment.objects.values_list("job", flat=True).get(pk=segment_id), state__in=OPEN)
    job.update(state=Job.State.RUNNING, started_at=clock(), heartbeat_at=clock())
    _prepare(segment_id, zone=zone)
    job.update(done=1, heartbeat_at=clock())
    outcome = refresh_waiting(segment_id, now=clock(), zone=zone, within_s=within_s)
    segment = Segment.objects.get(pk=segment_id)
    ended = {"heartbeat_at": clock(), "finished_at": clock()}
    if outcome == Outcome.DONE:
        job.update(state=Job.State.DONE, done=STEPS, result={"size": segment.size, "took_ms": segment.took_ms}, **ended)
    elif outcome == Outcome.FAILED:
        job.update(state=Job.State.FAILED, error=segment.error, **ended)


def _prepare(segment_id: int, *, zone: ZoneInfo) -> None:
    """Indexes cannot be made beside writers in a transaction. Without them the rule is slower and as right."""
    try:
        node = parse(Segment.objects.values_list("rule", flat=True).get(pk=segment_id))
        ensure_indexes(node, zone=zone, concurrently=not connection.in_atomic_block)
    except RuleError:
        return  # its refresh says so
    except DatabaseError as error:
        if connection.in_atomic_block:
            raise
        log.warning("An index of segment %s could not be made: %s", segment_id, type(error).__name__)
