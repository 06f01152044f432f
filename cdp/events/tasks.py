"""What events need done now and then."""

from datetime import timedelta

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from cdp.common.bell import ask
from cdp.common.clock import utc_now
from cdp.events import analysis, partitions, retention, seen, shapes
from cdp.profiles.long_work import abandoned

AHEAD = timedelta(days=93)
TURNS = 50
"""Folds in one task: a backlog shrinks, and the worker still gets round to its other work."""


@shared_task(queue="live", acks_late=True)
def fold_shapes() -> int:
    """Moves what batches noted about names and properties into the tables of the tracking plan."""
    total = 0
    for _ in range(TURNS):
        folded = shapes.fold(now=utc_now())
        total += folded
        if folded < shapes.FOLD_BATCH:
            break
    return total


@shared_task(queue="bulk", acks_late=True)
def forget_seen_messages() -> int:
    """Deletes the message ids that are past their 30 days."""
    return seen.forget_old(now=utc_now())


@shared_task(queue="bulk", acks_late=True)
def make_partitions() -> int:
    """Partitions of this month and the next three."""
    now = utc_now()
    return partitions.ensure_months(now, now + AHEAD)


@shared_task(name="cdp.events.tasks.keep_retention", queue="bulk", acks_late=True)
def keep_retention() -> int:
    """Beat, every night: deletes what is older than the shop keeps it."""
    analysis.forget_old(now=utc_now())
    return retention.tonight(clock=utc_now)


@shared_task(name="cdp.events.tasks.write_analysis", queue="bulk", acks_late=True)
def write_analysis(job_id: int) -> None:
    try:
        analysis.run(job_id, clock=utc_now)
    except SoftTimeLimitExceeded:  # a long one goes on in a task of its own
        ask(write_analysis, job_id)


@shared_task(name="cdp.events.tasks.revive_analysis", queue="bulk", acks_late=True)
def revive_analysis() -> None:
    """Beat: exports whose worker died go on from their checkpoint."""
    for job_id, _ in abandoned((analysis.KIND,), now=utc_now()):
        ask(write_analysis, job_id)
