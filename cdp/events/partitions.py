"""Month partitions of the event store, made ahead of time: the pipeline itself runs no DDL."""

import logging
from datetime import UTC, datetime

from django.db import OperationalError, connection, transaction
from psycopg2.errors import LockNotAvailable

from cdp.common.copying import Cursor

log = logging.getLogger(__name__)

WAIT = "2s"
LOCK = 7_305_001
STORAGE = "autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02"
"""Index-only scans need vacuumed pages, and an append-only table is vacuumed by its inserts alone."""


def months(first: datetime, last: datetime) -> list[datetime]:
    """First instants of the months from that of `first` to that of `last`, both included."""
    found = []
    month = datetime(first.year, first.month, 1, tzinfo=UTC)
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def ensure_months(first: datetime, last: datetime) -> int:
    """Makes the missing partitions, moving what the default partition already holds. Returns how many.

    Those for which the table is not to be had now (a backup reads it, a long report) are left for the next time: who
    waited for it would let everything else wait behind, and the default partition takes their events meanwhile.
    """
    made = 0
    for month in months(first, last):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                made += _ensure(cursor, month)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            log.info("The partition %s is made later: its table is in use.", partition_name(month))
    return made


def _ensure(cursor: Cursor, month: datetime) -> bool:
    cursor.execute("select to_regclass(%s)", [partition_name(month)])
    if cursor.fetchone()[0] is not None:
        return False
    cursor.execute("select set_config('lock_timeout', %s, true)", [WAIT])
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute("select to_regclass(%s)", [partition_name(month)])
    if cursor.fetchone()[0] is not None:
        return False
    _make(cursor, month)
    return True


def partition_name(month: datetime) -> str:
    return f"events_event_{month:%Y_%m}"


def _make(cursor: Cursor, month: datetime) -> None:
    table, until = partition_name(month), next_month(month)
    run = cursor.execute
    run(f"create table {table} (like events_event including defaults) with ({STORAGE})")
    run("lock table events_event_default in access exclusive mode")
    run(
        f"with moved as (delete from events_event_default where occurred_at >= %s and occurred_at < %s"
        f" returning *) insert into {table} select * from moved",
        [month, until],
    )
    run(
        f"alter table events_event attach partition {table}"
        f" for values from ('{month:%Y-%m-%d}T00:00:00Z') to ('{until:%Y-%m-%d}T00:00:00Z')"
    )
