"""Events and people under made-up names, for analysis elsewhere: what they did, not who they are.

Each person is called by a keyed hash of their number. The key is made for the export and thrown away with its last
line, unless it was to be kept so that a later export calls everybody the same. It is written in parts, each with the
checkpoint behind it: work that is killed goes on with the next part.
"""

import csv
import gzip
import hashlib
import hmac
import io
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from cdp.accounts import audit
from cdp.accounts.models import User
from cdp.common.csv_out import safe_cell
from cdp.common.models import Job
from cdp.common.secrets import seal, unseal
from cdp.privacy.models import AnalysisExport
from cdp.privacy.strip import clean, is_identifying

KIND = "analysis-export"
FOLDER = "analysis"
KEPT = timedelta(days=7)
PEOPLE, EVENTS = "people.csv.gz", "events.csv.gz"
LOT = 1_000
"""People in one part."""
SAMPLE = 5_000
LEAST, UNIQUE = 20, 0.9
"""Of so many values, such a share of different ones tells people apart."""
COARSE = {"": "to the microsecond", "hour": "to the hour", "day": "to the day", "week": "to the week",
          "month": "to the month"}  # fmt: skip
EVENT_HEAD = ["person", "event", "at", "item", "value"]
OPEN = (Job.State.WAITING, Job.State.RUNNING)
Clock = Callable[[], datetime]


class NotAllowed(ValueError):
    """This identifies people, and cannot be part of the export."""


@dataclass(frozen=True)
class Wanted:
    traits: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    """Names; none: all."""
    coarse: str = "day"

    @classmethod
    def of(cls, options: dict[str, Any]) -> "Wanted":
        several = {name: tuple(options[name]) for name in ("traits", "properties", "events")}
        return cls(**several, coarse=str(options["coarse"]))

    def check(self) -> None:
        """Raises NotAllowed."""
        for name in (*self.traits, *self.properties):
            if is_identifying(name):
                raise NotAllowed(f"“{name}” identifies people: leave it out.")


@transaction.atomic
def begin(
    wanted: Wanted, *, keeps_key: bool, like: AnalysisExport | None, by: User | None, now: datetime
) -> AnalysisExport:
    """`like`: an export whose key was kept, and whose names for people are used again. The caller rings the bell after
    commit. Raises NotAllowed."""
    wanted.check()
    job = Job.objects.create(kind=KIND, title="Writing an export for analysis", created_by=by, created_at=now)
    sealed = like.sealed_key if like else seal(secrets.token_hex(32), keys=settings.ENCRYPTION_KEYS)
    made = AnalysisExport.objects.create(
        job=job, options=asdict(wanted), sealed_key=sealed, keeps_key=keeps_key, by=by, at=now
    )
    details = {"export": made.pk, **asdict(wanted), "keeps_key": keeps_key}
    audit.record(by, verb="asked for an analysis export", target=f"export {made.pk}", details=details, now=now)
    return made


def nearly_unique(names: Sequence[str]) -> list[str]:
    """Those of the traits whose values, of the people seen last, are nearly all different."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, count(*) n, count(distinct value) d from (select traits from profiles_profile"
            " where merged_into is null order by last_seen_on desc, id desc limit %s) p,"
            " unnest(%s::text[]) name, lateral (select p.traits ->> name as value) v"
            " where value is not null group by 1",
            [SAMPLE, list(names)],
        )
        return sorted(name for name, n, different in cursor.fetchall() if n >= LEAST and different / n >= UNIQUE)


def run(job_id: int, *, clock: Clock) -> None:
    """All parts that are left, then the files made of them. Safe to run twice."""
    export = AnalysisExport.objects.select_related("job").get(job_id=job_id)
    if export.job.state not in OPEN:
        return
    try:
        while _part(export, clock=clock):
            pass
        _end(export, clock=clock)
    except OSError as error:
        Job.objects.filter(pk=job_id).update(state=Job.State.FAILED, finished_at=clock(), error=str(error.strerror))
        raise


def _part(export: AnalysisExport, *, clock: Clock) -> bool:
    job = Job.objects.get(pk=export.job_id)
    after, number = int(job.checkpoint.get("after", 0)), int(job.checkpoint.get("part", 0))
    people = _people(after)
    if not people:
        return False
    wanted, key = Wanted.of(export.options), _key(export)
    folder = _folder(export)
    folder.mkdir(parents=True, exist_ok=True)
    names = {profile_id: pseudonym(profile_id, key=key) for profile_id, *_ in people}
    _write(folder / f"people-{number:06d}.part", (_person(row, names, wanted) for row in people))
    n = _write(folder / f"events-{number:06d}.part", _events(sorted(names), names, wanted))
    now = clock()
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING,
        started_at=job.started_at or now,
        heartbeat_at=now,
        done=job.done + len(people),
        total=job.total or _n_people(),
        checkpoint={"after": people[-1][0], "part": number + 1},
        result={"people": job.done + len(people), "events": job.result.get("events", 0) + n},
    )
    return True


def pseudonym(profile_id: int, *, key: bytes) -> str:
    """HMAC-SHA-256 of the person's number, 20 hex digits: one chance in 10^12 that two of a million share one."""
    return hmac.digest(key, f"person\0{profile_id}".encode(), hashlib.sha256).hex()[:20]


