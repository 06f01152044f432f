"""`manage.py restore`: a backup put back, proven, brought up to date, and without whoever was erased since."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cdp.common.clock import utc_now
from cdp.operations.backup import databases
from cdp.operations.backup.problem import BackupProblem
from cdp.operations.backup.restore import Restored, Wanted, look, restore
from cdp.operations.backup.said import Said


class Command(BaseCommand):
    help = "Restores a backup into an empty database, or with --replace in the present one's place. docs/backup.md"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the backup")
        parser.add_argument("--check", action="store_true", help="only read it and say what it holds")
        parser.add_argument("--replace", action="store_true", help="replace a database that is not empty")
        parser.add_argument("--yes", action="store_true", help="do not ask before replacing")
        parser.add_argument("--keep-old", action="store_true", help="keep the replaced database and files beside it")
        parser.add_argument("--here", action="store_true", help="into the empty database itself, making no other")
        parser.add_argument("--erased", type=Path, help="a list of people erased since, as VAR_DIR/erased.json")
        parser.add_argument("--campaigns-go-on", action="store_true", help="do not pause campaigns that were running")
        parser.add_argument("--jobs", type=int, default=0, help="tables at a time (as many as cores, at most 4)")

    def handle(self, *args: Any, **given: Any) -> None:
        wanted = Wanted(
            folder=given["folder"].resolve(),
            replace=given["replace"],
            keep_old=given["keep_old"],
            here=given["here"],
            erased=given["erased"],
            pause=not given["campaigns_go_on"],
            jobs=given["jobs"],
        )
        said = Said(sys.stderr)
        try:
            if given["check"]:
                self._check(wanted.folder)
                return
            if wanted.replace and not given["yes"]:
                self._ask()
            restored = restore(wanted, now=utc_now(), tell=said)
        except BackupProblem as problem:
            raise CommandError(str(problem), returncode=problem.code) from problem
        finally:
            said.close()
        self._tell(restored)

    def _check(self, folder: Path) -> None:
        manifest = look(folder)
        rows = sum(table.rows for table in manifest.tables.values())
        self.stdout.write(
            f"A whole backup of {manifest.made_at}: {rows:,} rows in {len(manifest.tables)} tables,"
            f" {manifest.bytes / 1e6:,.1f} MB, of PostgreSQL {manifest.server_version},"
            f" {'with' if manifest.has_secret_key else 'without'} the secret key."
        )

    def _ask(self) -> None:
        name = databases.name_in_use()
        if databases.holds_tables() and not sys.stdin.isatty():
            raise BackupProblem(f"The database {name} would be replaced. Say --yes if that is meant.")
        if databases.holds_tables() and input(f"Type {name} to replace that database by the backup: ") != name:
            raise BackupProblem("Nothing was changed.")

    def _tell(self, restored: Restored) -> None:
        rows = sum(table.rows for table in restored.manifest.tables.values())
        self.stdout.write(f"Restored what there was at {restored.manifest.made_at}: {rows:,} rows, each table proven.")
        if restored.erased_again:
            self.stdout.write(f"{restored.erased_again:,} people who were erased since were erased again.")
        if restored.paused:
            self.stdout.write(
                f"{restored.paused:,} campaigns are paused: what they sent since the backup is not known any more."
                " Look at each before it goes on."
            )
        if restored.kept_as:
            self.stdout.write(f"The database that was replaced is kept as {restored.kept_as}.")
        for sentence in restored.to_do:
            self.stdout.write(f"To do: {sentence}")
