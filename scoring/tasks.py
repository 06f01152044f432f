from celery import shared_task

from cdp.common.bell import ask
from cdp.common.clock import utc_now
from scoring import runs

PARALLEL = 8
"""Workers asked for at the beginning of each round; those who find nothing to do are gone at once."""


@shared_task(queue="bulk", acks_late=True)
def score(job_id: int) -> None:
    """The next step of scoring everybody; then asks for the next, so that other work gets its turn."""
    if runs.advance(job_id, clock=utc_now):
        ask(score, job_id)
