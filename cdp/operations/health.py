"""Can this process take traffic? Each check is asked at once, in its own thread, and none is waited for longer than
two seconds."""

import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db.migrations.loader import MigrationLoader
from kombu import Connection

from cdp.operations.connecting import connected

WITHIN_S = 2.0
CONNECT_S = 1
LEAST_FREE = 200_000_000
"""Bytes. Below, PostgreSQL may not be able to write any more, and what is sent would not be taken."""


class NotReady(Exception):
    """A check does not hold; the message says so without naming hosts, users or paths."""


@dataclass(frozen=True)
class Check:
    """`is_needed`: without it nothing can be taken in. The broker and the cache make things quicker, and all goes on
    without them, so a balancer must not turn away who still takes events."""

    name: str
    look: Callable[[], None]
    is_needed: bool = True


@dataclass(frozen=True)
class Verdict:
    name: str
    is_ok: bool
    is_needed: bool
    said: str


def database() -> None:
    with connected(within_s=CONNECT_S) as cursor:
        cursor.execute("select app, name from django_migrations")
        applied = set(cursor.fetchall())
    missing = len(_known() - applied)
    if missing:
        raise NotReady(f"{missing} migrations are not applied")


def inbox() -> None:
    """As the collector sees it: by its size on disk, and only then by its rows."""
    limit = settings.INBOX_LIMIT_MB * 1024 * 1024
    with connected(within_s=CONNECT_S) as cursor:
        cursor.execute("select pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool")
        if cursor.fetchone()[0]:
            raise NotReady("the database is read-only")
        cursor.execute("select pg_total_relation_size('events_inboxbatch')")
        if int(cursor.fetchone()[0]) > limit:
            cursor.execute("select coalesce(sum(pg_column_size(body) + 100), 0) from events_inboxbatch")
            if int(cursor.fetchone()[0]) > limit:
                raise NotReady("the inbox is full")


def broker() -> None:
    with Connection(settings.BROKER_URL, connect_timeout=CONNECT_S) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=CONNECT_S)


def cached() -> None:
    cache.get("operations:look")


def disk() -> None:
    if shutil.disk_usage(Path(settings.PLACES.var)).free < LEAST_FREE:
        raise NotReady("little disk space is left")


CHECKS = (
    Check("database", database),
    Check("inbox", inbox),
    Check("disk", disk),
    Check("broker", broker, is_needed=False),
    Check("cache", cached, is_needed=False),
)


def look(checks: Iterable[Check] = CHECKS, *, within_s: float = WITHIN_S) -> list[Verdict]:
    """What does not answer in time is left to end by itself."""
    checks = list(checks)
    pool = ThreadPoolExecutor(max_workers=len(checks), thread_name_prefix="readyz")
    asked = {pool.submit(check.look): check for check in checks}
    done, _late = wait(asked, timeout=within_s)
    pool.shutdown(wait=False, cancel_futures=True)
    verdicts = []
    for future, check in asked.items():
        error = future.exception() if future in done else TimeoutError()
        verdicts.append(Verdict(check.name, error is None, check.is_needed, _said(error)))
    return verdicts


def _said(error: BaseException | None) -> str:
    if error is None:
        return "ok"
    if isinstance(error, NotReady):
        return str(error)
    return "no answer in time" if isinstance(error, TimeoutError) else "not reachable"


def _known() -> set[tuple[str, str]]:
    """All migrations of this code; read from disk once."""
    if not _migrations:
        loader = MigrationLoader(None)
        _migrations.update(loader.disk_migrations)
    return _migrations


_migrations: set[tuple[str, str]] = set()
