"""A check as long work: started once, cancelled between lots, taken up by another worker where one died."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns.check.state import fingerprint_of
from campaigns.content.modules import modules_for
from campaigns.models import Campaign, Check
from campaigns.target import versions
from cdp.accounts.models import User
from cdp.common.jobs import Clock
from cdp.common.models import Job

KIND = "campaign_check"
OPEN = (Job.State.WAITING, Job.State.RUNNING)
SILENT, UNHEARD = timedelta(minutes=3), timedelta(minutes=1)
"""Longer than any lot takes; how long a bell may take."""
KEPT = 3
"""Checks of one campaign."""


class Stopped(Exception):
    """Somebody pressed Cancel, or another worker took over."""


@dataclass(frozen=True, slots=True)
class Run:
    """One worker's turn at a check."""

    check: Check
    job_id: int
    fence: str
    clock: Clock

    def tell(self, done: int, total: int, *, step: str) -> None:
        """Raises Stopped if it should end."""
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=self.job_id)
            if job.checkpoint.get("fence") != self.fence or job.state != Job.State.RUNNING:
                raise Stopped
            job.done, job.total, job.heartbeat_at = done, total, self.clock()
            job.checkpoint = {**job.checkpoint, "step": step}
            if job.is_cancel_requested:
                job.state, job.finished_at = Job.State.CANCELLED, job.heartbeat_at
            job.save()
        if job.is_cancel_requested:
            raise Stopped

    def write(self, change: Callable[[], None]) -> None:
        """Does it while the check is still this worker's."""
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=self.job_id)
            if job.checkpoint.get("fence") != self.fence or job.state != Job.State.RUNNING:
                raise Stopped
            change()

    def end(self, state: Job.State, *, result: dict[str, Any] | None = None, error: str = "") -> None:
        now = self.clock()
        mine = Job.objects.filter(pk=self.job_id, checkpoint__fence=self.fence, state=Job.State.RUNNING)
        mine.update(state=state, result=result or {}, error=error[:1000], heartbeat_at=now, finished_at=now)


@transaction.atomic
def start_check(campaign: Campaign, *, by: User | None, now: datetime) -> Check:
    """Of the mail and the segment as they are now. One under way of the very same is enough; another is stopped."""
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    content, modules = locked.template.content, modules_for(locked.template.content)
    fingerprint = fingerprint_of(locked, content=content, modules=modules)
    for check in Check.objects.filter(campaign=locked, job__state__in=OPEN).select_related("job"):
        if check.fingerprint == fingerprint and check.job and not check.job.is_cancel_requested:
            return check
        if check.job:
            stop(check.job, now=now)
    title = f"Checking “{locked.name}” with everybody"[:200]
    job = Job.objects.create(kind=KIND, title=title, created_by=by, created_at=now)
    check = Check.objects.create(
        campaign=locked,
        job=job,
        content=content,
        modules={str(pk): held for pk, held in modules.items()},
        fingerprint=fingerprint,
        segment_version=versions(locked),
        as_of=now,
    )
    Job.objects.filter(pk=job.pk).update(params={"check_id": check.pk, "campaign_id": locked.pk})
    return check


def stop(job: Job, *, now: datetime) -> None:
    """It ends after its present lot; one that no worker has ends at once."""
    with transaction.atomic():
        found = Job.objects.select_for_update().get(pk=job.pk)
        if found.state == Job.State.RUNNING:
            found.is_cancel_requested = True
        elif found.state == Job.State.WAITING:
            found.state, found.finished_at = Job.State.CANCELLED, now
        found.save()


@transaction.atomic
def take_over(job_id: int, *, clock: Clock) -> Run | None:
    """None where another worker is at it, or it is over."""
    job = Job.objects.select_for_update().filter(pk=job_id, kind=KIND).first()
    if job is None or job.state not in OPEN:
        return None
    now = clock()
    if job.state == Job.State.RUNNING and job.heartbeat_at and now - job.heartbeat_at < SILENT:
        return None
    check = Check.objects.select_related("campaign__topic__purpose").filter(job=job).first()
    if check is None:
        job.state, job.finished_at, job.error = Job.State.FAILED, now, "The campaign is gone."
        job.save()
        return None
    fence = uuid.uuid4().hex
    job.checkpoint = {**job.checkpoint, "fence": fence}
    job.state, job.started_at, job.heartbeat_at = Job.State.RUNNING, job.started_at or now, now
    job.save()
    return Run(check, job_id, fence, clock)


def abandoned(*, now: datetime) -> list[int]:
    """Checks that should run and that nobody has touched for a while: their worker died, or the bell was lost."""
    ours = Job.objects.filter(kind=KIND)
    unheard = ours.filter(state=Job.State.WAITING, created_at__lt=now - UNHEARD)
    silent = ours.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - SILENT)
    return sorted((unheard | silent).values_list("pk", flat=True))


def forget_older(check: Check) -> None:
    """Keeps the last few, and none that came to nothing before this one."""
    of_campaign = Check.objects.filter(campaign_id=check.campaign_id, pk__lt=check.pk)
    kept = of_campaign.exclude(finished_at=None).order_by("-pk").values_list("pk", flat=True)[: KEPT - 1]
    of_campaign.exclude(pk__in=list(kept)).delete()
