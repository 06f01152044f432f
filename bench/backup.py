"""Proof R9: backup and restore of a shop with a past, beside pg_dump and pg_restore in the same run.

make bench-backup            10 million events of 200,000 people
QUICK=1 make bench-backup    200,000 events
"""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.parts.ground import own_servers

QUICK = bool(os.environ.get("QUICK"))
PROFILES, EVENTS = (5_000, 200_000) if QUICK else (200_000, 10_000_000)
ERASED = 3
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def main() -> None:
    with own_servers() as places:
        import django

        django.setup()
        from django.core.management import call_command

        from bench.parts.past import preload

        call_command("migrate", interactive=False, verbosity=0)
        say("laying the past")
        preload(profiles=PROFILES, events=EVENTS, now=NOW)
        print(json.dumps(measured(places.var)))


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def measured(var: Path) -> dict[str, Any]:
    from django.db import connection

    from cdp.operations.backup.take import Wanted, take

    say("pg_dump alone")
    plain = Plain(var / "plain")
    dump_s = plain.dump()
    say("backup")
    last = take(Wanted(var / "backups"), now=NOW, tell=lambda _: None)
    say("erasing")
    erase_some()
    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database())")
        database_bytes = int(cursor.fetchone()[0])
    say("pg_restore alone")
    restore_s = plain.restore()
    say("restore")
    found = restored(Path(str(last.path)))
    assert last.seconds is not None
    assert last.bytes is not None
    return {
        "bench": "backup",
        "events": EVENTS,
        "profiles": PROFILES,
        "database_mb": round(database_bytes / 1e6),
        "backup_mb": round(last.bytes / 1e6),
        "backup_s": last.seconds,
        "pg_dump_s": round(dump_s, 1),
        "backup_to_pg_dump": round(last.seconds / dump_s, 2),
        "restore_s": found["restore_s"],
        "pg_restore_s": round(restore_s, 1),
        "restore_to_pg_restore": round(found["restore_s"] / restore_s, 2),
        **found,
    }


class Plain:
    """The same database by PostgreSQL's own programs, with as many jobs, and nothing proven."""

    def __init__(self, to: Path) -> None:
        from django.db import connection

        from cdp.operations.backup.programs import environment_of, programs_for

        parameters = connection.get_connection_params()
        connection.ensure_connection()
        self._to = to
        self._programs = programs_for(connection.connection.server_version // 10_000, parameters)
        self._environment = os.environ | environment_of(parameters)

    def _run(self, *command: str) -> float:
        began_s = time.monotonic()
        subprocess.run([str(self._programs.folder / command[0]), *command[1:]], check=True, env=self._environment)
        return time.monotonic() - began_s

    def dump(self) -> float:
        return self._run("pg_dump", "-Fd", "-Z1", "-j2", f"--file={self._to}")

    def restore(self) -> float:
        """Into a database of its own, which then goes; with the statistics that the planner needs."""
        self._run("createdb", "-T", "template0", "plain")
        seconds = self._run("pg_restore", "-Fd", "-j2", "--dbname=plain", str(self._to))
        seconds += self._run("vacuumdb", "--quiet", "--analyze", "plain")
        self._run("dropdb", "plain")
        shutil.rmtree(self._to)
        return seconds


def erase_some() -> None:
    from django.db import connection

    from cdp.privacy import erase, person

    for number in range(1, ERASED + 1):
        with connection.cursor() as cursor:
            who = person.of_profile(cursor, number)
        erase.run(erase.begin(who, by=None, via="bench", now=NOW).job_id, clock=lambda: NOW)


def restored(folder: Path) -> dict[str, Any]:
    from django.db import connection

    from cdp.operations.backup.restore import Wanted, restore

    began_s = time.monotonic()
    done = restore(Wanted(folder, replace=True), now=NOW, tell=lambda _: None)
    restore_s = round(time.monotonic() - began_s, 1)
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(*) filter (where profile_id <= %s) from events_event", [ERASED])
        events, of_erased = cursor.fetchone()
    return {
        "restore_s": restore_s,
        "tables_proven": len(done.manifest.tables),
        "rows_proven": sum(table.rows for table in done.manifest.tables.values()),
        "erased_again": done.erased_again,
        "events_of_the_erased": of_erased,
        "events_left": events,
    }


if __name__ == "__main__":
    main()
