"""When predictors are learned anew and everybody is scored: by each one's schedule, in the deployment's time zone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from cdp.common.models import Job
from scoring.jobs import KIND, OPEN, new_job
from scoring.models import Predictor
from scoring.set_up import next_time

SLACK = timedelta(hours=1)
"""A training that took a while yesterday is due again today at the same time of day."""
SILENT = timedelta(minutes=10)
"""A training tells how far it is more often than that."""


@dataclass(frozen=True)
class Due:
    score: list[Predictor]
    """To be scored by the version they have, all of them in one pass."""
    trainings: list[Job]
    """Those that are to be learned anew are scored afterwards, together, once the last of them is learned."""


def take_due(*, now: datetime, zone: ZoneInfo) -> Due:
    """What is due by now, once: whoever asks next is told of the next time. Times missed while nobody worked are made
    up for once."""
    with transaction.atomic():
        rows = Predictor.objects.filter(archived_at=None).select_for_update(skip_locked=True, of=("self",))
        waiting = list(rows.filter(Q(due_at__isnull=True) | Q(due_at__lte=now)).order_by("pk"))
        for one in waiting:
            Predictor.objects.filter(pk=one.pk).update(due_at=next_time(one.schedule, now=now, zone=zone))
        due = [one for one in waiting if one.due_at is not None]
        trained = [one for one in due if is_training_due(one, now=now)]
        return Due([one for one in due if one not in trained], _trainings(trained, now=now))


def is_training_due(predictor: Predictor, *, now: datetime) -> bool:
    if not predictor.trains_every_days:
        return False
    every = timedelta(days=predictor.trains_every_days)
    return predictor.trained_at is None or predictor.trained_at + every - SLACK <= now


def _trainings(predictors: Sequence[Predictor], *, now: datetime) -> list[Job]:
    together = [one.pk for one in predictors]
    jobs = []
    for one in predictors:
        job = new_job(one, title=f"Scheduled training of “{one.name}”", by=None, now=now)
        if job.state == Job.State.WAITING:
            job.params = {**job.params, "together": together}
            job.save(update_fields=["params"])
            jobs.append(job)
    return jobs


def to_score_after(training: Job) -> list[Predictor]:
    """Once a training has ended: the predictor, and those learned together with it; nobody while one of them is still
    being learned."""
    together = training.params.get("together", [training.params["predictor_id"]])
    others = Job.objects.filter(kind=KIND, state__in=OPEN, params__predictor_id__in=together).exclude(pk=training.pk)
    return [] if others.exists() else _in_use(together)


def _in_use(predictor_ids: Iterable[int]) -> list[Predictor]:
    rows = Predictor.objects.filter(pk__in=predictor_ids, archived_at=None, active__isnull=False)
    return list(rows.order_by("pk"))


def abandoned_trainings(*, now: datetime) -> list[int]:
    """Those whose worker died, or whose bell was lost."""
    jobs = Job.objects.filter(kind=KIND, state__in=OPEN, created_at__lt=now - SILENT)
    return list(jobs.exclude(heartbeat_at__gt=now - SILENT).order_by("pk").values_list("pk", flat=True))
