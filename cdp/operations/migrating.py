"""Migrations while the product runs: no statement waits for long before everybody else.

A statement that needs a table alone waits for whoever uses it, and whoever comes later waits behind it. So it waits
for two seconds at most, gives way, and is tried again; what was done of a migration is undone with its transaction.
"""

from collections.abc import Callable

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

LOCK_TIMEOUT_MS = 2_000
TRIES = 30
PAUSE_S = 1.0
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK = "40P01"


class NoWayThrough(Exception):
    """A migration found its table in use, each time it was tried. Try again when less is going on."""


def waiting() -> int:
    """How many migrations are not applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate(*targets: str, sleep: Callable[[float], None], tell: Callable[[str], None]) -> None:
    """`targets` as for Django's command; without any: to the newest."""
    for _ in range(TRIES):
        try:
            _set_lock_timeout(f"{LOCK_TIMEOUT_MS}ms")
            call_command("migrate", *targets, interactive=False, verbosity=0)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in {LOCK_NOT_AVAILABLE, DEADLOCK}:
                raise
            connection.close()
            tell("a migration waits for its table; trying again")
            sleep(PAUSE_S)
        else:
            _set_lock_timeout("0")
            return
    raise NoWayThrough(NoWayThrough.__doc__)


def _set_lock_timeout(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, false)", [value])
