"""`manage.py backup`: everything a running product keeps, as of one moment, into one folder."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cdp.common.clock import utc_now
from cdp.operations.backup.last import folder
from cdp.operations.backup.problem import BackupProblem
from cdp.operations.backup.said import Said
from cdp.operations.backup.take import Wanted, take

WITH_KEY = "It holds the secret key: keep it where only you can read it."
WITHOUT_KEY = (
    "The secret key is not in it: keep it elsewhere. Without it sealed secrets and signed links cannot be read."
)


class Command(BaseCommand):
    help = "Backs up database, media and secret key while the product runs. docs/backup.md tells the rest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="folder for the backup (VAR_DIR/backups)")
        parser.add_argument("--keep", type=int, default=0, help="remove all but the newest N backups of that folder")
        parser.add_argument("--without-secret-key", action="store_true", help="leave out what secrets are sealed with")
        parser.add_argument("--jobs", type=int, default=0, help="tables at a time (as many as cores, at most 4)")

    def handle(self, *args: Any, **given: Any) -> None:
        wanted = Wanted(
            to=(given["to"] or folder(settings.PLACES.var)).resolve(),
            keep=max(0, given["keep"]),
            with_secret_key=not given["without_secret_key"],
            jobs=given["jobs"],
        )
        said = Said(sys.stderr)
        try:
            last = take(wanted, now=utc_now(), tell=said)
        except BackupProblem as problem:
            raise CommandError(str(problem), returncode=problem.code) from problem
        finally:
            said.close()
        self.stdout.write(f"{last.path}: {(last.bytes or 0) / 1e6:,.1f} MB in {last.seconds:,.1f} s.")
        self.stdout.write(WITH_KEY if wanted.with_secret_key else WITHOUT_KEY)
