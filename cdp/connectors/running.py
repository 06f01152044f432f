"""Runs an import, chunk by chunk. A chunk's effects and the checkpoint behind it are one transaction: so an import
that is stopped, killed or run twice has each of its effects once, and goes on where it was."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import DataError, connection, transaction

from cdp.common.models import Job
from cdp.connectors import files_about
from cdp.connectors.converting import Plan, add_skip, count_rows, days_to, make_options, make_plan, units
from cdp.connectors.models import Import, ImportProblem
from cdp.connectors.tables import BadTable
from cdp.connectors.units import Unit
from cdp.events import inbox
from cdp.events.items import add_aliases, add_items, upsert_items
from cdp.events.models import InboxBatch
from cdp.events.partitions import ensure_months
from cdp.privacy.consent import record_consents
from cdp.privacy.models import Suppression
from cdp.privacy.suppression import suppress

CHUNK_MESSAGES = 500
CHUNK_UNITS = 2_000
MOST_WAITING = 200
"""Chunks in the inbox before an import waits for the pipeline: about a gigabyte at worst."""
KEPT_PROBLEMS = 50_000
OPEN = (Job.State.WAITING, Job.State.RUNNING)


class Stopped(Exception):
    """Someone pressed Stop, or another worker took over."""


@dataclass(slots=True)
class Chunk:
    units: list[Unit] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    is_last: bool = False


def run(import_id: int, *, clock: Callable[[], datetime], wait: Callable[[], None]) -> None:
    """Takes the import over and brings it to its end. `wait` passes a little time while the inbox is full."""
    fence = _take_over(import_id, now=clock())
    if fence is None:
        return
    one = Import.objects.select_related("job").get(pk=import_id)
    try:
        for chunk in _chunks(one, clock=clock):
            _ensure_months(chunk)
            _wait_for_room(one, fence, clock=clock, wait=wait)
            _write(import_id, chunk, fence=fence, now=clock())
        files_about.strike_erased(import_id, now=clock())
    except Stopped:
        return
    except BadTable as error:
        _fail(import_id, fence, error=str(error), now=clock())
    except (DataError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        _fail(import_id, fence, error=f"The import came upon something unforeseen ({error}).", now=clock())
        raise


def _take_over(import_id: int, *, now: datetime) -> str | None:
    """A new fence: whoever ran it before finds it changed and stops."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(of_import=import_id)
        if job.state not in OPEN:
            return None
        fence = uuid.uuid4().hex
        job.checkpoint = {**job.checkpoint, "fence": fence}
        job.state, job.started_at, job.heartbeat_at = Job.State.RUNNING, job.started_at or now, now
        job.save()
    return fence


def _chunks(one: Import, *, clock: Callable[[], datetime]) -> Iterator[Chunk]:
    _find_shift(one)
    plan = _plan(one)
    if one.job.total is None:
        Job.objects.filter(pk=one.job_id).update(total=count_rows(plan), heartbeat_at=clock())
    chunk = Chunk()
    done = int(one.job.checkpoint.get("units", 0))
    for index, unit in enumerate(units(plan)):
        if index < done:
            continue
        chunk.units.append(unit)
        chunk.messages += unit.messages
        if len(chunk.messages) >= CHUNK_MESSAGES or len(chunk.units) >= CHUNK_UNITS:
            yield chunk
            chunk = Chunk()
    chunk.is_last = True
    yield chunk


def _plan(one: Import) -> Plan:
    options = make_options(one.options, source_id=one.source_id, how=f"import:{one.pk}", now=one.job.created_at)
    return make_plan(Path(one.file.path), preset=one.preset, columns=one.columns, options=options)


def _find_shift(one: Import) -> None:
    """Once, and kept: what goes on later is moved by as many days."""
    if one.options.get("newest_is_today") and one.options.get("shift_days") is None:
        one.options = {**one.options, "shift_days": days_to(one.queued_at or one.job.created_at, _plan(one))}
        one.save(update_fields=["options"])


