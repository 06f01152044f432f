"""Reads all metrics: each as (labels, value) pairs under its name of the list."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from django.conf import settings
from django.db import Error
from django.db.models import Count

from campaigns.models import Account
from cdp.operations.heartbeats import ALIVE
from cdp.operations.metrics.declared import BUCKETS
from cdp.operations.metrics.observed import BUCKET, COUNT, SUM
from cdp.operations.models import Heartbeat, TaskState
from cdp.operations.readings import jobs, kept, queues, segments
from cdp.operations.readings.database import database
from cdp.operations.version import VERSION

Reading = tuple[str, tuple[str, ...], float]
"""Name of the sample without `tributary_`, values of its labels, value."""
TALLIED = (
    *("events_taken_in", "events_rejected", "collector_events", "collector_requests"),
    *("deliveries", "http_answers", "log_records"),
)


def read(*, now: datetime) -> list[Reading]:
    """Without the database: what can be told without it."""
    readings = list(_beside())
    try:
        return [*readings, *_queues(now), *_database(), *_work(now), *_counted(), ("up", (), 1.0)]
    except Error:
        return [*readings, ("up", (), 0.0)]


def _beside() -> Iterator[Reading]:
    var = Path(settings.PLACES.var)
    yield "info", (VERSION,), 1.0
    yield "cache_up", (), float(kept.cache_answers())
    yield "disk_free_bytes", (), float(kept.free_bytes(var))
    if backup := kept.last_backup(var):
        yield "last_backup_timestamp_seconds", (), backup.at.timestamp()


def _queues(now: datetime) -> Iterator[Reading]:
    for lane in queues.inbox(now=now):
        yield "inbox_requests", (lane.name,), lane.n
        yield "inbox_bytes", (lane.name,), lane.bytes
        yield "inbox_oldest_seconds", (lane.name,), lane.oldest_s
    for queue in queues.touched(now=now):
        yield "touched_profiles", (queue.name,), queue.n
        yield "touched_oldest_seconds", (queue.name,), queue.oldest_s
    due, lag = queues.due(now=now), segments.lag(now=now)
    yield "quarantine_messages", (), queues.quarantined()
    yield "segment_lag_seconds", (), lag.worst_s
    yield "segments", ("current",), lag.current
    yield "segments", ("waiting",), lag.waiting
    yield "segments", ("failing",), lag.failing
    yield "deliveries_due", (), due.n
    yield "deliveries_late", (), due.late
    yield "deliveries_late_seconds", (), due.oldest_s
    yield "deliveries_unknown", (), queues.unknown()
    yield "webhook_messages_due", (), queues.webhooks_due(now=now)


def _database() -> Iterator[Reading]:
    found = database()
    yield "database_bytes", (), found.bytes
    yield "inbox_table_bytes", (), found.inbox_bytes
    yield "database_connections_limit", (), found.connections_limit
    yield "database_oldest_transaction_seconds", (), found.oldest_transaction_s
    for state, n in found.connections.items():
        yield "database_connections", (state,), n
    for slot, size in found.slots.items():
        yield "database_slot_bytes", (slot,), size


def _work(now: datetime) -> Iterator[Reading]:
    for (kind, state), n in jobs.by_state().items():
        yield "jobs", (kind, state), n
    yield "job_silent_seconds", (), jobs.silent_s(now=now)
    for row in Heartbeat.objects.filter(seen_at__gt=now - ALIVE).values("kind", "queue").annotate(n=Count("name")):
        yield "processes", (row["kind"], row["queue"]), row["n"]
    for task in TaskState.objects.all():
        label = (task.task,)
        yield "task_paused", label, float(task.paused_at is not None)
        if task.started_at:
            yield "task_last_start_timestamp_seconds", label, task.started_at.timestamp()
        if task.took_s is not None:
            yield "task_last_seconds", label, task.took_s
        yield "task_runs_total", label, task.runs
        yield "task_failures_total", label, task.failures
        yield "task_seconds_total", label, task.total_s


def _counted() -> Iterator[Reading]:
    counted = kept.tallies()
    for metric in TALLIED:
        for labels, value in counted[metric].items():
            yield f"{metric}_total", labels, value
    names = dict(Account.objects.values_list("pk", "name"))
    for (account,), value in counted["mails"].items():
        yield "mails_total", (names.get(int(account), f"account {account}") if account else "Local mailbox",), value
    yield from _histogram(counted)


def _histogram(counted: Mapping[str, Mapping[tuple[str, ...], float]]) -> Iterator[Reading]:
    """Kept as one bucket for each answer; Prometheus wants each to hold the smaller ones too."""
    buckets, sums = counted[BUCKET], counted[SUM]
    bounds = (*(f"{bound:g}" for bound in BUCKETS), "+Inf")
    for (family,), count in counted[COUNT].items():
        parts = accumulate(buckets.get((family, bound), 0.0) for bound in bounds)
        for bound, n in zip(bounds, parts, strict=True):
            yield BUCKET, (family, bound), n
        yield SUM, (family,), sums.get((family,), 0.0)
        yield COUNT, (family,), count
