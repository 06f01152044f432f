"""What the system page shows: how things stand, and what somebody should look at, in words."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from cdp.common.clock import deployment_zone
from cdp.common.models import Job
from cdp.operations.health import LEAST_FREE
from cdp.operations.models import Heartbeat
from cdp.operations.readings import jobs, kept, queues, segments
from cdp.operations.readings.database import Database, Table, biggest_tables, database
from cdp.operations.readings.jobs import page_of
from cdp.operations.readings.kept import Backup
from cdp.operations.readings.queues import Due, Queue
from cdp.operations.readings.segments import Lag
from cdp.operations.schedules.periodic import Periodic, all_jobs
from cdp.operations.version import VERSION

INBOX_LATE_S = 60.0
BEHIND_S = 300.0
BACKUP_OLD = timedelta(days=2)
CANCELLABLE = frozenset(
    ("predictor", "scoring", "recommending", "decide_many", "undo_many", "match", "rules_try", "campaign_check")
)
"""Kinds whose worker looks between two steps whether it should stop."""


@dataclass(frozen=True)
class Concern:
    """Something that somebody should look at: what it is, what follows, where."""

    said: str
    why: str
    route: str = ""


@dataclass(frozen=True)
class Work:
    job: Job
    url: str
    may_cancel: bool


@dataclass(frozen=True)
class Now:
    at: datetime
    inbox: list[Queue]
    touched: list[Queue]
    due: Due
    unknown: int
    webhooks: int
    quarantined: int
    lag: Lag
    alive: list[Heartbeat]
    silent: list[Heartbeat]
    work: list[Work]
    periodic: list[Periodic]
    database: Database
    has_cache: bool
    free_bytes: int
    errors: list[dict[str, object]]
    backup: Backup | None

    @property
    def errors_n(self) -> int:
        return sum(int(str(row["times"])) for row in self.errors if row["level"] == "error")

    @property
    def waiting(self) -> int:
        return sum(lane.n for lane in self.inbox)

    @property
    def oldest_s(self) -> float:
        return max(lane.oldest_s for lane in self.inbox)

    @property
    def is_backup_old(self) -> bool:
        return self.backup is None or self.backup.at < self.at - BACKUP_OLD


@dataclass(frozen=True)
class Kept:
    """What changes slowly."""

    version: str
    is_database_own: bool
    is_broker_own: bool
    tables: list[Table]


def now_(*, now: datetime) -> Now:
    var = Path(settings.PLACES.var)
    return Now(
        at=now,
        inbox=queues.inbox(now=now),
        touched=queues.touched(now=now),
        due=queues.due(now=now),
        unknown=queues.unknown(),
        webhooks=queues.webhooks_due(now=now),
        quarantined=queues.quarantined(),
        lag=segments.lag(now=now),
        alive=kept.alive(now=now),
        silent=kept.silent(now=now),
        work=[Work(job, page_of(job), job.kind in CANCELLABLE) for job in jobs.shown()],
        periodic=all_jobs(now=now, zone=deployment_zone()),
        database=database(),
        has_cache=kept.cache_answers(),
        free_bytes=kept.free_bytes(var),
        errors=kept.errors(since=now - timedelta(days=1)),
        backup=kept.last_backup(var),
    )


def kept_() -> Kept:
    brought = [bool(os.environ.get(name)) for name in ("DATABASE_URL", "BROKER_URL")]
    return Kept(VERSION, brought[0], brought[1], biggest_tables())


def concerns(found: Now) -> list[Concern]:
    """The most pressing first; none: all is well."""
    return [*_processes(found), *_queues(found), *_jobs(found), *_places(found)]


def _processes(found: Now) -> list[Concern]:
    kinds = {(one.kind, one.queue) for one in found.alive}
    said = []
    if ("beat", "") not in kinds:
        said.append(Concern("Beat does not run", "Nothing happens on schedule until it does."))
    if ("worker", "live") not in kinds:
        said.append(Concern("No worker for live work runs", "Events wait in the inbox, and nothing is sent."))
    if ("worker", "bulk") not in kinds:
        said.append(Concern("No worker for long work runs", "Imports, full refreshes and training wait."))
    return said


def _queues(found: Now) -> list[Concern]:
    said = []
    if found.oldest_s > INBOX_LATE_S:
        said.append(Concern("The inbox is behind", "What was sent is safe, and shows in profiles later."))
    if found.lag.worst and found.lag.worst_s > BEHIND_S:
        why = f"“{found.lag.worst.name}” is furthest behind."
        said.append(Concern("Segments are behind", why, "segments:segments"))
    if found.lag.failing:
        n = found.lag.failing
        said.append(
            Concern(f"{n} segment{'s' if n > 1 else ''} cannot be refreshed", "Each says why.", "segments:segments")
        )
    if found.due.late:
        said.append(Concern("Messages are late", "They are due for more than a minute.", "campaigns:campaigns"))
    if found.unknown:
        why = "Somebody decides whether they are sent again."
        said.append(Concern(f"{found.unknown:,} messages may or may not have gone out", why, "campaigns:unknown"))
    return said


def _jobs(found: Now) -> list[Concern]:
    said = []
    for one in found.periodic:
        if one.is_paused:
            said.append(Concern(f"“{one.words.name}” is paused", one.words.stops, "operations:schedules"))
        elif one.has_failed:
            said.append(Concern(f"“{one.words.name}” failed", one.state.error, "operations:schedules"))
        elif one.is_overdue:
            why = f"It should run {one.every}."
            said.append(Concern(f"“{one.words.name}” has not run for long", why, "operations:schedules"))
    return said


def _places(found: Now) -> list[Concern]:
    said = []
    if found.free_bytes < LEAST_FREE:
        said.append(Concern("The disk is nearly full", "Without room nothing can be taken in."))
    if not found.has_cache:
        said.append(Concern("The cache does not answer", "Pages are slower, and limits on requests are off."))
    if sum(found.database.connections.values()) > 0.9 * found.database.connections_limit:
        said.append(Concern("Nearly all connections to the database are in use", "New ones will be refused."))
    return said
