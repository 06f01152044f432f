"""What arrives at this moment."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import Max, Sum

from cdp.accounts.models import Source, WriteKey
from cdp.events import arrivals
from cdp.events.arrivals import Watch
from cdp.events.models import EventVolume, InboxBatch
from cdp.events.newest import Happened

WINDOWS = (timedelta(minutes=5), timedelta(seconds=15))
"""The rate is that of the longer one; of so busy a stream that it cannot be counted in time, of the shorter one."""
WITHIN_MS = 60
LATEST, SHOWN = timedelta(minutes=5), 4
NEWEST = "select count(*) from events_event where received_at > %s"


@dataclass(frozen=True)
class Rate:
    n: int
    window: timedelta

    @property
    def per_minute(self) -> float:
        return self.n * 60 / self.window.total_seconds()

    @property
    def words(self) -> str:
        seconds = int(self.window.total_seconds())
        return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"


@dataclass(frozen=True)
class Live:
    rate: Rate | None
    """None: the database is too busy to say."""
    today: int
    """Arrived since midnight UTC."""
    waiting: int
    oldest_at: datetime | None
    """Since when the oldest request waits."""
    latest: list[Happened]
    last_at: datetime | None
    """When a source last sent anything."""


def live(*, now: datetime) -> Live:
    waiting = arrivals.waiting()
    oldest = InboxBatch.objects.order_by("id").values_list("received_at", flat=True)
    keys = WriteKey.objects.exclude(source__kind=Source.Kind.INTERNAL)
    return Live(
        rate=rate(now=now),
        today=arrived_on(now.date()),
        waiting=waiting,
        oldest_at=oldest.first() if waiting else None,
        latest=arrivals.since(now - LATEST + arrivals.OVERLAP, Watch())[:SHOWN],
        last_at=keys.aggregate(at=Max("last_used_at"))["at"],
    )


def arrived_on(day: date) -> int:
    return EventVolume.objects.filter(on=day).aggregate(n=Sum("n"))["n"] or 0


def rate(*, now: datetime) -> Rate | None:
    """By the block-range index on received_at, under a time limit."""
    for window in WINDOWS:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local statement_timeout = %s", [WITHIN_MS])
                cursor.execute(NEWEST, [now - window])
                n = int(cursor.fetchone()[0])
                cursor.execute("set local statement_timeout to default")
                return Rate(n, window)
        except OperationalError:
            continue
    return None
