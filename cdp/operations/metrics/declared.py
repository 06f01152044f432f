"""All metrics, once: what is not in this list is not exposed, and docs/monitoring.md has a row for each."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Metric:
    """`name` as Prometheus knows it; a counter's ends with `_total`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _gauge(name: str, said: str, *labels: str) -> Metric:
    return Metric(f"tributary_{name}", Kind.GAUGE, said, labels)


def _counter(name: str, said: str, *labels: str) -> Metric:
    return Metric(f"tributary_{name}_total", Kind.COUNTER, said, labels)


METRICS: tuple[Metric, ...] = (
    _gauge("up", "1 if the database answered this scrape; without it only this, the cache and the disk are told."),
    _gauge("info", "Always 1; its label says which version runs.", "version"),
    _gauge("inbox_requests", "Tracking requests that are durable and not taken in yet.", "lane"),
    _gauge("inbox_bytes", "Their size, estimated from the oldest.", "lane"),
    _gauge("inbox_oldest_seconds", "How long the oldest of them has waited.", "lane"),
    _gauge("inbox_table_bytes", "The inbox on disk; senders get 429 near INBOX_LIMIT_MB."),
    _gauge("quarantine_messages", "Messages in quarantine that wait for somebody; counted up to 20,000."),
    _gauge("touched_profiles", "Profiles whose facts changed and that a reader has not looked at.", "reader"),
    _gauge("touched_oldest_seconds", "How long the oldest of them has waited.", "reader"),
    _gauge(
        "segment_lag_seconds",
        "How far the live segment that is furthest behind is behind; up to 60 where nothing happens.",
    ),
    _gauge("segments", "Segments in use, by state: current, waiting for a full refresh, failing.", "state"),
    _gauge("deliveries_due", "Deliveries whose time has come, not sent yet; counted up to 20,000."),
    _gauge("deliveries_late", "Those of them due for more than a minute; counted up to 20,000."),
    _gauge("deliveries_late_seconds", "How long the one that is due longest has been due."),
    _gauge("deliveries_unknown", "Deliveries of which is not known whether they went out, undecided; up to 20,000."),
    _gauge("webhook_messages_due", "Messages to other systems whose time has come; counted up to 20,000."),
    _gauge("jobs", "Long work that waits or runs.", "kind", "state"),
    _gauge("job_silent_seconds", "How long the running job that has been silent longest has said nothing."),
    _gauge("task_paused", "1 if the periodic job is paused.", "task"),
    _gauge("task_last_start_timestamp_seconds", "When the task last began.", "task"),
    _gauge("task_last_seconds", "How long its latest finished run took.", "task"),
    _gauge("processes", "Processes that said within half a minute that they live.", "kind", "queue"),
    _gauge("database_bytes", "Size of the database."),
    _gauge("database_connections", "Connections to the database, of all programs, by state.", "state"),
    _gauge("database_connections_limit", "How many the server allows."),
    _gauge("database_oldest_transaction_seconds", "Age of the oldest open transaction."),
    _gauge("database_slot_bytes", "WAL that the server keeps for a replication slot.", "slot"),
    _gauge("cache_up", "1 if the cache answers."),
    _gauge("disk_free_bytes", "Free space where VAR_DIR lies."),
    _gauge("last_backup_timestamp_seconds", "When the last backup was made; missing if none was."),
    _counter(
        "events_taken_in", "Messages that the pipeline took out of the inbox, those it then put in quarantine too."
    ),
    _counter("events_rejected", "Messages that the pipeline put in quarantine."),
    _counter("collector_events", "Events as the collector answered them: accepted or refused.", "answer"),
    _counter("collector_requests", "Requests of the tracking API, by status of the answer.", "status"),
    _counter("deliveries", "Deliveries settled, by what became of them.", "outcome"),
    _counter("mails", "Messages an account took.", "account"),
    _counter("http_answers", "Answers of pages and API, by family of routes and status.", "family", "status"),
    Metric(
        "tributary_http_seconds",
        Kind.HISTOGRAM,
        "Time until the answer of pages and API, by family of routes.",
        ("family",),
    ),
    _counter("task_runs", "Finished runs of a task, failed ones too.", "task"),
    _counter("task_failures", "Runs that failed.", "task"),
    _counter("task_seconds", "Time spent in it.", "task"),
    _counter("log_records", "Warnings and errors that were logged.", "level"),
)

NAMES: tuple[str, ...] = tuple(metric.name for metric in METRICS)
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the histogram, in seconds."""
