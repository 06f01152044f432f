"""The rows of a person in files that were imported: the file is written anew with a blank line in the place of each."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from cdp.common.belongings import Person, Place
from cdp.common.copying import texts
from cdp.common.models import Job
from cdp.connectors.converting import CONVERTERS, make_options
from cdp.connectors.models import Import, ImportProblem
from cdp.connectors.tables import BadTable, Form, Row, recognise, rows
from cdp.connectors.units import Column, Columns
from cdp.privacy import erased
from cdp.privacy.quotes import Quotes, is_telling
from cdp.profiles.addresses import address

KINDS = {
    "user_id": ("user_id",),
    "anonymous_id": ("anonymous_id",),
    "email": ("email", "anonymous_id"),
    "phone": ("phone", "anonymous_id"),
    "external": ("user_id",),
}
"""What a cell of a column may be, by what the column is for. Rows without an id go by `import:` and their address."""
LOT = 5_000
IsGone = Callable[[Sequence[Sequence[str]]], Sequence[bool]]
"""Whether each of these rows goes."""


def places() -> list[Place]:
    return [
        Place("imported_files", "Files that were imported", _count, _erase, _export),
        Place("connectors_importproblem", "Rows of imports with a problem", _count_problems, _erase_problems,
              tables=("connectors_importproblem",)),
    ]  # fmt: skip


def _gone_with(person: Person, columns: Columns) -> IsGone:
    quotes, own = Quotes.of(person), set(person.addresses)

    def is_gone(lot: Sequence[Sequence[str]]) -> list[bool]:
        return [any(map(quotes.are_in, cells)) or not own.isdisjoint(_named(cells, columns)) for cells in lot]

    return is_gone


def _named(cells: Sequence[str], columns: Columns) -> Iterator[erased.Address]:
    """Every identifier that the columns for such give of whom the row is about."""
    for column in columns.all:
        text = cells[column.index].strip() if column.field in KINDS and column.index < len(cells) else ""
        if text:
            kind = column.detail if column.field == "external" else column.field
            form = address(kind, text)
            yield kind, form
            if kind in ("email", "phone"):
                yield "anonymous_id", f"import:{form}"


def columns_of(one: Import) -> Columns:
    return Columns([Column(i, "", *as_) for i, as_ in enumerate(one.columns)])


def _files() -> Iterator[tuple[Import, Path, Form, Columns]]:
    for one in Import.objects.select_related("job").order_by("pk"):
        path = Path(one.file.path)
        if path.exists():
            try:
                form = recognise(path)
            except BadTable:
                continue
            yield one, path, form, columns_of(one)


def _count(person: Person) -> int:
    return sum(1 for _ in _theirs(person))


def _export(person: Person) -> list[dict[str, Any]]:
    return [
        {"file": one.file_name, "row": row.number, "cells": dict(zip(form.headers, row.cells, strict=True))}
        for one, form, row in _theirs(person)
    ]


def _theirs(person: Person) -> Iterator[tuple[Import, Form, Row]]:
    for one, path, form, columns in _files():
        is_gone = _gone_with(person, columns)
        for lot in _lots(rows(path, form)):
            for row, gone in zip(lot, is_gone([row.cells for row in lot]), strict=True):
                if gone:
                    yield one, form, row


def _erase(person: Person, now: datetime) -> int:
    """The ids of their rows' messages go as well: they follow from the content, and would tell it from another."""
    n = 0
    for one, path, form, columns in _files():
        is_gone = _gone_with(person, columns)
        _forget_ids(one, path, form, is_gone)
        n += strike(one, path, form, columns, is_gone)
    return n


def _forget_ids(one: Import, path: Path, form: Form, is_gone: IsGone) -> None:
    if one.preset not in CONVERTERS:
        return
    options = make_options(one.options, source_id=one.source_id, how=f"import:{one.pk}", now=one.job.created_at)
    for lot in _lots(rows(path, form)):
        theirs = [row for row, gone in zip(lot, is_gone([row.cells for row in lot]), strict=True) if gone]
        made = CONVERTERS[one.preset](iter(theirs), columns_of(one), options)
        ids = sorted({str(message["messageId"]) for unit in made for message in unit.messages})
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "delete from events_seenmessage where source_id = %s and message_id = any(%s::text[])",
                [one.source_id, texts(ids)],
            )


