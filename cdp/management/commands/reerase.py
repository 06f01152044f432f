"""`manage.py reerase`: erases again whoever is on a list of the erased, after a restore by other means."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cdp.common.clock import utc_now
from cdp.operations.backup import forgotten
from cdp.operations.backup.problem import BackupProblem


class Command(BaseCommand):
    help = "Erases again whoever was erased before and is known again. Run it before web and workers start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--erased", type=Path, help="a list of the erased, besides VAR_DIR/erased.json")

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            lists = forgotten.lists(given["erased"], is_full=True)
            people = forgotten.erase_again(lists, now=utc_now(), report=lambda done, of: None)
        except BackupProblem as problem:
            raise CommandError(str(problem), returncode=problem.code) from problem
        self.stdout.write(f"{people:,} people were erased again.")
