"""What events need done now and then."""

from datetime import timedelta

from celery import shared_task

from cdp.common.clock import utc_now
from cdp.events import partitions, seen, shapes

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
