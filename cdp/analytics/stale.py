"""Works off what waits for a full recomputation, with a job that shows how far it is; and clears what was removed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from cdp.analytics import cuts
from cdp.analytics.load import load
from cdp.analytics.models import ComputedTrait
from cdp.analytics.refresh import refresh_fully
from cdp.common.jobs import Clock, working
from cdp.common.models import Job

KIND = "computed traits"
CLEARED = 20_000
ALIVE = timedelta(minutes=2)
"""A job that said nothing for so long has died with its worker."""
MOST_ROUNDS = 5
"""Traits made of others are done in later rounds; what turns stale again and again waits for the next call."""


def refresh_waiting(*, clock: Clock, zone: ZoneInfo) -> None:
    """Safe to run twice: the second sees that the first is at work."""
    _clear()
    for _ in range(MOST_ROUNDS):
        now = clock()
        if _is_at_work(now):
            return
        _mark_cuts(now=now, zone=zone)
        rows = list(ComputedTrait.objects.filter(is_stale=True, is_on=True, is_removed=False).order_by("id"))
        if not rows:
            return
        _refresh(rows, clock=clock, zone=zone)


def _refresh(rows: list[ComputedTrait], *, clock: Clock, zone: ZoneInfo) -> None:
    title = f"“{rows[0].label}”" + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")
    job = Job.objects.create(kind=KIND, title=f"Computing {title} for everybody", created_at=clock())
    ids = [row.pk for row in rows]
    ComputedTrait.objects.filter(pk__in=ids).update(job=job)
    with working(job.pk, clock=clock) as progress:
        refresh_fully(ids, clock=clock, zone=zone, report=lambda done, total: progress.report(done, total=total))


def _is_at_work(now: datetime) -> bool:
    return Job.objects.filter(kind=KIND, state=Job.State.RUNNING, heartbeat_at__gt=now - ALIVE).exists()


def _mark_cuts(*, now: datetime, zone: ZoneInfo) -> None:
    """Bands whose number somebody has now for the first time."""
    ready = cuts.publish_missing(load(), now=now, zone=zone)
    ComputedTrait.objects.filter(pk__in=ready).update(is_stale=True)


def _clear() -> None:
    """The values of traits that are off or removed, some at a time; a removed trait goes with its last value."""
    for row in ComputedTrait.objects.exclude(is_on=True, is_removed=False):
        while _clear_some(row.pk):
            pass
        if row.is_removed:
            row.delete()
        else:
            ComputedTrait.objects.filter(pk=row.pk).update(is_stale=False, people=0)


def _clear_some(trait_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "with few as (select profile_id from analytics_computedvalue where trait_id = %s limit %s)"
            " delete from analytics_computedvalue v using few s where v.profile_id = s.profile_id and v.trait_id = %s",
            [trait_id, CLEARED, trait_id],
        )
        return int(cursor.rowcount)