def _ensure_months(chunk: Chunk) -> None:
    """The pipeline runs no DDL: the months must be there before the messages are."""
    moments = {m["timestamp"][:7] for m in chunk.messages if m["type"] == "track" and "timestamp" in m}
    for month in sorted(moments):
        first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
        ensure_months(first, first)


def _wait_for_room(one: Import, fence: str, *, clock: Callable[[], datetime], wait: Callable[[], None]) -> None:
    while InboxBatch.objects.filter(lane=InboxBatch.Lane.BULK)[:MOST_WAITING].count() >= MOST_WAITING:
        with transaction.atomic():
            job = _locked(one.pk, fence)
            job.heartbeat_at = clock()
            job.save(update_fields=["heartbeat_at"])
        if job.is_cancel_requested:
            return
        wait()


def _locked(import_id: int, fence: str) -> Job:
    job = Job.objects.select_for_update().get(of_import=import_id)
    if job.checkpoint.get("fence") != fence or job.state != Job.State.RUNNING:
        raise Stopped
    return job


def _write(import_id: int, chunk: Chunk, *, fence: str, now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        job = _locked(import_id, fence)
        one = Import.objects.select_related("job").get(pk=import_id)
        if job.is_cancel_requested:
            job.state, job.finished_at = Job.State.CANCELLED, now
            job.save()
            return
        _put(one, chunk, now=now)
        record_consents(cursor, (word for unit in chunk.units for word in unit.words), now=now)
        addresses = [address for unit in chunk.units for address in unit.suppressed]
        suppress(addresses, reason=Suppression.Reason.IMPORT, now=now, note=f"Import of {one.file_name}")
        upsert_items(cursor, [item for unit in chunk.units for item in unit.items], now=now)
        add_items(cursor, [item for unit in chunk.units for item in unit.new_items], now=now)
        add_aliases(cursor, one.source_id, (alias for unit in chunk.units for alias in unit.aliases))
        _count(one, chunk, now=now)
        job.done += sum(unit.rows for unit in chunk.units)
        job.checkpoint = {**job.checkpoint, "units": int(job.checkpoint.get("units", 0)) + len(chunk.units)}
        job.heartbeat_at = now
        if chunk.is_last:
            job.state, job.finished_at, job.total = Job.State.DONE, now, job.done
        job.save()


def _put(one: Import, chunk: Chunk, *, now: datetime) -> None:
    for start in range(0, len(chunk.messages), CHUNK_MESSAGES):
        messages = chunk.messages[start : start + CHUNK_MESSAGES]
        inbox.put(one.source_id, messages, now=now, import_id=one.pk)


def _count(one: Import, chunk: Chunk, *, now: datetime) -> None:
    found = [unit.problem for unit in chunk.units if unit.problem is not None]
    gone = files_about.known_gone([p.cells for p in found], files_about.columns_of(one), now=now)
    problems = [p for p, is_gone in zip(found, gone, strict=True) if not is_gone]
    room = max(0, KEPT_PROBLEMS - one.rejected)
    ImportProblem.objects.bulk_create(
        ImportProblem(of=one, row=p.row, column=p.column[:200], reason=p.reason, cells=_storable(p.cells))
        for p in problems[:room]
    )
    one.rejected += sum(unit.rows for unit in chunk.units if unit.problem is not None)
    one.accepted += sum(unit.rows for unit in chunk.units if unit.problem is None and unit.skip is None)
    one.messages += len(chunk.messages)
    for unit in chunk.units:
        add_skip(one.skipped, unit)
    one.save(update_fields=["rejected", "accepted", "messages", "skipped"])


def _storable(cells: Any) -> list[str]:
    return [cell.replace("\0", "�") for cell in cells]


def _fail(import_id: int, fence: str, *, error: str, now: datetime) -> None:
    with transaction.atomic():
        job = Job.objects.select_for_update().get(of_import=import_id)
        if job.checkpoint.get("fence") == fence:
            job.state, job.error, job.finished_at = Job.State.FAILED, error, now
            job.save()
