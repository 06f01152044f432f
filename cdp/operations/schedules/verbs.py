"""Pause, resume, run now: by whom stands in the audit log."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cdp.accounts import audit
from cdp.accounts.models import User
from cdp.celery import app
from cdp.operations.models import TaskState
from cdp.operations.running import NOW_HEADER
from cdp.operations.schedules.periodic import SOON, Periodic

TWICE = timedelta(seconds=5)
"""Two clicks within this are one wish, also if the first run is over already."""


class Vital(Exception):
    """This job cannot be paused."""


class AlreadyAsked(Exception):
    """A run was asked for already and has not begun yet. It begins as soon as a worker is free."""


class BrokerAway(Exception):
    """The broker does not answer, so no worker could be asked. Beat asks at the next regular time."""


@transaction.atomic
def pause(job: Periodic, *, by: User, now: datetime) -> None:
    if job.words.is_vital:
        raise Vital(job.words.stops)
    TaskState.objects.get_or_create(task=job.task)
    rows = TaskState.objects.filter(task=job.task, paused_at=None)
    if rows.update(paused_at=now, paused_by=by.email[:150]):
        audit.record(by, verb="paused periodic job", target=job.words.name, details={"job": job.key}, now=now)


@transaction.atomic
def resume(job: Periodic, *, by: User, now: datetime) -> None:
    rows = TaskState.objects.filter(task=job.task, paused_at__isnull=False)
    if rows.update(paused_at=None, paused_by=""):
        audit.record(by, verb="resumed periodic job", target=job.words.name, details={"job": job.key}, now=now)


def _task(name: str) -> Any:
    """Web processes load only the tasks that their pages ask for."""
    if name not in app.tasks:
        app.loader.import_default_modules()
    return app.tasks[name]


def run_now(job: Periodic, *, by: User, now: datetime) -> None:
    """Also of a paused one: it runs once and stays paused."""
    TaskState.objects.get_or_create(task=job.task)
    has_begun = Q(started_at__gte=F("asked_at")) & Q(asked_at__lt=now - TWICE)
    may = Q(asked_at=None) | Q(asked_at__lt=now - SOON) | has_begun
    if not TaskState.objects.filter(may, task=job.task).update(asked_at=now):
        raise AlreadyAsked
    try:
        _task(job.task).apply_async(headers={NOW_HEADER: by.pk}, retry=False)
    except (OperationalError, RedisError) as error:
        TaskState.objects.filter(task=job.task).update(asked_at=None)
        raise BrokerAway from error
    audit.record(by, verb="ran periodic job", target=job.words.name, details={"job": job.key}, now=now)
