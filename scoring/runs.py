"""Scoring everybody: by stretches of people that any number of workers take in turn, in two rounds.

First each stretch is scored, all predictors from one reading of the features. Once that is known of everybody, the
percentiles are, and each stretch is written, a few thousand people to a transaction, with the bands and their news.
Every step commits with the mark that it is done: a worker may die at any moment, and nothing is lost or said twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.common.claims import GIVEN_BACK
from cdp.common.jobs import Clock
from cdp.common.models import Job
from cdp.events.models import InboxBatch
from scoring import chunks
from scoring.announce import announce
from scoring.answers import answers, wanted_of
from scoring.features import features_of
from scoring.loaded import reference_of
from scoring.lots import Lot
from scoring.models import Predictor, ScoringChunk
from scoring.populations import needs_usual_gap, people_now
from scoring.predict import asked_of
from scoring.ranks import quantiles_of
from scoring.rhythm import USUAL_DAYS, usual_gap
from scoring.run_end import end, fail, finish
from scoring.standing import lot_of
from scoring.watching.spread import counts_of
from scoring.whose import People
from scoring.write import of_range, write

KIND = "scoring"
SLICE = 5_000
"""People written in one transaction: half a second, in which nobody waits for more than their rows."""
OPEN = (Job.State.WAITING, Job.State.RUNNING)
SILENT = timedelta(minutes=1)
State = ScoringChunk.State


class Step(StrEnum):
    """What one worker has done, and whether it should look again."""

    MORE = "more"
    ROUND = "round"
    """The second round has begun: there is work for many again."""
    NOTHING = "nothing"
    """Others are at what is left, or it has ended."""
    DONE = "done"


@dataclass(frozen=True)
class Run:
    """A scoring of everybody as of the moment it began, whoever works on it and when."""

    job: Job
    at: datetime
    models: Mapping[int, int]
    """Predictor → the version that scores."""
    usual_days: float
    predictors: Mapping[int, Predictor]

    @classmethod
    def of(cls, job: Job) -> "Run":
        models = {int(predictor_id): model_id for predictor_id, model_id in job.params["models"].items()}
        at = datetime.fromisoformat(job.params["at"])
        return cls(job, at, models, job.params["usual_days"], Predictor.objects.in_bulk(models))


def start(
    predictors: Iterable[Predictor], *, by: User | None, now: datetime, people: int = chunks.PEOPLE
) -> Job | None:
    """A job that scores everybody by these predictors' versions in use; None if none has one. Starting the workers is
    the caller's."""
    scoring = [one for one in predictors if one.active_id is not None and one.archived_at is None]
    if not scoring:
        return None
    usual = usual_gap(now) if any(needs_usual_gap(one) for one in scoring) else USUAL_DAYS
    params = {
        "models": {str(one.pk): one.active_id for one in scoring},
        "predictor_ids": [one.pk for one in scoring],
        "at": now.isoformat(),
        "usual_days": usual,
    }
    names = ", ".join(f"“{one.name}”" for one in scoring[:3]) + (" and others" if len(scoring) > 3 else "")
    with transaction.atomic():
        job = Job.objects.create(
            kind=KIND, title=f"Scoring {names}"[:200], params=params, created_by=by, created_at=now
        )
        Job.objects.filter(pk=job.pk).update(total=chunks.make(job, people=people))
    return job


def work(job_id: int, *, clock: Clock) -> None:
    """All of it, here."""
    while advance(job_id, clock=clock) in (Step.MORE, Step.ROUND):
        continue


def is_open(job_id: int) -> bool:
    return Job.objects.filter(pk=job_id, state__in=OPEN).exists()


def unheard(*, now: datetime) -> list[int]:
    """Those at which nobody is: a bell was lost, or the workers died."""
    jobs = Job.objects.filter(kind=KIND, state__in=OPEN, created_at__lt=now - SILENT)
    return list(jobs.exclude(heartbeat_at__gt=now - SILENT).order_by("pk").values_list("pk", flat=True))