def _people(after: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, first_seen_at, last_seen_at, traits::text from profiles_profile"
            " where merged_into is null and id > %s order by id limit %s",
            [after, LOT],
        )
        return list(cursor.fetchall())


def _n_people() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from profiles_profile where merged_into is null")
        return int(cursor.fetchone()[0])


def _person(row: Any, names: dict[int, str], wanted: Wanted) -> list[Any]:
    profile_id, first, last, text = row
    traits = _json(text)
    return [names[profile_id], _when(first, wanted), _when(last, wanted), *_chosen(traits, wanted.traits)]


def _events(ids: Sequence[int], names: dict[int, str], wanted: Wanted) -> Iterator[list[Any]]:
    """In the order of people's numbers, by the key of the table."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "declare of_people no scroll cursor for select profile_id, name, occurred_at, item_id, value,"
            " properties::text from events_event where profile_id = any(%s)"
            " and (cardinality(%s::text[]) = 0 or name = any(%s::text[])) order by profile_id, occurred_at",
            [list(ids), list(wanted.events), list(wanted.events)],
        )
        while True:
            cursor.execute("fetch 2000 from of_people")
            rows = cursor.fetchall()
            if not rows:
                cursor.execute("close of_people")
                return
            for profile_id, name, at, item, value, properties in rows:
                chosen = _chosen(_json(properties), wanted.properties) if wanted.properties else []
                yield [names[profile_id], clean(name), _when(at, wanted), item, value, *chosen]


def _chosen(found: dict[str, Any], names: Sequence[str]) -> list[Any]:
    """Without addresses and queries of links that stand in their text."""
    return [clean(found.get(name)) for name in names]


def _json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def _when(at: datetime, wanted: Wanted) -> str:
    if not wanted.coarse:
        return at.isoformat()
    day = at.replace(minute=0, second=0, microsecond=0)
    if wanted.coarse == "hour":
        return f"{day:%Y-%m-%dT%H:00Z}"
    if wanted.coarse == "week":
        day -= timedelta(days=day.weekday())
    return f"{day:%Y-%m}" if wanted.coarse == "month" else f"{day:%Y-%m-%d}"


def _write(path: Path, rows: Iterator[list[Any]]) -> int:
    """A whole gzip member: files of several one behind the other are one file."""
    n, made = 0, path.with_suffix(".new")
    with gzip.open(made, "wt", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for row in rows:
            writer.writerow([safe_cell(_cell(value)) for value in row])
            n += 1
    made.replace(path)
    return n


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _end(export: AnalysisExport, *, clock: Clock) -> None:
    wanted, folder = Wanted.of(export.options), _folder(export)
    folder.mkdir(parents=True, exist_ok=True)
    heads = {PEOPLE: ["person", "first seen", "last seen", *wanted.traits], EVENTS: [*EVENT_HEAD, *wanted.properties]}
    for name, head in heads.items():
        made = folder / f"{name}.new"
        with made.open("wb") as out:
            out.write(_head(head))
            for part in sorted(folder.glob(f"{name.partition('.')[0]}-*.part")):
                with part.open("rb") as found:
                    shutil.copyfileobj(found, out)
        made.replace(folder / name)
    for part in folder.glob("*.part"):
        part.unlink()
    now = clock()
    with transaction.atomic():
        export.folder, export.expires_at = f"{FOLDER}/{export.pk}", now + KEPT
        export.sealed_key = export.sealed_key if export.keeps_key else None
        export.save(update_fields=["folder", "expires_at", "sealed_key"])
        Job.objects.filter(pk=export.job_id).update(state=Job.State.DONE, finished_at=now, heartbeat_at=now)
        details = {"export": export.pk, **Job.objects.get(pk=export.job_id).result}
        audit.record(export.by, verb="made an analysis export", target=f"export {export.pk}", details=details, now=now)


def _head(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([safe_cell(cell) for cell in cells])
    return gzip.compress(text.getvalue().encode())


def _key(export: AnalysisExport) -> bytes:
    assert export.sealed_key is not None, "an export that is not done has its key"
    return bytes.fromhex(unseal(bytes(export.sealed_key), keys=settings.ENCRYPTION_KEYS))


def _folder(export: AnalysisExport) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / str(export.pk)


def path_of(export: AnalysisExport, name: str, *, now: datetime) -> Path | None:
    if not export.folder or export.expires_at is None or export.expires_at <= now or name not in (PEOPLE, EVENTS):
        return None
    path = Path(settings.MEDIA_ROOT) / export.folder / name
    return path if path.exists() else None


def forget_old(*, now: datetime) -> int:
    """Files whose time is over."""
    old = list(AnalysisExport.objects.filter(expires_at__lte=now).exclude(folder=""))
    for export in old:
        shutil.rmtree(Path(settings.MEDIA_ROOT) / export.folder, ignore_errors=True)
        AnalysisExport.objects.filter(pk=export.pk).update(folder="")
    return len(old)