def strike_erased(import_id: int, *, now: datetime) -> int:
    """Takes people who were erased before out of a file that was imported; counted like all that is refused."""
    one = Import.objects.select_related("job").get(pk=import_id)
    path = Path(one.file.path)
    with connection.cursor() as cursor:
        if not erased.is_any(cursor) or not path.exists():
            return 0
        form = recognise(path)
        columns = columns_of(one)
        return strike(one, path, form, columns, lambda lot: known_gone(lot, columns, now=now))


def known_gone(lot: Sequence[Sequence[str]], columns: Columns, *, now: datetime) -> list[bool]:
    """Which of the rows name somebody who was erased."""
    named = [set(_named(cells, columns)) for cells in lot]
    with transaction.atomic(), connection.cursor() as cursor:
        gone = erased.among(cursor, {one for some in named for one in some})
    return [not gone.keys().isdisjoint(some) for some in named]


def strike(one: Import, path: Path, form: Form, columns: Columns, is_gone: IsGone) -> int:
    """Returns how many rows went. An import that is under way begins anew: what it took in before counts once."""
    orders = _orders(path, form, columns, is_gone)
    n = 0
    made = path.with_name(path.name + ".new")
    with _writing(made, path, form) as out:
        writer = csv.writer(out, delimiter=form.delimiter)
        for lot in _lots(_raw(path, form)):
            for cells, gone in zip(lot, is_gone(lot), strict=True):
                goes = gone or (bool(orders) and columns.text(Row(0, _wide(cells, form)), "order_id") in orders)
                writer.writerow([] if goes else cells)
                n += goes
    if not n:
        made.unlink()
        return 0
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=one.job_id)
        made.replace(path)
        if job.state != Job.State.DONE and job.checkpoint.get("units"):
            _begin_anew(one, job)
    return n


def _orders(path: Path, form: Form, columns: Columns, is_gone: IsGone) -> set[str]:
    """Numbers of their orders: further lines of an order often do not repeat who placed it."""
    if not columns.has("order_id"):
        return set()
    return {
        columns.text(row, "order_id")
        for lot in _lots(rows(path, form))
        for row, gone in zip(lot, is_gone([row.cells for row in lot]), strict=True)
        if gone
    } - {""}


def _begin_anew(one: Import, job: Job) -> None:
    job.checkpoint, job.done, job.total = {}, 0, None
    job.state = Job.State.WAITING if job.state == Job.State.RUNNING else job.state
    job.save()
    Import.objects.filter(pk=one.pk).update(accepted=0, rejected=0, messages=0, skipped={})
    ImportProblem.objects.filter(of=one).delete()


def _wide(cells: list[str], form: Form) -> list[str]:
    return cells + [""] * (len(form.headers) - len(cells))


def _raw(path: Path, form: Form) -> Iterator[list[str]]:
    """Every line as it stands, the header too, so that the numbers of rows stay what they were."""
    with _opened(path) as stream:
        yield from csv.reader(io.TextIOWrapper(stream, form.encoding, errors="replace", newline=""),
                              delimiter=form.delimiter)  # fmt: skip


def _is_packed(path: Path) -> bool:
    with path.open("rb") as start:
        return start.read(2) == b"\x1f\x8b"


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if _is_packed(path) else path.open("rb")  # type: ignore[return-value]


def _writing(made: Path, like: Path, form: Form) -> IO[str]:
    if _is_packed(like):
        return gzip.open(made, "wt", encoding=form.encoding, errors="replace", newline="")
    return made.open("w", encoding=form.encoding, errors="replace", newline="")


def _lots(found: Iterator[Any]) -> Iterator[list[Any]]:
    while lot := list(islice(found, LOT)):
        yield lot


def _problems(person: Person) -> Iterator[ImportProblem]:
    quotes = Quotes.of(person)
    found = ImportProblem.objects.select_related("of").order_by("pk")
    if quotes.is_whole and all(is_telling(value) for _, value in person.addresses):
        found = found.extra(where=["(cells::text || reason) ilike any(%s::text[])"], params=[quotes.patterns])
    for one in found.iterator():
        columns = columns_of(one.of)
        if any(map(quotes.are_in, [*one.cells, one.reason])) or not set(person.addresses).isdisjoint(
            _named(one.cells, columns)
        ):
            yield one


def _count_problems(person: Person) -> int:
    return sum(1 for _ in _problems(person))


def _erase_problems(person: Person, now: datetime) -> int:
    ids = [one.pk for one in _problems(person)]
    ImportProblem.objects.filter(pk__in=ids).delete()
    return len(ids)
