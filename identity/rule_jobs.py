"""Long work on rules as jobs: trying a draft on all data, settling everybody by applied ones, the quality figures.

A job whose worker died is taken over by the next one: the fence in its checkpoint tells the two apart.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.models import Job
from identity import snapshots
from identity.drafts import rules_of
from identity.models import RuleSet
from identity.reform import Difference, Sample, Superseded, compare, settling

Clock = Callable[[], datetime]
TRY, SETTLE, FIGURES = "rules_try", "rules_settle", "identity_figures"
KINDS = (TRY, SETTLE, FIGURES)
OPEN = (Job.State.WAITING, Job.State.RUNNING)
SILENT, UNHEARD = timedelta(minutes=5), timedelta(minutes=1)
"""Longer than any chunk takes; how long a bell may take."""
DRAWN = 12
"""People of a sampled set, and records of a person, that are kept to be drawn."""


class Stopped(Exception):
    """Someone pressed Cancel, or another worker took over."""


@dataclass(frozen=True, slots=True)
class Run:
    """One worker's turn at a job."""

    job_id: int
    fence: str
    clock: Clock

    def tell(self, done: int, total: int, **checkpoint: Any) -> None:
        """Raises Stopped if it should end."""
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=self.job_id)
            if job.checkpoint.get("fence") != self.fence or job.state != Job.State.RUNNING:
                raise Stopped
            job.done, job.total, job.heartbeat_at = done, total, self.clock()
            job.checkpoint = {**job.checkpoint, **checkpoint}
            if job.is_cancel_requested:
                job.state, job.finished_at = Job.State.CANCELLED, job.heartbeat_at
            job.save()
        if job.is_cancel_requested:
            raise Stopped

    def end(self, state: Job.State, *, result: dict[str, Any] | None = None, error: str = "") -> None:
        now = self.clock()
        mine = Job.objects.filter(pk=self.job_id, checkpoint__fence=self.fence, state=Job.State.RUNNING)
        mine.update(state=state, result=result or {}, error=error[:1000], heartbeat_at=now, finished_at=now)


def start_try(version: RuleSet, *, by: User | None, now: datetime) -> Job:
    """The one under way, if there is one."""
    return _start(TRY, f"Trying version {version.pk} of the identity rules on all data", version.pk, by=by, now=now)


def start_settle(version: RuleSet, *, by: User | None, now: datetime) -> Job:
    return _start(SETTLE, f"Applying version {version.pk} of the identity rules", version.pk, by=by, now=now)


def start_figures(*, by: User | None, now: datetime) -> Job:
    return _start(FIGURES, "Counting the quality of identity", 0, by=by, now=now)


@transaction.atomic
def _start(kind: str, title: str, version: int, *, by: User | None, now: datetime) -> Job:
    open_ones = Job.objects.select_for_update().filter(kind=kind, params__version=version, state__in=OPEN)
    found = open_ones.order_by("-id").first()
    if found is not None:
        return found
    return Job.objects.create(kind=kind, title=title, params={"version": version}, created_by=by, created_at=now)


def latest(kind: str, version: int) -> Job | None:
    return Job.objects.filter(kind=kind, params__version=version).order_by("-created_at", "-id").first()


def stop(job: Job, *, now: datetime) -> None:
    """It ends after its present chunk; one that no worker has ends at once."""
    with transaction.atomic():
        found = Job.objects.select_for_update().get(pk=job.pk)
        if found.state == Job.State.RUNNING:
            found.is_cancel_requested = True
        elif found.state == Job.State.WAITING:
            found.state, found.finished_at = Job.State.CANCELLED, now
        found.save()


def run(job_id: int, *, clock: Clock) -> None:
    """Takes the job over and brings it to its end. Twice at once is once: the later one goes on."""
    one = _take_over(job_id, clock)
    if one is None:
        return
    job = Job.objects.get(pk=job_id)
    try:
        one.end(Job.State.DONE, result=_WORK[job.kind](one, job))
    except Stopped:
        return
    except Superseded as error:
        one.end(Job.State.CANCELLED, error=str(error.__doc__))
    except Exception as error:
        one.end(Job.State.FAILED, error=f"{type(error).__name__}: {error}")
        raise


@transaction.atomic
def _take_over(job_id: int, clock: Clock) -> Run | None:
    job = Job.objects.select_for_update().filter(pk=job_id, kind__in=KINDS).first()
    if job is None or job.state not in OPEN:
        return None
    now, fence = clock(), uuid.uuid4().hex
    if job.state == Job.State.RUNNING and job.heartbeat_at and now - job.heartbeat_at < SILENT:
        return None
    job.checkpoint = {**job.checkpoint, "fence": fence}
    job.state, job.started_at, job.heartbeat_at = Job.State.RUNNING, job.started_at or now, now
    job.save()
    return Run(job_id, fence, clock)


def abandoned(*, now: datetime) -> list[int]:
    """Jobs that should run and that nobody has touched for a while: their worker died, or the bell was lost."""
    ours = Job.objects.filter(kind__in=KINDS)
    unheard = ours.filter(state=Job.State.WAITING, created_at__lt=now - UNHEARD)
    silent = ours.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - SILENT)
    return sorted((unheard | silent).values_list("pk", flat=True))


def _try(one: Run, job: Job) -> dict[str, Any]:
    return told(compare(rules_of(job.params["version"]), report=one.tell))


def _settle(one: Run, job: Job) -> dict[str, Any]:
    before = int(job.checkpoint.get("changed", 0))
    changed = before
    for at in settling(job.params["version"], clock=one.clock, after=int(job.checkpoint.get("after", 0))):
        changed = before + at.changed
        one.tell(at.done, at.total, after=at.last_record, changed=changed)
    return {"changed": changed}


def _count(one: Run, job: Job) -> dict[str, Any]:
    return {"snapshot": snapshots.take(now=one.clock(), report=one.tell).pk}


_WORK: dict[str, Callable[[Run, Job], dict[str, Any]]] = {TRY: _try, SETTLE: _settle, FIGURES: _count}


def asks_for_matching(job_id: int) -> bool:
    """Whether the rules that the job settled see likeness otherwise than those before: everybody is compared anew."""
    job = Job.objects.get(pk=job_id)
    if job.kind != SETTLE or job.state != Job.State.DONE:
        return False
    version = job.params["version"]
    before = RuleSet.objects.filter(pk__lt=version).exclude(applied_at=None).order_by("-id").first()
    return rules_of(before.pk if before else 0).fuzzy != rules_of(version).fuzzy


def told(found: Difference) -> dict[str, Any]:
    """A difference as JSON, its samples short enough to be drawn."""
    return {**asdict(found), "samples": [_short(one) for one in found.samples]}


def _short(sample: Sample) -> dict[str, list[dict[str, Any]]]:
    return {
        side: [{"size": len(group), "records": group[:DRAWN]} for group in groups[:DRAWN]]
        for side, groups in (("before", sample.before), ("after", sample.after))
    }
