"""Work that somebody asked for from a page or the API, as a Job with its progress: a full refresh, a check."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.jobs import working
from cdp.common.models import Job
from cdp.rules.fields import RuleError
from segments import list_upload, scheduled, verify
from segments.models import Segment

REFRESH, CHECK = "segment_refresh", "segment_check"
KINDS = (REFRESH, CHECK, list_upload.KIND)
UNHEARD, DEAD = timedelta(minutes=1), timedelta(hours=1)
OPEN = (Job.State.WAITING, Job.State.RUNNING)
Clock = Callable[[], datetime]


class Failed(Exception):
    """The segment could not be refreshed."""


def ask(segment: Segment, kind: str, *, by: User | None, now: datetime) -> Job:
    """One that still waits or runs is enough. Starting it is the caller's."""
    with transaction.atomic():
        Segment.objects.select_for_update().get(pk=segment.pk)
        params = {"segment": segment.pk}
        open_one = Job.objects.filter(kind=kind, state__in=OPEN, params=params).first()
        if open_one:
            return open_one
        verb = "Refreshing" if kind == REFRESH else "Checking"
        title = f"{verb} “{segment.name}”"[:200]
        job = Job.objects.create(kind=kind, title=title, params=params, total=1, created_by=by, created_at=now)
        if kind == REFRESH:
            Segment.objects.filter(pk=segment.pk).update(job=job)
    return job


def run(job_id: int, *, clock: Clock, zone: ZoneInfo) -> None:
    """Safe to run twice."""
    job = Job.objects.get(pk=job_id)
    if job.state not in OPEN:
        return
    if job.kind == list_upload.KIND:
        list_upload.look_up(job_id, clock=clock)
        return
    with working(job_id, clock=clock) as progress:
        result = _do(job.kind, int(job.params["segment"]), now=clock(), zone=zone)
        Job.objects.filter(pk=job_id).update(result=result)
        progress.report(1)


def _do(kind: str, segment_id: int, *, now: datetime, zone: ZoneInfo) -> dict[str, object]:
    if kind == REFRESH:
        scheduled.run(segment_id, now=now, zone=zone)
        segment = Segment.objects.get(pk=segment_id)
        if segment.error:
            raise Failed(segment.error)
        return {"size": segment.size}
    try:
        found = verify.check(segment_id, now=now, zone=zone)
    except verify.NotChecked as error:
        return {"not_checked": str(error.__doc__)}
    except RuleError as error:
        raise Failed(str(error)) from error
    return {"missing": len(found.missing), "extra": len(found.extra)}


def unheard(*, now: datetime) -> list[int]:
    """Jobs whose bell was lost, or whose worker died."""
    waiting = Job.objects.filter(kind__in=KINDS, state=Job.State.WAITING, created_at__lt=now - UNHEARD)
    dead = Job.objects.filter(kind__in=KINDS, state=Job.State.RUNNING, heartbeat_at__lt=now - DEAD)
    return [*waiting.values_list("pk", flat=True), *dead.values_list("pk", flat=True)]
