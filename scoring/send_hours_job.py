"""The look at everybody's hours as a piece of work: every night, or when somebody asks."""

from datetime import datetime, timedelta

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.models import Job

KIND = "send_hours"
OPEN = (Job.State.WAITING, Job.State.RUNNING)
SILENT = timedelta(minutes=10)
"""Longer than any chunk of people takes: a worker that says nothing for so long has died."""


@transaction.atomic
def start(*, by: User | None, now: datetime) -> Job:
    """The one under way, if there is one."""
    open_ones = Job.objects.select_for_update().filter(kind=KIND, state__in=OPEN).order_by("-id")
    for job in open_ones:
        if now - (job.heartbeat_at or job.created_at) < SILENT:
            return job
        Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, finished_at=now, error="Its worker died.")
    return Job.objects.create(kind=KIND, title="Finding everybody's best hour", created_by=by, created_at=now)


def latest() -> Job | None:
    return Job.objects.filter(kind=KIND).order_by("-created_at", "-id").first()
