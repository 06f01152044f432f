"""Work that somebody asked for, as a Job with its progress: checks, look-ups of uploads. (Refreshes: full_jobs.)"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.jobs import working
from cdp.common.models import Job
from segments import list_upload, verify
from segments.models import Segment

CHECK = "segment_check"
KINDS = (CHECK, list_upload.KIND)
UNHEARD, DEAD = timedelta(minutes=1), timedelta(hours=1)
OPEN = (Job.State.WAITING, Job.State.RUNNING)
Clock = Callable[[], datetime]


def ask_check(segment: Segment, *, by: User | None, now: datetime) -> Job:
    """One that still waits or runs is enough. Starting it is the caller's."""
    with transaction.atomic():
        Segment.objects.select_for_update().get(pk=segment.pk)
        params = {"segment_id": segment.pk}
        open_one = Job.objects.filter(kind=CHECK, state__in=OPEN, params=params).first()
        if open_one:
            return open_one
        title = f"Checking “{segment.name}”"[:200]
        return Job.objects.create(kind=CHECK, title=title, params=params, total=1, created_by=by, created_at=now)


def run(job_id: int, *, clock: Clock, zone: ZoneInfo) -> None:
    """Safe to run twice."""
    job = Job.objects.get(pk=job_id)
    if job.state not in OPEN:
        return
    if job.kind == list_upload.KIND:
        list_upload.run(job_id, clock=clock)
        return
    with working(job_id, clock=clock) as progress:
        result = _check(int(job.params["segment_id"]), now=clock(), zone=zone)
        Job.objects.filter(pk=job_id).update(result=result)
        progress.report(1)


def _check(segment_id: int, *, now: datetime, zone: ZoneInfo) -> dict[str, object]:
    try:
        found = verify.check(segment_id, now=now, zone=zone)
    except verify.NotChecked as error:
        return {"not_checked": " ".join(str(error.__doc__).split())}
    return {"missing": len(found.missing), "extra": len(found.extra)}


def unheard(*, now: datetime) -> list[int]:
    """Jobs whose bell was lost, or whose worker died."""
    waiting = Job.objects.filter(kind__in=KINDS, state=Job.State.WAITING, created_at__lt=now - UNHEARD)
    dead = Job.objects.filter(kind__in=KINDS, state=Job.State.RUNNING, heartbeat_at__lt=now - DEAD)
    return [*waiting.values_list("pk", flat=True), *dead.values_list("pk", flat=True)]
