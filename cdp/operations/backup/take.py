"""One backup: database, media and secret key of one moment, in a folder that is there whole or not at all."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection

from cdp.events import partitions
from cdp.operations.backup import tables
from cdp.operations.backup.keys import present_keys, written
from cdp.operations.backup.last import LastBackup, read_last, write_last
from cdp.operations.backup.manifest import (
    DATABASE,
    MEDIA,
    SECRET_KEY,
    Manifest,
    TableSum,
    files_in,
    mark_of,
    write_manifest,
)
from cdp.operations.backup.problem import BackupProblem, of_files
from cdp.operations.backup.programs import Programs, environment_of, programs_for
from cdp.operations.backup.whole import copy_folder, sync_folder, write_whole
from cdp.runtime.lock import try_take

PREFIX = "tributary-"
PARTIAL = ".partial"
MOST_JOBS = 4
LOCK_TIMEOUT_MS = 30_000

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    to: Path
    keep: int = 0
    """So many backups stay in the folder, the newest; 0 keeps all."""
    with_secret_key: bool = True
    jobs: int = 0
    """Tables at a time; 0 chooses by the machine."""


def take(wanted: Wanted, *, now: datetime, tell: Tell) -> LastBackup:
    """Written beside its name and renamed in the end: what has the name is whole."""
    var: Path = settings.PLACES.var
    lock = try_take(settings.PLACES.locks / "backup")
    if lock is None:
        raise BackupProblem("Another backup or restore is under way. Wait for its end.")
    began_s = time.monotonic()
    before = read_last(var)
    try:
        path, manifest = _write(wanted, now, tell)
        last = LastBackup(now, str(path), manifest.bytes, round(time.monotonic() - began_s, 1))
        write_last(var, last)
        forget_old(wanted.to, keep=wanted.keep, tell=tell)
    except BackupProblem as problem:
        _note_failure(var, before, now, problem)
        raise
    finally:
        lock.release()
    return last


def _note_failure(var: Path, before: LastBackup, now: datetime, problem: BackupProblem) -> None:
    try:
        write_last(var, replace(before, failed_at=now, failure=str(problem)))
    except OSError:
        return  # The folder of state is what cannot be written: the caller says so.


def _write(wanted: Wanted, now: datetime, tell: Tell) -> tuple[Path, Manifest]:
    try:
        wanted.to.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in wanted.to.glob(f"{PREFIX}*{PARTIAL}"):
            shutil.rmtree(left)
        final = wanted.to / f"{PREFIX}{now:%Y%m%dT%H%M%SZ}"
        if final.exists():
            raise BackupProblem(f"{final} exists already.")
        with _draft(final) as draft:
            manifest = _fill(draft, wanted, now, tell)
            draft.rename(final)
        sync_folder(wanted.to)
    except OSError as error:
        raise of_files(error) from error
    return final, manifest


@contextmanager
def _draft(final: Path) -> Iterator[Path]:
    draft = final.with_name(f"{final.name}-{secrets.token_hex(3)}{PARTIAL}")
    draft.mkdir(mode=0o700)
    umask = os.umask(0o077)
    try:
        yield draft
    finally:
        os.umask(umask)
        shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path, wanted: Wanted, now: datetime, tell: Tell) -> Manifest:
    with _snapshot() as (opened, snapshot):
        programs = programs_for(opened.server_version // 10_000, connection.get_connection_params())
        sums = _dump(draft / DATABASE, opened, snapshot, programs=programs, jobs=wanted.jobs, tell=tell)
        cursor = opened.cursor()
        cursor.execute("select app, name from django_migrations order by app, id")
        applied: dict[str, list[str]] = {}
        for app, name in cursor.fetchall():
            applied.setdefault(app, []).append(name)
        cursor.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        xact_id = int(cursor.fetchone()[0])
        extensions = tables.extensions(cursor)
        server_version = opened.server_version // 10_000
    if settings.PLACES.media.is_dir():
        copy_folder(settings.PLACES.media, draft / MEDIA)
    if wanted.with_secret_key:
        write_whole(draft / SECRET_KEY, written(present_keys()))
    manifest = Manifest(
        made_at=now.isoformat(),
        server_version=server_version,
        programs_version=programs.version,
        xact_id=xact_id,
        migrations=applied,
        extensions=extensions,
        tables=sums,
        key_mark=mark_of(settings.SECRET_KEY),
        files=files_in(draft),
    )
    write_manifest(draft, manifest)
    return manifest


@contextmanager
def _snapshot() -> Iterator[tuple[Any, str]]:
    """A transaction that sees one moment, which others can be given.

    It holds the lock under which months are made: that would want the event store for itself, wait for pg_dump, and
    let everything else wait behind it.
    """
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    opened = psycopg2.connect(**parameters)
    try:
        opened.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor = opened.cursor()
        cursor.execute("select set_config('lock_timeout', %s, true)", [str(LOCK_TIMEOUT_MS)])
        cursor.execute("select pg_advisory_lock(%s)", [partitions.LOCK])
        opened.commit()
        cursor.execute("select pg_export_snapshot()")
        yield opened, str(cursor.fetchone()[0])
    except psycopg2.Error as error:
        raise BackupProblem(f"The database does not give what a backup needs: {error}") from error
    finally:
        opened.close()


def _dump(to: Path, opened: Any, snapshot: str, *, programs: Programs, jobs: int, tell: Tell) -> dict[str, TableSum]:
    """pg_dump writes while the rows are summed up here, both of the same moment."""
    cursor = opened.cursor()
    arguments = ["--format=directory", f"--file={to}", f"--snapshot={snapshot}", "--compress=1", "--verbose"]
    arguments += [f"--jobs={jobs or min(MOST_JOBS, os.cpu_count() or 1)}", "--no-owner", "--no-privileges"]
    arguments += ["--schema=public", *(f"--extension={name}" for name in tables.extensions(cursor))]
    arguments += ["--lock-wait-timeout=60s"]
    environment = environment_of(connection.get_connection_params())
    n_tables = len(tables.names(cursor))

    def told(table: str) -> None:
        tell(f"writing {table}")

    with ThreadPoolExecutor(1) as pool:
        dumping = pool.submit(programs.run, "pg_dump", *arguments, environment=environment, told=told)
        sums: dict[str, TableSum] = {}
        for table, total in tables.sums(cursor):
            sums[table] = total
            tell(f"summed up {len(sums)} of {n_tables} tables")
            if dumping.done():
                dumping.result()
        dumping.result()
    return sums


def backups_in(folder: Path) -> list[Path]:
    """Whole ones, the oldest first: their names are their times."""
    return sorted(path for path in folder.glob(f"{PREFIX}*") if path.is_dir() and not path.name.endswith(PARTIAL))


def forget_old(folder: Path, *, keep: int, tell: Tell) -> None:
    for path in backups_in(folder)[:-keep] if keep else []:
        tell(f"removing {path.name}")
        shutil.rmtree(path)
