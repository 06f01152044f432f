"""Long work on people, on the bulk queue."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from cdp.common.bell import ask
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import utc_now
from cdp.profiles import change_rule, rollback
from cdp.profiles.long_work import Batch, abandoned, advance

WORK: dict[str, Batch] = {
    change_rule.KIND: change_rule.batch,
    rollback.KIND: rollback.batch,
    rollback.UNDO: rollback.undo_batch,
}
TURN = 2_000
"""Batches in one task, so that a worker also gets round to its other work."""
log = logging.getLogger(__name__)


@shared_task(name="cdp.profiles.tasks.work", queue="bulk", acks_late=True)
def work(job_id: int, kind: str) -> None:
    try:
        for _ in range(TURN):
            if not advance(job_id, WORK[kind], now=utc_now()):
                return
    except SoftTimeLimitExceeded:
        pass
    except GIVEN_BACK as error:
        log.warning("A batch of job %s was given back: %s", job_id, type(error).__name__)
    ring(job_id, kind)


def ring(job_id: int, kind: str) -> None:
    ask(work, job_id, kind)


@shared_task(name="cdp.profiles.tasks.revive", queue="bulk", acks_late=True)
def revive() -> None:
    """Beat: work whose worker died goes on from its checkpoint."""
    for job_id, kind in abandoned(WORK, now=utc_now()):
        ring(job_id, kind)
