"""How things stand, once a minute, for the charts of the last hours."""

from datetime import datetime, timedelta
from typing import Any

from cdp.operations.models import Sample
from cdp.operations.readings import kept, queues, segments
from cdp.operations.readings.database import database

KEPT = timedelta(days=7)


def take(*, now: datetime) -> None:
    """Safe to run twice: a minute has one."""
    lanes, due = queues.inbox(now=now), queues.due(now=now)
    counted = kept.tallies()
    figures: dict[str, Any] = {
        "waiting": sum(lane.n for lane in lanes),
        "waiting_s": max(lane.oldest_s for lane in lanes),
        "lag_s": segments.lag(now=now).worst_s,
        "touched": sum(queue.n for queue in queues.touched(now=now)),
        "due": due.n,
        "taken_in": sum(counted["events_taken_in"].values()),
        "sent": sum(counted["mails"].values()),
        "errors": counted["log_records"].get(("error",), 0.0),
        "database_bytes": database().bytes,
    }
    Sample.objects.update_or_create(at=now.replace(second=0, microsecond=0), defaults=figures)


def forget(*, now: datetime) -> None:
    Sample.objects.filter(at__lt=now - KEPT).delete()
