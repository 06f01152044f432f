from celery import shared_task
from django.db import connection

from cdp.common.clock import utc_now
from cdp.operations import heartbeats, keeping, sampling


@shared_task(queue="live", acks_late=True)
def take_sample() -> None:
    """Beat, each minute."""
    sampling.take(now=utc_now())


@shared_task(queue="bulk", acks_late=True)
def forget() -> None:
    """Beat, hourly: samples of last week, counts of old errors, processes that are long gone."""
    now = utc_now()
    sampling.forget(now=now)
    with connection.cursor() as cursor:
        heartbeats.forget(cursor, now=now)
        keeping.forget(cursor, now=now)
