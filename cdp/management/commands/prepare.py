"""`manage.py prepare`: makes the database ready for this version, once, before web and workers start."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from cdp.accounts.first_admin import ensure_first_admin
from cdp.management.commands.up import check_database
from cdp.operations.migrating import NoWayThrough, migrate, waiting
from cdp.runtime.problem import RuntimeProblem

REACHED_WITHIN_S = 60


class Command(BaseCommand):
    help = "Waits for the database, applies migrations and makes the first admin, whose password it prints once."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        wait_for_database()
        try:
            check_database()
            self.stdout.write(f"{waiting()} migrations to apply")
            migrate(sleep=time.sleep, tell=self.stdout.write)
        except (RuntimeProblem, NoWayThrough) as problem:
            sys.exit(str(problem))
        admin = ensure_first_admin()
        if admin is not None:
            self.stdout.write(f"First login: {admin.email}  password: {admin.password}  (shown only now)")


def wait_for_database() -> None:
    """Containers start in any order; after a while check_database says what is wrong."""
    deadline_s = time.monotonic() + REACHED_WITHIN_S
    while time.monotonic() < deadline_s:
        try:
            connection.ensure_connection()
        except OperationalError:
            time.sleep(1)
        else:
            return