def advance(job_id: int, *, clock: Clock) -> Step:
    """The next step that nobody else is at."""
    now = clock()
    job = Job.objects.filter(pk=job_id, state__in=OPEN).first()
    if job is None:
        return Step.NOTHING
    Job.objects.filter(pk=job_id, started_at=None).update(state=Job.State.RUNNING, started_at=now)
    Job.objects.filter(pk=job_id).update(heartbeat_at=now)
    try:
        return _step(Run.of(job), clock=clock)
    except (*GIVEN_BACK, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        fail(job, error, now=clock())
        raise


def _step(run: Run, *, clock: Clock) -> Step:
    if run.job.is_cancel_requested and "quantiles" not in run.job.checkpoint:
        end(run.job, Job.State.CANCELLED, now=clock())
        return Step.NOTHING
    if chunk := chunks.take(run.job.pk, State.WAITING, now=clock()):
        with _held(chunk):
            _score(run, chunk)
        return Step.MORE
    if "quantiles" not in run.job.checkpoint:
        return Step.ROUND if _settle(run) else Step.NOTHING
    if chunk := chunks.take(run.job.pk, State.SCORED, now=clock()):
        with _held(chunk):
            _write(run, chunk, clock=clock)
        return Step.MORE
    is_done = finish(run.job, run.predictors, at=run.at, now=clock())
    return Step.DONE if is_done else Step.NOTHING


@contextmanager
def _held(chunk: ScoringChunk) -> Iterator[None]:
    """What the database takes away in the middle is taken up by the next who looks."""
    try:
        yield
    except BaseException:
        with suppress(*GIVEN_BACK):
            chunks.let_go(chunk)
        raise


def _score(run: Run, chunk: ScoringChunk) -> None:
    people = People(after=chunk.after_id, until=chunk.until_id)
    table = features_of(people, run.at, wanted=wanted_of(run.predictors.values()))
    said, seen = {}, {}
    for predictor_id, predictor in run.predictors.items():
        asked = people_now(predictor, run.at, people=people, usual_days=run.usual_days)
        theirs = asked_of(table, asked)
        said[predictor_id] = answers(predictor, run.models[predictor_id], theirs, now=run.at)
        counts = counts_of(theirs, said[predictor_id].values, reference_of(run.models[predictor_id]))
        seen[str(predictor_id)] = {name: n.tolist() for name, n in counts.items()}
    if chunks.keep(chunk, said, seen):
        chunks.tell_progress(run.job.pk)


def _settle(run: Run) -> bool:
    """Once everybody is scored: how the scores are spread. False if it is too early."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=run.job.pk)
        is_early = ScoringChunk.objects.filter(job=job, state=State.WAITING).exists()
        if is_early or "quantiles" in job.checkpoint:
            return not is_early
        job.checkpoint["quantiles"] = {str(pk): _quantiles(job.pk, one) for pk, one in run.predictors.items()}
        job.save(update_fields=["checkpoint"])
    return True


def _quantiles(job_id: int, predictor: Predictor) -> list[float]:
    _, values = chunks.all_said(job_id, predictor.pk)
    return quantiles_of(values, sooner_is_higher=predictor.kind == Predictor.Kind.NEXT_ORDER)


def _write(run: Run, chunk: ScoringChunk, *, clock: Clock) -> None:
    lots = [
        lot_of(run.predictors[pk], run.models[pk], said, run.job.checkpoint["quantiles"][str(pk)])
        for pk, said in chunks.said_in(chunk).items()
        if pk in run.predictors
    ]
    after = chunk.after_id if chunk.written_to is None else chunk.written_to
    for until in _cuts(lots, after, chunk.until_id):
        if not _write_some(run, chunk, lots, (after, until), now=clock()):
            return
        after = until
    chunks.tell_progress(run.job.pk)


def _cuts(lots: Iterable[Lot], after: int, until: int) -> list[int]:
    ids = np.unique(np.concatenate([lot.profile_ids for lot in lots]))
    ids = ids[ids > after]
    return [*ids[SLICE - 1 : -1 : SLICE].tolist(), until]


def _write_some(run: Run, chunk: ScoringChunk, lots: Iterable[Lot], stretch: tuple[int, int], *, now: datetime) -> bool:
    """One transaction: the scores, the news and the mark. False if the stretch was given to somebody else."""
    after, until = stretch
    with transaction.atomic(), connection.cursor() as cursor:
        held = ScoringChunk.objects.select_for_update().filter(pk=chunk.pk).first()
        if held is None or held.fence != chunk.fence or held.state != State.SCORED:
            return False
        some = [lot.within(after, until) for lot in lots if lot.predictor_id not in superseded(run)]
        changes = write(cursor, some, of=of_range(after, until), now=run.at).changes if some else []
        announce(changes, lane=InboxBatch.Lane.BULK, now=run.at)
        for one in changes:
            held.changed[str(one.predictor_id)] = held.changed.get(str(one.predictor_id), 0) + 1
        held.written_to, held.held_until = until, now + chunks.HELD
        held.state = State.WRITTEN if until == chunk.until_id else State.SCORED
        held.save(update_fields=["changed", "written_to", "held_until", "state"])
    Job.objects.filter(pk=run.job.pk).update(heartbeat_at=now)
    return True


def superseded(run: Run) -> set[int]:
    """Predictors by which everybody is being scored anew since: an older version must not have the last word."""
    later = Job.objects.filter(kind=KIND, pk__gt=run.job.pk).exclude(state__in=(Job.State.FAILED, Job.State.CANCELLED))
    listed = later.values_list("params__predictor_ids", flat=True)
    return {predictor_id for ids in listed for predictor_id in ids} & run.models.keys()
