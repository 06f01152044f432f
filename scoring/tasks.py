import logging
from collections.abc import Iterator

from celery import shared_task
from django.conf import settings

from cdp.common.bell import ask, hear, ring
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.jobs import working
from cdp.common.models import Job
from cdp.events import bell as inbox_bell
from scoring import due, runs, send_hours_job, waiting
from scoring.jobs import Steps, cancellable
from scoring.models import Predictor
from scoring.send_time_refresh import refresh_hours
from scoring.train import train
from scoring.watching.alarm import watch
from scoring.watching.realise import realise_due
from segments import tasks as segment_tasks

PARALLEL = 8
"""Workers asked for at the beginning of a scoring; those who find nothing to do are gone at once."""
TURN, TURN_LATER = 10, 20
"""Claims in one task: the pipeline's own work waits behind it in the same queue."""
DAY_S = 86_400
log = logging.getLogger(__name__)


@shared_task(queue="bulk", acks_late=True)
def score(job_id: int) -> None:
    """The next step of scoring everybody; then asks for the next, so that other work gets its turn."""
    match runs.advance(job_id, clock=utc_now):
        case runs.Step.MORE:
            ask(score, job_id)
        case runs.Step.ROUND:
            _ask_many(job_id)
        case runs.Step.DONE:
            ring(segment_tasks.refresh_stale)
            inbox_bell.ring()


def begin_scoring(predictors: list[Predictor]) -> Job | None:
    """Everybody by these, on as many workers as there are."""
    job = runs.start(predictors, by=None, now=utc_now())
    if job is not None:
        _ask_many(job.pk)
    return job


@shared_task(queue="bulk", acks_late=True, soft_time_limit=DAY_S)
def train_and_score(job_id: int) -> None:
    """What the button starts, and the schedule. Everybody is scored afterwards, also if this training failed: others
    may have waited for it."""
    try:
        if runs.is_open(job_id):
            _train(job_id)
    finally:
        if predictors := due.to_score_after(Job.objects.get(pk=job_id)):
            begin_scoring(predictors)


def _train(job_id: int) -> None:
    """Says how far it is, and stops there if it was cancelled."""
    with cancellable(job_id), working(job_id, clock=utc_now) as progress:
        predictor = Predictor.objects.get(pk=progress.job.params["predictor_id"])
        train(predictor, now=utc_now(), seed=job_id, report=Steps(progress.job, clock=utc_now))


@shared_task(queue="bulk", acks_late=True)
def work_due() -> None:
    """Beat, every minute: who is to be scored, or learned anew, by now."""
    found = due.take_due(now=utc_now(), zone=deployment_zone())
    if found.score:
        begin_scoring(found.score)
    for job in found.trainings:
        ask(train_and_score, job.pk)


@shared_task(queue="bulk", acks_late=True)
def revive() -> None:
    """Beat: what nobody is at goes on."""
    for job_id in runs.unheard(now=utc_now()):
        _ask_many(job_id)
    for job_id in due.abandoned_trainings(now=utc_now()):
        ask(train_and_score, job_id)


@shared_task(queue="live", acks_late=True)
def score_waiting() -> None:
    """Newcomers; woken by its bell, and every second. What the database takes away is claimed anew."""
    hear(score_waiting)
    try:
        done = sum(_claims(TURN))
    except GIVEN_BACK as error:
        log.warning("A claim was given back: %s", type(error).__name__)
        return
    if done:
        ring(segment_tasks.refresh)
    if waiting.is_waiting(waiting.LATER):
        ring(score_later)


@shared_task(queue="bulk", acks_late=True)
def score_later() -> None:
    """People who were merged or parted, or came with a history; woken by its bell, and every ten seconds."""
    hear(score_later)
    for _ in range(TURN_LATER):
        if not waiting.score_later(now=utc_now()):
            return
        ring(segment_tasks.refresh)
    ring(score_later)


def _claims(most: int) -> Iterator[int]:
    for _ in range(most):
        size = waiting.score_newcomers(now=utc_now())
        if not size:
            return
        yield size


def _ask_many(job_id: int) -> None:
    for _ in range(PARALLEL):
        ask(score, job_id)


@shared_task(queue="bulk", acks_late=True)
def find_send_hours(job_id: int) -> None:
    """What the button starts, and the night."""
    with working(job_id, clock=utc_now) as progress:
        refresh_hours(now=utc_now(), zone=deployment_zone(), report=progress.report)


@shared_task(queue="bulk", acks_late=True)
def find_send_hours_nightly() -> None:
    job = send_hours_job.start(by=None, now=utc_now())
    if job.state == Job.State.WAITING:
        find_send_hours(job.pk)


@shared_task(queue="bulk", acks_late=True)
def watch_scores() -> None:
    """Beat, every hour: forecasts whose window closed are looked up, alarms are raised or taken back, and what drifted
    or missed learns anew."""
    realise_due(now=utc_now(), currency=settings.REPORTING_CURRENCY)
    for job in watch(now=utc_now()):
        ask(train_and_score, job.pk)
