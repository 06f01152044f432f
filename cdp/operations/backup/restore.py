"""A backup put back. Everything happens in a database beside the present one, which is replaced by a change of names
only when the restored one is proven, brought up to this version, and lacks whoever was erased."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from campaigns import verbs
from campaigns.models import Campaign
from cdp.accounts import audit
from cdp.events import partitions
from cdp.events.tasks import AHEAD
from cdp.operations.backup import databases, forgotten, keys, media, sequences, tables
from cdp.operations.backup.manifest import DATABASE, MEDIA, Manifest, check_files, read_manifest
from cdp.operations.backup.problem import BackupProblem, Damaged, of_files
from cdp.operations.backup.programs import environment_of, programs_for
from cdp.operations.backup.renumber import renumber
from cdp.operations.backup.take import MOST_JOBS
from cdp.runtime.lock import Lock, try_take

DRAFT = "{name}_restoring"
BEFORE = "{name}_before_{at:%Y%m%d%H%M%S}"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    folder: Path
    replace: bool = False
    """The present database may go."""
    keep_old: bool = False
    """It is kept under another name instead."""
    here: bool = False
    """Into the present, empty database itself: for users who may not make databases."""
    erased: Path | None = None
    """A list of the erased, besides that of the present database and of VAR_DIR."""
    pause: bool = True
    """Campaigns wait until somebody has looked: what was sent after the backup was made is not known any more."""
    jobs: int = 0


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    erased_again: int
    paused: int
    kept_as: str
    to_do: list[str]


def look(folder: Path) -> Manifest:
    """What is to be restored; raises what speaks against it. Reads every byte of it."""
    manifest = read_manifest(folder)
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    newer = {(app, name) for app, names in manifest.migrations.items() for name in names} - known
    ours = {app for app, _ in known}
    if unknown := sorted(f"{app}.{name}" for app, name in newer if app in ours):
        raise BackupProblem(
            f"The backup was made by a newer version of Tributary (it has {unknown[0]}). Install that version first."
        )
    check_files(folder, manifest)
    return manifest


def restore(wanted: Wanted, *, now: datetime, tell: Tell) -> Restored:
    with _alone():
        tell("reading the backup")
        try:
            manifest = look(wanted.folder)
            return _restore(wanted, manifest, now=now, tell=tell)
        except OSError as error:
            raise of_files(error) from error


@contextmanager
def _alone() -> Iterator[None]:
    """Neither the product nor another backup may run, nor begin, with this state folder."""
    taken: list[Lock] = []
    try:
        for name, what in (("up", "Tributary runs"), ("backup", "Another backup or restore is under way")):
            lock = try_take(settings.PLACES.locks / name)
            if lock is None:
                raise BackupProblem(f"{what}. Stop it first, or wait for its end.")
            taken.append(lock)
        yield
    finally:
        for lock in taken:
            lock.release()


def _restore(wanted: Wanted, manifest: Manifest, *, now: datetime, tell: Tell) -> Restored:
    name = databases.name_in_use()
    is_full = databases.holds_tables()
    if is_full and (wanted.here or not wanted.replace):
        raise BackupProblem(f"The database {name} is not empty. With --replace it is replaced by the backup.")
    connection.close()
    databases.refuse_others(name)
    lists = forgotten.lists(wanted.erased, is_full=is_full)
    brought = keys.keys_of(wanted.folder, manifest)
    draft = name if wanted.here else DRAFT.format(name=name)
    if not wanted.here:
        databases.drop(draft)
        databases.create(draft)
    try:
        with databases.pointed_at(draft), keys.in_use(brought), media.brought(wanted.folder / MEDIA):
            _fill(wanted, manifest, tell=tell)
            erased_again, paused = _bring_up(wanted, manifest, lists, now=now, tell=tell)
    except BaseException:
        media.forget_draft()
        if not wanted.here:
            databases.drop(draft)
        raise
    tell("taking the present one's place")
    kept_as = "" if wanted.here else _switch(name, draft, wanted, is_full=is_full, now=now)
    media.switch(now=now, keep_old=wanted.keep_old)
    keys.keep(brought, settings.PLACES.secret_key)
    return Restored(manifest, erased_again, paused, kept_as, keys.lacking(brought, manifest))


def _fill(wanted: Wanted, manifest: Manifest, *, tell: Tell) -> None:
    """The rows of the backup, proven to be those that were summed up when it was made."""
    connection.ensure_connection()
    server = connection.connection.server_version // 10_000
    if server < manifest.server_version:
        raise BackupProblem(
            f"The backup is of PostgreSQL {manifest.server_version}, and this server is older: PostgreSQL {server}."
        )
    parameters = connection.get_connection_params()
    programs = programs_for(max(server, manifest.programs_version), parameters)
    listed = wanted.folder / DATABASE
    with programs.list_without_schema(listed, settings.PLACES.var) as entries:
        arguments = ["--format=directory", "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error"]
        arguments += ["--verbose", f"--jobs={wanted.jobs or min(MOST_JOBS, os.cpu_count() or 1)}"]
        arguments += [f"--use-list={entries}", f"--dbname={parameters['dbname']}", str(listed)]
        environment = environment_of(parameters)
        programs.run("pg_restore", *arguments, environment=environment, told=lambda table: tell(f"reading {table}"))
    _prove(manifest, tell=tell)


def _prove(manifest: Manifest, *, tell: Tell) -> None:
    found = {}
    connection.close()
    connection.ensure_connection()
    connection.connection.autocommit = False
    with connection.connection.cursor() as cursor:
        for table, total in tables.sums(cursor):
            found[table] = total
            tell(f"checked {len(found)} of {len(manifest.tables)} tables")
    connection.close()
    both = manifest.tables.keys() | found.keys()
    wrong = [table for table in both if found.get(table) != manifest.tables.get(table)]
    if wrong:
        raise Damaged(f"What was restored is not what was backed up, in {', '.join(sorted(wrong)[:5])}.")


def _bring_up(
    wanted: Wanted, manifest: Manifest, lists: list[forgotten.Listed], *, now: datetime, tell: Tell
) -> tuple[int, int]:
    """To this version, this server and this moment. Returns how many people were erased again and what was paused."""
    tell("numbering news anew")
    with connection.cursor() as cursor:
        renumber(cursor, counted=manifest.xact_id)
    tell("migrating")
    call_command("migrate", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        sequences.advance(cursor)
    partitions.ensure_months(now, now + AHEAD)
    erased_again = forgotten.erase_again(lists, now=now, report=lambda done, of: tell(f"erasing again: {done} of {of}"))
    paused = pause_campaigns(now=now) if wanted.pause else 0
    audit.record(None, verb="restored backup", target=manifest.made_at, details={"erased": erased_again}, now=now)
    tell("measuring the tables for the planner")
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
    return erased_again, paused


def pause_campaigns(*, now: datetime) -> int:
    running = Campaign.objects.filter(state__in=[Campaign.State.SCHEDULED, Campaign.State.SENDING])
    for campaign in running:
        verbs.pause(campaign, by=None, now=now, why="A backup was restored: what was sent since is not known.")
    return len(running)


def _switch(name: str, draft: str, wanted: Wanted, *, is_full: bool, now: datetime) -> str:
    """Returns under which name the present database is kept, if it is."""
    before = BEFORE.format(name=name, at=now)
    databases.refuse_others(name)
    databases.rename(name, before)
    try:
        databases.rename(draft, name)
    except BackupProblem:
        databases.rename(before, name)
        raise
    if is_full and wanted.keep_old:
        return before
    databases.drop(before)
    return ""
