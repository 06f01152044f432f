"""A copy of everything that is known of one person: one JSON file, and the same as tables in a zip."""

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from cdp.accounts import audit
from cdp.accounts.models import User
from cdp.common.belongings import Belonging, Person, places
from cdp.common.csv_out import safe_cell
from cdp.common.jobs import working
from cdp.common.models import Job
from cdp.privacy import person, rows
from cdp.privacy.models import PrivacyRequest

KIND = "privacy-export"
KEPT = timedelta(days=7)
FOLDER = "privacy"
JSON, ZIP = "person.json", "person.zip"
LOT = 500
Rows = Iterator[list[dict[str, Any]]]


@transaction.atomic
def begin(who: Person, *, by: User | None, via: str, now: datetime) -> PrivacyRequest:
    """The caller rings the bell after commit."""
    job = Job.objects.create(kind=KIND, title="Copying what is known of a person", created_by=by, created_at=now)
    request = PrivacyRequest.objects.create(
        kind=PrivacyRequest.Kind.EXPORT,
        job=job,
        sealed=person.packed(who),
        profile_ids=list(who.profile_ids),
        by=by,
        via=via[:80],
        at=now,
    )
    details = {"via": via, "request": request.pk}
    audit.record(by, verb="asked for a copy of a person", target=f"request {request.pk}", details=details, now=now)
    return request


def run(job_id: int, *, clock: Callable[[], datetime]) -> None:
    """Safe to run twice: files are written beside the old ones and take their place whole."""
    request = PrivacyRequest.objects.get(job_id=job_id)
    if request.sealed is None:
        return
    who = person.unpacked(bytes(request.sealed))
    with working(job_id, clock=clock) as progress:
        parts = list(_parts(who))
        folder = Path(settings.MEDIA_ROOT) / FOLDER / str(request.uuid)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        counts = _write(folder, who, parts, lambda n: progress.report(n, total=len(parts)), made_at=clock())
        now = clock()
        PrivacyRequest.objects.filter(pk=request.pk).update(
            sealed=None, counts=counts, file=f"{FOLDER}/{request.uuid}", expires_at=now + KEPT
        )
        details = {"request": request.pk, "rows": sum(counts.values())}
        audit.record(request.by, verb="copied a person", target=f"request {request.pk}", details=details, now=now)


def path_of(request: PrivacyRequest, name: str, *, now: datetime) -> Path | None:
    """Of a file that is still kept."""
    if not request.file or request.expires_at is None or request.expires_at <= now or name not in (JSON, ZIP):
        return None
    path = Path(settings.MEDIA_ROOT) / request.file / name
    return path if path.exists() else None


def forget(requests: Sequence[PrivacyRequest]) -> int:
    """Deletes the files; the request says that there were some."""
    for request in requests:
        shutil.rmtree(Path(settings.MEDIA_ROOT) / request.file, ignore_errors=True)
        PrivacyRequest.objects.filter(pk=request.pk).update(file="")
    return len(requests)


def forget_old(*, now: datetime) -> int:
    return forget(list(PrivacyRequest.objects.filter(expires_at__lte=now).exclude(file="")))


def of_people(profile_ids: Sequence[int]) -> list[PrivacyRequest]:
    """Copies of these people that still lie here."""
    return list(PrivacyRequest.objects.filter(profile_ids__overlap=list(profile_ids)).exclude(file=""))


def _parts(who: Person) -> Iterator[tuple[str, Callable[[], Rows]]]:
    """Title and rows of each table and place."""
    for one in rows.tables():
        if one.export and who.is_known:
            yield one.title, lambda one=one: _named(one, rows.exported(one, who, size=LOT))  # type: ignore[misc]
    for place in places():
        if place.export is not None:
            export = place.export
            yield place.label, lambda export=export: iter([[dict(row) for row in export(who)]])  # type: ignore[misc]


def _named(one: Belonging, lots: Rows) -> Rows:
    """With names beside ids of segments, campaigns and the like."""
    names = [(column, _names(of)) for column, of in one.names]
    for lot in lots:
        for row in lot:
            for column, known in names:
                row[column.removesuffix("_id")] = known.get(row[column])
        yield lot


def _names(of: str) -> dict[int, str]:
    table, column = of.split(".")
    with connection.cursor() as cursor:
        cursor.execute(f"select id, {column} from {table}")
        return dict(cursor.fetchall())


def _write(
    folder: Path,
    who: Person,
    parts: Sequence[tuple[str, Callable[[], Rows]]],
    report: Callable[[int], None],
    *,
    made_at: datetime,
) -> dict[str, int]:
    """One table after the other, so that somebody with a million events needs no more memory than others."""
    counts: dict[str, int] = {}
    new_json, new_zip = folder / f"{JSON}.new", folder / f"{ZIP}.new"
    with new_json.open("w", encoding="utf-8") as out, zipfile.ZipFile(new_zip, "w", zipfile.ZIP_DEFLATED) as packed:
        known = {"identifiers": [{"kind": kind, "value": value} for kind, value in who.addresses], "ids": who.uuids}
        out.write(f'{{"made_at": {_json(made_at)},\n "person": {_json(known)},\n "tables": {{')
        for n, (title, read) in enumerate(parts):
            out.write(f"{',' if n else ''}\n  {_json(title)}: [")
            with packed.open(f"{_file_name(title)}.csv", "w", force_zip64=True) as raw:
                counts[title] = _table(out, io.TextIOWrapper(raw, "utf-8", newline=""), read())
            out.write("]")
            report(n + 1)
        out.write("\n}}\n")
    new_json.replace(folder / JSON)
    new_zip.replace(folder / ZIP)
    return {title: n for title, n in counts.items() if n}


def _table(out: io.TextIOBase | Any, sheet: io.TextIOWrapper, lots: Rows) -> int:
    n, writer = 0, csv.writer(sheet)
    for lot in lots:
        for row in lot:
            if not n:
                writer.writerow(row)
            out.write(f"{',' if n else ''}\n    {_json(row)}")
            writer.writerow([safe_cell(_cell(value)) for value in row.values()])
            n += 1
    sheet.flush()
    sheet.detach()
    return n


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _cell(value: Any) -> Any:
    return _json(value) if isinstance(value, dict | list) else value if value is None else _text(value)


def _text(value: Any) -> str:
    plain = value if isinstance(value, str) else _plain(value) if not isinstance(value, bool | int | float) else value
    return str(plain)


def _file_name(title: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in title.lower()).split())
