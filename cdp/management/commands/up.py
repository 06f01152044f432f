"""`manage.py up`: database, broker, pages, workers and beat, in one terminal and under one supervisor."""

import hashlib
import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, connections
from django.db.migrations.recorder import MigrationRecorder

from cdp.accounts.first_admin import ensure_first_admin
from cdp.operations import migrating
from cdp.runtime.log import Log
from cdp.runtime.problem import RuntimeProblem
from cdp.runtime.run import Product, run_product

OLDEST_POSTGRES = (15,)


class Command(BaseCommand):
    help = "Runs everything: database, broker, pages, workers and beat. Stop it with Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        product = Product(
            host=os.environ.get("HOST") or "127.0.0.1",
            port=port_wanted(),
            prepare=prepare,
            demo_exists="seed" in get_commands(),
        )
        try:
            run_product(settings.PLACES, product)
        except RuntimeProblem as problem:
            sys.exit(str(problem))


def port_wanted() -> int:
    try:
        return int(os.environ.get("PORT") or 8000)
    except ValueError as error:
        raise CommandError(f"PORT={os.environ['PORT']} is not a number.") from error


def prepare(log: Log) -> tuple[str, ...]:
    """Makes database and files ready; returns what the user must be told once."""
    check_database()
    try:
        if not MigrationRecorder(connection).has_table() and demo_is_wanted():
            settings.PLACES.demo_wanted.touch()
        migrate(log)
        admin = ensure_first_admin()
    finally:
        connections.close_all()
    collect_static(log)
    if admin is None:
        return ()
    return (f"First login: {admin.email}  password: {admin.password}  (shown only now)",)


def check_database() -> None:
    """Only a server of the user's own can be missing or old."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise RuntimeProblem(f"Cannot reach the database that DATABASE_URL names: {error}") from error
    if connection.get_database_version() < OLDEST_POSTGRES:
        raise RuntimeProblem("The server that DATABASE_URL names is too old: Tributary needs PostgreSQL 15.")


def demo_is_wanted() -> bool:
    """On the embedded database by default; a server of the user's own gets a demo shop only on request."""
    default = "0" if os.environ.get("DATABASE_URL") else "1"
    return (os.environ.get("DEMO") or default).lower() not in {"0", "false", "no", "off"}


def migrate(log: Log) -> None:
    if plan := migrating.waiting():
        log.line("up", f"applying {plan} migrations")
        try:
            migrating.migrate(sleep=time.sleep, tell=lambda what: log.line("up", what))
        except migrating.NoWayThrough as problem:
            raise RuntimeProblem(str(problem)) from problem


def collect_static(log: Log) -> None:
    """Compressing takes seconds, so it is done only when a file has changed."""
    stamp: Path = settings.PLACES.static_stamp
    digest = digest_of_static_files()
    if stamp.exists() and stamp.read_text() == digest and Path(settings.STATIC_ROOT).is_dir():
        return
    log.line("up", "collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest)


def digest_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
