"""`manage.py import_csv FILE --source NAME`: a CSV file through the same import as the page's."""

import sys
import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from cdp.accounts.models import Source
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.connectors import imports
from cdp.connectors.converting import Found, UnknownZone, dry_run, make_options, make_plan
from cdp.connectors.models import Import
from cdp.connectors.presets import DETAILED, PRESETS, missing
from cdp.connectors.running import run
from cdp.connectors.tables import BadTable, recognise
from cdp.connectors.units import Column
from cdp.events.models import InboxBatch
from cdp.pipeline import drain

PROGRESS_S = 2.0


class Command(BaseCommand):
    help = "Imports a CSV file (gzip or not) of people, events, orders, items, consents or suppressions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, gzip or not")
        parser.add_argument("--source", required=True, help="name of the source; made if there is none")
        parser.add_argument("--preset", choices=sorted(PRESETS), default="", help="left out: by the headers")
        parser.add_argument(
            "--map", action="append", default=[], metavar="HEADER=FIELD[:DETAIL]", help="what a column is"
        )
        parser.add_argument("--currency", help="of amounts whose row names none, such as EUR")
        parser.add_argument("--zone", help="of times without an offset, such as Europe/Berlin")
        parser.add_argument(
            "--date-order", choices=["ymd", "dmy", "mdy"], help="how days are written, where it cannot be told"
        )
        parser.add_argument(
            "--newest-is-today", action="store_true", help="move all times by whole days so that the newest is of today"
        )
        parser.add_argument("--shift-days", type=int, help="or move them by so many days")
        parser.add_argument(
            "--add-items", action="store_true", help="add products that the catalogue does not have yet"
        )
        parser.add_argument("--dry-run", action="store_true", help="read all of it, write nothing")
        parser.add_argument("--wait", action="store_true", help="return when all of it has been taken in")

    def handle(self, *args: Any, **given: Any) -> None:
        path: Path = given["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            shape = imports.shape_of(path, preset=given["preset"])
            columns = self._mapped(path, shape, given["map"])
            options = shape.options | {
                key: given[key] for key in ("currency", "zone", "date_order", "shift_days") if given[key] is not None
            }
            options |= {"newest_is_today": given["newest_is_today"]}
            options |= {"adds_items": True} if given["add_items"] else {}
            if given["dry_run"]:
                self._dry_run(path, shape.preset, columns, options)
            else:
                self._import(path, imports.Shape(shape.preset, columns, options, shape.maker), given)
        except (BadTable, UnknownZone) as error:
            raise CommandError(str(error)) from error

    def _mapped(self, path: Path, shape: imports.Shape, said: list[str]) -> list[list[str]]:
        headers = recognise(path).headers
        columns = [list(column) for column in shape.columns]
        known = {one.key for one in PRESETS[shape.preset].fields} | {"ignore"}
        for one in said:
            header, _, rest = one.partition("=")
            name, _, detail = rest.partition(":")
            if header not in headers:
                raise CommandError(f"The file has no column {header!r}. It has: {', '.join(headers)}.")
            if name not in known:
                raise CommandError(f"{name!r} is nothing a column can be. Choose from: {', '.join(sorted(known))}.")
            columns[headers.index(header)] = [name, detail or (header if name in DETAILED else "")]
        named = [Column(i, header, *column) for i, (header, column) in enumerate(zip(headers, columns, strict=True))]
        if lacking := missing(PRESETS[shape.preset], named):
            raise CommandError(" ".join(lacking))
        return columns

    def _dry_run(self, path: Path, preset: str, columns: list[list[str]], options: dict[str, Any]) -> None:
        made = make_options(options, source_id=0, how="dry run", now=utc_now())
        self._tell(dry_run(make_plan(path, preset=preset, columns=columns, options=made), limit=None), preset)

    def _tell(self, found: Found, preset: str) -> None:
        say = self.stdout.write
        say(f"{preset}: {found.rows:,} rows, {found.accepted:,} would be taken in, {found.rejected:,} rejected")
        say(
            f"{found.messages:,} messages, {found.items:,} items, {found.words:,} consents,"
            f" {found.suppressed:,} addresses not to write to"
        )
        for reason, n in found.skipped.items():
            say(f"left out, {reason}: {n['rows']:,} rows, {n['things']:,} orders, {n['amount']} in all")
        for problem in found.first_problems:
            say(f"row {problem.row}, {problem.column or 'no column'}: {problem.reason}")

    def _import(self, path: Path, shape: imports.Shape, given: dict[str, Any]) -> None:
        source, _ = Source.objects.get_or_create(name=given["source"], defaults={"kind": Source.Kind.IMPORT})
        with path.open("rb") as stream:
            one = imports.upload(File(stream), name=path.name, source=source, actor=None, now=utc_now())
        one.maker, one.preset, one.columns, one.options = shape.maker, shape.preset, shape.columns, shape.options
        one.save()
        imports.start(one, actor=None, now=utc_now())
        with _Progress(one.pk):
            run(one.pk, clock=utc_now, wait=_make_room)
        one = Import.objects.select_related("job").get(pk=one.pk)
        if one.job.state != Job.State.DONE:
            raise CommandError(f"The import is {one.job.state}: {one.job.error or 'it was stopped'}.")
        self._result(one)
        if given["wait"]:
            self._wait(source)

    def _result(self, one: Import) -> None:
        said = f"{one.accepted:,} rows taken in as {one.messages:,} messages, {one.rejected:,} rejected"
        self.stdout.write(said)
        if one.options.get("shift_days"):
            self.stdout.write(f"all times were moved by {one.options['shift_days']:,} days")
        for reason, n in one.skipped.items():
            self.stdout.write(f"left out, {reason}: {n['rows']:,} rows, {n['things']:,} orders, {n['amount']} in all")
        for problem in one.problems.order_by("id")[:20]:
            self.stdout.write(f"row {problem.row}, {problem.column or 'no column'}: {problem.reason}")
        if one.rejected:
            self.stdout.write(f"All rejected rows: {settings.PUBLIC_URL}/imports/{one.pk}/rejected.csv")

    def _wait(self, source: Source) -> None:
        """Helps with the bulk lane, beside the workers if there are any, until nothing of the source waits."""
        waiting = InboxBatch.objects.filter(source_id=source.pk)
        while waiting.exists():
            _make_room()
        self.stdout.write("All of it has been taken in.")


def _drain_one() -> int:
    return drain(InboxBatch.Lane.BULK, now=utc_now()).rows


def _make_room() -> None:
    if not _drain_one():
        time.sleep(0.2)


class _Progress:
    """A line to stderr now and then: done of all, speed, time left."""

    def __init__(self, import_id: int) -> None:
        self.import_id = import_id
        self.over = Event()
        self.thread = Thread(target=self._watch, daemon=True)
        self.began: datetime = utc_now()

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _watch(self) -> None:
        try:
            while not self.over.wait(PROGRESS_S):
                self._say(Job.objects.get(of_import=self.import_id))
        finally:
            connection.close()

    def _say(self, job: Job) -> None:
        lasted_s = (utc_now() - self.began).total_seconds()
        per_s = job.done / lasted_s
        left = f", {(job.total - job.done) / per_s:.0f} s left" if job.total and per_s else ""
        total = f" of {job.total:,}" if job.total else ""
        sys.stderr.write(f"{job.done:,}{total} rows, {per_s:,.0f} per second{left}\n")
