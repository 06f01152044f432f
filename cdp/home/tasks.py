"""Counting in the background for the home page."""

from celery import shared_task

from cdp.common.clock import utc_now
from cdp.home import counts, kept

__all__ = ["ask", "count"]
KNOWN = (counts.people_by_day, counts.events_by_day, counts.orders_by_day, counts.campaign_results)
"""Importing them makes them known to the worker."""


@shared_task(queue="live", acks_late=True, ignore_result=True)
def count(name: str, *arguments: str) -> None:
    """Not among the bulk work: behind an hour of training Home would be an hour old. Of a worker's time it takes a
    hundredth at most (kept.FRESH_TIMES)."""
    kept.count_and_keep(name, *arguments, now=utc_now())


def ask(name: str, *arguments: str) -> None:
    count.apply_async((name, *arguments), retry=False, expires=kept.ASKED_S)
