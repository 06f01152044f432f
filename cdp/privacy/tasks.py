"""Copies and erasures of people, on the bulk queue."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from cdp.common.bell import ask
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import utc_now
from cdp.privacy import erase, erased, export_person, late
from cdp.profiles.long_work import abandoned

AGAIN_S = 5
log = logging.getLogger(__name__)


@shared_task(name="cdp.privacy.tasks.work", queue="bulk", acks_late=True)
def work(job_id: int, kind: str) -> None:
    try:
        (export_person.run if kind == export_person.KIND else erase.run)(job_id, clock=utc_now)
    except erase.NotGone:
        work.apply_async((job_id, kind), countdown=AGAIN_S)
    except SoftTimeLimitExceeded:
        ring(job_id, kind)
    except GIVEN_BACK as error:
        log.warning("A step of job %s was given back: %s", job_id, type(error).__name__)
        ring(job_id, kind)


def ring(job_id: int, kind: str) -> None:
    ask(work, job_id, kind)


@shared_task(name="cdp.privacy.tasks.revive", queue="bulk", acks_late=True)
def revive() -> None:
    """Beat: work whose worker died goes on from its checkpoint."""
    for job_id, kind in abandoned((erase.KIND, export_person.KIND), now=utc_now()):
        ring(job_id, kind)


@shared_task(name="cdp.privacy.tasks.tidy", queue="bulk", acks_late=True)
def tidy() -> None:
    """Beat, every night: copies whose time is over, and what long work wrote about people who were erased meanwhile."""
    now = utc_now()
    export_person.forget_old(now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        erased.add_up(cursor)
    late.sweep(now=now)
