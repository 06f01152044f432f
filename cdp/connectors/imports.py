"""The verbs of an import: take in a file, change its mapping, start, stop, go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction

from cdp.accounts import audit
from cdp.accounts.models import Source, User
from cdp.common.models import Job
from cdp.connectors.models import Import
from cdp.connectors.presets import PRESETS, missing, recognise_headers
from cdp.connectors.tables import recognise
from cdp.connectors.units import Column

KIND = "import"
STALE = timedelta(minutes=2)


class NotMapped(ValueError):
    """The mapping lacks something."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file is taken for."""

    preset: str
    columns: list[list[str]]
    options: dict[str, Any]
    maker: str = ""


def shape_of(path: Path, *, preset: str = "") -> Shape:
    """What the headers say of the file. Raises BadTable."""
    found = recognise_headers(recognise(path).headers, preset=preset)
    columns = [[column.field, column.detail] for column in found.columns]
    return Shape(found.preset, columns, dict(found.options), found.maker)


@transaction.atomic
def upload(file: "File[bytes]", *, name: str, source: Source, actor: User | None, now: datetime) -> Import:
    """Keeps the file and what it is taken for; nothing is taken in yet. Raises BadTable."""
    job = Job.objects.create(kind=KIND, title=f"Import of {name}"[:200], created_by=actor, created_at=now)
    one = Import(job=job, source=source, file_name=name[:200])
    one.file.save(Path(name).name[:100] or "file.csv", file, save=False)
    try:
        _take_for(one, shape_of(Path(one.file.path)))
    except ValueError:
        one.file.delete(save=False)
        raise
    one.save()
    return one


def _take_for(one: Import, shape: Shape) -> None:
    one.maker, one.preset, one.columns = shape.maker, shape.preset, shape.columns
    one.options = {**one.options, **shape.options}


def take_for(one: Import, preset: str) -> None:
    """The file is of another kind than its headers suggest: the mapping begins anew."""
    _take_for(one, shape_of(Path(one.file.path), preset=preset))
    one.save()


def lacks(one: Import) -> list[str]:
    """What the mapping still needs, as sentences."""
    return missing(PRESETS[one.preset], columns_of(one))


def columns_of(one: Import) -> Sequence[Column]:
    headers = recognise(Path(one.file.path)).headers
    return [Column(i, header, *said) for i, (header, said) in enumerate(zip(headers, one.columns, strict=True))]


@transaction.atomic
def start(one: Import, *, actor: User | None, now: datetime) -> None:
    """Queues it; the caller rings the bell after commit. Raises NotMapped."""
    if lacking := lacks(one):
        raise NotMapped(" ".join(lacking))
    Import.objects.filter(pk=one.pk, queued_at=None).update(queued_at=now)
    details = {"file": one.file_name, "preset": one.preset}
    audit.record(actor, verb="started import", target=str(one.source), details=details, now=now)


def stop(one: Import, *, actor: User | None, now: datetime) -> None:
    """It ends before its next chunk, and can go on later from there. One that no worker has is stopped at once."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=one.job_id)
        if job.state == Job.State.RUNNING:
            job.is_cancel_requested = True
        elif job.state == Job.State.WAITING:
            job.state, job.finished_at = Job.State.CANCELLED, now
        job.save()
        audit.record(actor, verb="stopped import", target=one.file_name, now=now)


def go_on(one: Import, *, actor: User | None, now: datetime) -> None:
    """A stopped or failed import goes on from its checkpoint."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=one.job_id)
        if job.state in (Job.State.CANCELLED, Job.State.FAILED):
            job.state, job.is_cancel_requested = Job.State.WAITING, False
            job.error, job.finished_at = "", None
            job.save()
            audit.record(actor, verb="continued import", target=one.file_name, now=now)


def abandoned(*, now: datetime) -> list[int]:
    """Imports that should run and that nobody has touched for a while: their worker died, or the bell was lost."""
    queued = Import.objects.filter(queued_at__lt=now - STALE)
    waiting = queued.filter(job__state=Job.State.WAITING)
    silent = queued.filter(job__state=Job.State.RUNNING, job__heartbeat_at__lt=now - STALE)
    return sorted((waiting | silent).values_list("pk", flat=True))
