"""`manage.py link FILE [FILE2] --id COLUMN --out FOLDER`: who is who in files of people, without a database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cdp.connectors.tables import BadTable
from identity.columns import Kind
from identity.link_files import GROUPS, PAIRS, BadRequest, Request, link_files
from identity.linking import NothingToCompare, Options


class Command(BaseCommand):
    help = "Finds the records of a CSV file, or of two, that are one person; writes groups.csv and pairs.csv."
    requires_system_checks = []
    defaults = Options()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the records, as CSV")
        parser.add_argument("second", type=Path, nargs="?", help="link with the records of this file")
        parser.add_argument("--id", required=True, dest="id_column", metavar="COLUMN", help="what names a record")
        parser.add_argument("--ignore", action="append", default=[], metavar="COLUMN,…", help="not compared")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=KIND,…",
            help=f"what a column holds: {', '.join(Kind)}",
        )
        parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the answers are written")
        linked, asked = "from which on a pair is one person", "from which on a pair is put before somebody"
        parser.add_argument("--link-from", type=_probability, default=self.defaults.link, metavar="P", help=linked)
        parser.add_argument("--review-from", type=_probability, default=self.defaults.review, metavar="P", help=asked)

    def handle(self, *args: Any, **given: Any) -> None:
        files = [path for path in (given["file"], given["second"]) if path]
        for path in files:
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        if given["review_from"] > given["link_from"]:
            raise CommandError("--review-from must not lie above --link-from.")
        options = Options(link=given["link_from"], review=given["review_from"], tell=self._tell)
        request = Request(files, given["id_column"], _listed(given["ignore"]), _kinds(_listed(given["map"])))
        try:
            linked = link_files(request, out=given["out"], options=options)
        except (BadTable, BadRequest, NothingToCompare) as error:
            raise CommandError(str(error)) from error
        people = len(set(linked.group.tolist()))
        self.stdout.write(f"{len(linked.group):,} records are {people:,} people: {given['out'] / GROUPS}, {PAIRS}")

    def _tell(self, line: str) -> None:
        self.stderr.write(line)


def _listed(said: list[str]) -> list[str]:
    return [part.strip() for one in said for part in one.split(",") if part.strip()]


def _kinds(said: list[str]) -> dict[str, Kind]:
    kinds = {}
    for one in said:
        column, equals, kind = one.rpartition("=")
        if not equals or kind not in set(Kind):
            raise CommandError(f"{one!r} does not say COLUMN=KIND. Kinds: {', '.join(Kind)}.")
        kinds[column] = Kind(kind)
    return kinds


def _probability(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise ValueError("A probability lies between 0 and 1.")
    return value
