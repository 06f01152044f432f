"""Decisions about many pairs, on the bulk queue."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cdp.common.clock import utc_now
from identity import many

log = logging.getLogger(__name__)


@shared_task(name="identity.tasks.decide_many", queue="bulk", acks_late=True)
def decide_many(job_id: int) -> None:
    many.run(job_id, clock=utc_now)


def ring(job_id: int) -> None:
    """Asks for a worker at once. Without the broker beat asks a little later: the row is the truth."""
    try:
        decide_many.apply_async((job_id,), retry=False)
    except (OperationalError, RedisError) as error:
        log.warning("The bell of job %s was not heard: %s", job_id, type(error).__name__)


@shared_task(name="identity.tasks.revive_many", queue="bulk", acks_late=True)
def revive_many() -> None:
    """Beat: jobs whose worker died go on."""
    for job_id in many.abandoned(now=utc_now()):
        ring(job_id)
