"""People for a fixed list from a file or from pasted text: looked up first, shown, then taken or thrown away.

The upload itself is deleted once it was looked up. Numbers of records are kept until the list is made; lines that
name nobody, so that they can be downloaded, for a week at most.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from cdp.accounts.models import User
from cdp.common.csv_out import csv_lines
from cdp.common.jobs import Progress, working
from cdp.common.models import Job
from segments import listing, save, snapshot
from segments.list_lines import read
from segments.list_match import WORDS, Matched, Verdict, match
from segments.models import Segment

KIND = "list_upload"
FOLDER = "lists"
KEPT = timedelta(days=7)
AT_ONCE_BYTES = 100_000
"""A smaller upload is looked up while the page waits."""
AT_ONCE_PEOPLE = 20_000
"""A longer list is made by a worker."""
SHOWN = 50
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Wanted:
    """What shall become of an upload: a new list of this name, or more people on one there is."""

    kind: str
    """Of identifier: `list_match.ANY`, `PROFILE`, or a namespace."""
    name: str = ""
    column: str = ""
    segment: int | None = None


class NotReady(Exception):
    """The lines are still being looked up, or the list was made already."""


class NobodyFound(Exception):
    """No line names a person."""


def begin(file: "File[bytes]", wanted: Wanted, *, by: User | None, now: datetime) -> Job:
    """Keeps the file for the look-up, which is the caller's to start: at once if `is_small`."""
    path = default_storage.save(f"{FOLDER}/{uuid4().hex}.csv", file)
    title = f"Looking up the people of “{wanted.name}”" if wanted.name else "Looking up people"
    params = {**asdict(wanted), "path": path}
    return Job.objects.create(kind=KIND, title=title[:200], params=params, created_by=by, created_at=now)


def pasted(text: str) -> "File[bytes]":
    """Identifiers with line ends, commas or semicolons between them, as a file with one a line."""
    values = (value.strip() for value in text.replace(",", "\n").replace(";", "\n").splitlines())
    return ContentFile("\n".join(value for value in values if value).encode(), name="pasted.csv")


def is_small(job: Job) -> bool:
    return default_storage.size(job.params["path"]) <= AT_ONCE_BYTES


def look_up(job_id: int, *, clock: Clock) -> None:
    """Safe to run twice. What is wrong with the file is told by the job's error."""
    job = Job.objects.get(pk=job_id)
    if job.result or not default_storage.exists(job.params["path"]):
        return
    with working(job_id, clock=clock) as progress:
        result = _look_up(job, progress)
        Job.objects.filter(pk=job_id).update(result=result, total=result["lines"])
        default_storage.delete(job.params["path"])


def _look_up(job: Job, progress: Progress) -> dict[str, Any]:
    params = job.params
    lines = read(Path(default_storage.path(params["path"])), kind=params["kind"], column=params["column"])
    counts: Counter[str] = Counter()
    problems: list[dict[str, Any]] = []
    with _writing(_records(job)) as found, _writing(_problems(job)) as others:
        others.writelines(csv_lines([("Line", "Text", "What is wrong")]))
        for lot in match(lines, kind=params["kind"]):
            counts.update(one.verdict.value for one in lot)
            found.writelines(f"{one.record_id}\n" for one in lot if one.verdict is Verdict.FOUND)
            others.writelines(csv_lines(_wrong(lot)))
            problems += [{"line": row[0], "text": row[1], "why": row[2]} for row in _wrong(lot)][
                : SHOWN - len(problems)
            ]
            progress.report(counts.total())
    return {"lines": counts.total(), **{one.value: counts[one.value] for one in Verdict}, "problems": problems}


def _wrong(lot: list[Matched]) -> Iterator[tuple[int, str, str]]:
    for one in lot:
        if one.verdict is not Verdict.FOUND:
            yield one.line.number, one.line.text[:200], WORDS[one.verdict]


def make(job: Job, *, by: User | None, now: datetime) -> tuple[Segment, int]:
    """The list of those who were found, or they are added to the one that was meant; and how many people are new on it.
    Raises NotReady, NobodyFound, save.NameTaken."""
    with transaction.atomic():
        segment, n = _make(_ready(job), by=by, now=now)
    _records(job).unlink(missing_ok=True)
    return segment, n


def ask_make(job: Job, *, by: User) -> None:
    """The same by a worker, whom the caller asks: `run`. Raises NotReady, NobodyFound, save.NameTaken."""
    with transaction.atomic():
        locked = _ready(job)
        if not locked.params["segment"]:
            save.refuse_name(locked.params["name"])
        locked.params = {**locked.params, "make_by": by.pk}
        locked.state, locked.done, locked.total = Job.State.WAITING, 0, None
        locked.started_at = locked.heartbeat_at = locked.finished_at = None
        locked.save()


def run(job_id: int, *, clock: Clock) -> None:
    """What the job waits for: the look-up, or the making of the list. Safe to run twice."""
    job = Job.objects.get(pk=job_id)
    if "make_by" not in job.params:
        look_up(job_id, clock=clock)
        return
    with working(job_id, clock=clock) as progress, transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job_id)
        if "made" not in locked.result:
            _, n = _make(locked, by=User.objects.filter(pk=locked.params["make_by"]).first(), now=clock())
            progress.report(n, total=n)
    _records(job).unlink(missing_ok=True)


def _ready(job: Job) -> Job:
    locked = Job.objects.select_for_update().get(pk=job.pk, kind=KIND)
    if locked.state != Job.State.DONE or "made" in locked.result:
        raise NotReady
    if not locked.result[Verdict.FOUND]:
        raise NobodyFound
    return locked


def _make(locked: Job, *, by: User | None, now: datetime) -> tuple[Segment, int]:
    records = [int(line) for line in _records(locked).read_text().split()]
    if locked.params["segment"]:
        segment = Segment.objects.get(pk=locked.params["segment"])
        n = listing.add(segment, records, now=now)
    else:
        segment = snapshot.static_from(snapshot.of_records(records), name=locked.params["name"], by=by, now=now)
        n = listing.n_listed(segment.pk)
    locked.result = {**locked.result, "made": segment.pk, "problems": []}
    Job.objects.filter(pk=locked.pk).update(result=locked.result)
    return segment, n


def problem_lines(job: Job) -> Path | None:
    path = _problems(job)
    return path if path.exists() else None


def discard(job: Job) -> None:
    """Nothing of the upload stays."""
    for path in (_records(job), _problems(job)):
        path.unlink(missing_ok=True)
    default_storage.delete(job.params["path"])
    Job.objects.filter(pk=job.pk).delete()


def forget(*, now: datetime) -> int:
    """What nobody took or threw away in a week. Returns how many uploads."""
    old = list(Job.objects.filter(kind=KIND, created_at__lt=now - KEPT))
    for job in old:
        discard(job)
    return len(old)


def _records(job: Job) -> Path:
    return Path(default_storage.path(job.params["path"])).with_suffix(".found")


def _problems(job: Job) -> Path:
    return Path(default_storage.path(job.params["path"])).with_suffix(".problems")


def _writing(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="")
