"""A list of codes from a file or from pasted text, up to a million: read in parts, each committed with how far it is.

A worker that died goes on where it was. The file is deleted once it was read; the lines that were not taken can be
downloaded for a week.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from campaigns.models import Offer
from campaigns.offers.add_codes import Judged, Line, Verdict, add, last_id
from campaigns.offers.redeem import read_again
from cdp.accounts.models import User
from cdp.common.csv_out import csv_lines
from cdp.common.jobs import Progress, working
from cdp.common.models import Job
from cdp.connectors.tables import BadTable, recognise, rows

KIND = "offer_codes"
FOLDER = "offer_codes"
AT_ONCE_BYTES = 100_000
"""A smaller list is read while the page waits."""
PART = 5_000
MOST_LINES = 1_000_000
SHOWN = 50
KEPT = timedelta(days=7)
UNHEARD = timedelta(minutes=1)
OPEN = (Job.State.WAITING, Job.State.RUNNING)
HEADERS = ("code", "codes", "coupon", "coupon code", "coupon_code", "discount code", "discount_code", "voucher", "name")
Clock = Callable[[], datetime]


class TooLong(BadTable):
    """The list has more than a million lines. Split it; what was read so far is kept."""


def begin(offer: Offer, file: "File[bytes]", *, by: User | None, now: datetime) -> Job:
    """Keeps the file; reading it is the caller's to start: at once if `is_small`."""
    path = default_storage.save(f"{FOLDER}/{uuid4().hex}.csv", file)
    title = f"Reading codes of “{offer.name}”"[:200]
    params = {"offer": offer.pk, "path": path}
    return Job.objects.create(kind=KIND, title=title, params=params, created_by=by, created_at=now)


def pasted(text: str) -> "File[bytes]":
    """Codes with line ends, commas or semicolons between them, as a file with one a line."""
    codes = (code.strip() for code in text.replace(",", "\n").replace(";", "\n").splitlines())
    return ContentFile("\n".join(code for code in codes if code).encode(), name="pasted.csv")


def is_small(job: Job) -> bool:
    return bool(default_storage.size(job.params["path"]) <= AT_ONCE_BYTES)


def read(job_id: int, *, clock: Clock) -> None:
    """Safe to run twice. What is wrong with the file is told by the job's error."""
    job = Job.objects.get(pk=job_id)
    if job.state not in OPEN or not default_storage.exists(job.params["path"]):
        return
    with working(job_id, clock=clock) as progress:
        offer = Offer.objects.get(pk=job.params["offer"])
        try:
            _read(offer, progress)
        finally:
            if Job.objects.get(pk=job_id).result.get(Verdict.ADDED):
                read_again(offer, now=clock())
        default_storage.delete(job.params["path"])


def _read(offer: Offer, progress: Progress) -> None:
    """The checkpoint is written with the codes: `line` is the last one read."""
    job = progress.job
    since = job.checkpoint.setdefault("since", last_id())
    lines = _lines(Path(default_storage.path(job.params["path"])))
    ahead = (line for line in lines if line.number > job.checkpoint.get("line", 0))
    counts, problems = Counter(job.result), list(job.result.get("problems", []))
    counts.pop("problems", None)
    while part := list(islice(ahead, PART)):
        if sum(counts.values()) + len(part) > MOST_LINES:
            raise TooLong(TooLong.__doc__)
        with transaction.atomic():
            judged = add(offer, part, since=since)
            counts.update(one.verdict.value for one in judged)
            wrong = [one for one in judged if one.verdict is not Verdict.ADDED]
            problems += [_shown(one) for one in wrong[: SHOWN - len(problems)]]
            job.result = {**counts, "problems": problems}
            job.checkpoint = {"since": since, "line": part[-1].number}
            Job.objects.filter(pk=job.pk).update(result=job.result, checkpoint=job.checkpoint)
        _append(job, wrong)
        progress.report(sum(counts.values()))


def _lines(path: Path) -> Iterator[Line]:
    """Of the column whose header says that it holds codes, else of the first; then a first row is a code as well."""
    form = recognise(path)
    headers = [header.lower() for header in form.headers]
    index = next((headers.index(name) for name in HEADERS if name in headers), None)
    if index is None and (first := form.headers[0].strip()):
        yield Line(1, first)
    for row in rows(path, form):
        if text := row.cells[index or 0].strip():
            yield Line(row.number, text)


def _shown(one: Judged) -> dict[str, Any]:
    return {"line": one.line.number, "text": one.line.text[:200], "why": one.why}


def _append(job: Job, wrong: list[Judged]) -> None:
    if wrong:
        path = _problems(job)
        is_new = not path.exists()
        with _appending(path) as out:
            if is_new:
                out.writelines(csv_lines([("Line", "Text", "What is wrong")]))
            out.writelines(csv_lines((one.line.number, one.line.text[:200], one.why) for one in wrong))


def problem_lines(job: Job) -> Path | None:
    path = _problems(job)
    return path if path.exists() else None


def latest_open(offer: Offer) -> Job | None:
    """The list that is being read now."""
    return Job.objects.filter(kind=KIND, params__offer=offer.pk, state__in=OPEN).order_by("-created_at").first()


def unheard(*, now: datetime) -> list[int]:
    """Lists whose bell was lost or whose worker died."""
    waiting = Job.objects.filter(kind=KIND, state__in=OPEN, created_at__lt=now - UNHEARD)
    return [job.pk for job in waiting if now - (job.heartbeat_at or job.created_at) > UNHEARD]


def forget(*, now: datetime) -> int:
    """Files and lines of lists that were read a week ago. Returns how many lists."""
    old = list(Job.objects.filter(kind=KIND, created_at__lt=now - KEPT))
    for job in old:
        default_storage.delete(job.params["path"])
        _problems(job).unlink(missing_ok=True)
        job.delete()
    return len(old)


def _problems(job: Job) -> Path:
    return Path(default_storage.path(job.params["path"])).with_suffix(".problems")


def _appending(path: Path) -> IO[str]:
    return path.open("a", encoding="utf-8", newline="")
