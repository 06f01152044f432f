"""Events as they arrive, by when they were received; and what was accepted but is not taken in yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction

from cdp.events.models import EventVolume
from cdp.events.newest import COLUMNS, Happened, Wanted, happened, newest

MOST = 100
WINDOWS = (timedelta(seconds=10), timedelta(minutes=2), timedelta(minutes=20))
OVERLAP = timedelta(seconds=15)
"""An event is seen when its batch commits, somewhat after it was received: so each look also goes back."""
WAIT_MS = 1_500
WAITING_SHOWN = 10_000

ARRIVED = f"""
select {COLUMNS} from events_event
 where received_at > %(since)s and (%(profile_id)s::bigint is null or profile_id = %(profile_id)s)
   and (%(source_id)s::bigint is null or source_id = %(source_id)s) and (%(any_name)s or name ilike %(pattern)s)
 order by received_at desc, message_id desc limit %(limit)s
"""


@dataclass(frozen=True)
class Watch:
    """What a viewer wants to see arrive. `name` is a part of the event's name."""

    name: str = ""
    source_id: int | None = None
    profile_id: int | None = None


def since(moment: datetime, watch: Watch) -> list[Happened]:
    """What arrived after it, newest first, at most MOST; what was seen before comes again (OVERLAP)."""
    return _arrived(watch, moment - OVERLAP)


def lately(watch: Watch, *, now: datetime) -> tuple[list[Happened], bool]:
    """What to begin with: what just arrived, and True; in a quiet hour the latest that happened, and False."""
    rows: list[Happened] = []
    for window in WINDOWS:
        rows = _arrived(watch, now - window)
        if len(rows) >= MOST // 4:
            return rows, True
    return (rows, True) if rows else (_latest(watch), False)


def _arrived(watch: Watch, after: datetime) -> list[Happened]:
    """By the block-range index on received_at. Under a time limit: a page that watches must not load the server."""
    values = {
        "since": after,
        "profile_id": watch.profile_id,
        "source_id": watch.source_id,
        "any_name": not watch.name,
        "pattern": f"%{escaped(watch.name)}%",
        "limit": MOST,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local statement_timeout = %s", [WAIT_MS])
            cursor.execute(ARRIVED, values)
            return [happened(row) for row in cursor.fetchall()]
    except OperationalError:
        return []


def _latest(watch: Watch) -> list[Happened]:
    names: list[str] = []
    if watch.name:
        names = list(
            EventVolume.objects.filter(name__icontains=watch.name).values_list("name", flat=True).distinct()[:100]
        )
        if not names:
            return []
    rows = newest(Wanted(profile_id=watch.profile_id, names=names), size=MOST).rows
    return [row for row in rows if watch.source_id in (None, row.source_id)]


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def waiting() -> int:
    """Requests accepted and not taken in yet, counted up to WAITING_SHOWN."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from (select 1 from events_inboxbatch limit %s) few", [WAITING_SHOWN + 1])
        return int(cursor.fetchone()[0])
