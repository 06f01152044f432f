"""Long work on people, in batches: each batch, what it changed and the checkpoint behind it are one transaction.

So work that is killed, or that two workers took up, goes on where it was and does nothing twice.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from cdp.common.claims import GIVEN_BACK
from cdp.common.copying import Cursor, numbers
from cdp.common.models import Job
from cdp.profiles.apply import recompute
from cdp.profiles.touched import touch

OPEN = (Job.State.WAITING, Job.State.RUNNING)
STALE = timedelta(minutes=2)
Batch = Callable[[Cursor, Job, datetime], int | None]
"""The next batch: how many people it was about; None if there is none left."""


def advance(job_id: int, batch: Batch, *, now: datetime) -> bool:
    """One batch. Returns whether there may be more. What is given back by the database is raised, to be tried anew."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            job = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id, state__in=OPEN).first()
            if job is None:
                return False
            done = batch(cursor, job, now)
            job.state, job.started_at, job.heartbeat_at = Job.State.RUNNING, job.started_at or now, now
            job.done += done or 0
            if done is None:
                job.state, job.finished_at, job.total = Job.State.DONE, now, job.done
            job.save()
            return done is not None
    except (*GIVEN_BACK, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:1000]
        Job.objects.filter(pk=job_id).update(state=Job.State.FAILED, finished_at=now, error=problem)
        raise


def lock_living(cursor: Cursor, profile_ids: Iterable[int]) -> set[int]:
    """Locks in id order, like everyone who writes people; returns those that were not merged away meanwhile."""
    cursor.execute(
        "select id, merged_into from profiles_profile where id = any(%s::bigint[]) order by id for no key update",
        [numbers(sorted(set(profile_ids)))],
    )
    return {profile_id for profile_id, merged_into in cursor.fetchall() if merged_into is None}


def settle(cursor: Cursor, profile_ids: Iterable[int], *, cause: str, now: datetime) -> int:
    """The golden traits of locked people anew, told to whoever follows them. Returns how many people changed."""
    names = recompute(cursor, profile_ids, now=now, cause=cause)
    touch(cursor, {profile_id: {f"trait:{name}" for name in found} for profile_id, found in names.items()}, now=now)
    return len(names)


def abandoned(kinds: Iterable[str], *, now: datetime) -> list[tuple[int, str]]:
    """Work that nobody has touched for a while: its worker died, or the bell was lost."""
    jobs = Job.objects.filter(kind__in=list(kinds), state__in=OPEN, created_at__lt=now - STALE)
    return [(job.pk, job.kind) for job in jobs if (job.heartbeat_at or job.created_at) < now - STALE]
