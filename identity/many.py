"""Many pairs decided at once by a pattern, as one job; undone as one."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.jobs import Progress, working
from cdp.common.models import Job
from identity import review
from identity.by_hand import NotPossible
from identity.models import Decision
from identity.waiting_pairs import Wanted, ids_of
from identity.who import doer

DECIDE, UNDO = "decide_many", "undo_many"
AT_ONCE = 25
"""So few are done while the browser waits."""
SILENT = timedelta(minutes=1)
"""A job that says nothing for so long has lost its worker."""
OPEN = (Job.State.WAITING, Job.State.RUNNING)
KEPT_REFUSALS = 50


class QueueChanged(Exception):
    """Other pairs match now than were shown. Look again, then decide."""


@transaction.atomic
def start(wanted: Wanted, verdict: Decision.Verdict, *, expected: int, user: User, now: datetime) -> Job:
    """`expected` is the number that the steward confirmed. Raises QueueChanged."""
    ids = ids_of(wanted, now=now)
    if len(ids) != expected or not ids:
        raise QueueChanged
    what = "Merging" if verdict is Decision.Verdict.SAME else "Keeping apart"
    return Job.objects.create(
        kind=DECIDE,
        title=f"{what} {len(ids):,} pair{'s' if len(ids) > 1 else ''} of people",
        total=len(ids),
        params={"verdict": verdict.value, "candidates": ids, "wanted": asdict(wanted)},
        created_by=user,
        created_at=now,
    )


@transaction.atomic
def start_undo(job: Job, *, user: User, now: datetime) -> Job:
    """Undoes all that the job decided and that still holds."""
    earlier = Job.objects.select_for_update().get(pk=job.pk)
    if earlier.result.get("undo_job"):
        return Job.objects.get(pk=earlier.result["undo_job"])
    ids = list(Decision.objects.filter(job_id=job.pk, undone_at=None).order_by("-id").values_list("pk", flat=True))
    made = Job.objects.create(
        kind=UNDO,
        title=f"Undoing {len(ids):,} decision{'' if len(ids) == 1 else 's'}",
        total=len(ids),
        params={"decisions": ids, "of": job.pk},
        created_by=user,
        created_at=now,
    )
    earlier.result = {**earlier.result, "undo_job": made.pk}
    earlier.save(update_fields=["result"])
    return made


def run(job_id: int, *, clock: Callable[[], datetime]) -> None:
    """Safe to run twice: what was decided is not decided again."""
    job = Job.objects.get(pk=job_id)
    if job.state not in OPEN:
        return
    with working(job_id, clock=clock) as progress:
        refused = _undo_each(job, progress, clock) if job.kind == UNDO else _decide_each(job, progress, clock)
    found = Job.objects.get(pk=job_id)
    found.result = {**found.result, "refused": refused[:KEPT_REFUSALS], "refusals": len(refused)}
    if found.is_cancel_requested and found.done < (found.total or 0):
        found.state = Job.State.CANCELLED
    found.save(update_fields=["result", "state"])


def _decide_each(job: Job, progress: Progress, clock: Callable[[], datetime]) -> list[str]:
    assert job.created_by is not None
    verdict, by = Decision.Verdict(job.params["verdict"]), doer(job.created_by)

    def decide(candidate_id: int) -> None:
        review.decide(candidate_id, verdict, by=by, now=clock(), job_id=job.pk)

    return _each(job.params["candidates"], decide, progress)


def _undo_each(job: Job, progress: Progress, clock: Callable[[], datetime]) -> list[str]:
    assert job.created_by is not None
    by = doer(job.created_by)
    return _each(job.params["decisions"], lambda pk: review.undo(pk, by=by, now=clock()), progress)


def _each(ids: Sequence[int], act: Callable[[int], object], progress: Progress) -> list[str]:
    """What could not be done, in words."""
    refused = []
    for done, one in enumerate(ids):
        if Job.objects.filter(pk=progress.job.pk, is_cancel_requested=True).exists():
            break
        try:
            act(one)
        except (NotPossible, review.CannotUndo) as error:
            refused.append(str(error))
        except (review.AlreadyDecided, review.NotWaiting) as error:
            refused.append(str(error.__doc__))
        progress.report(done + 1)
    return refused


def abandoned(*, now: datetime) -> list[int]:
    jobs = Job.objects.filter(kind__in=(DECIDE, UNDO), state__in=OPEN)
    return [job.pk for job in jobs if (job.heartbeat_at or job.created_at) < now - SILENT]
