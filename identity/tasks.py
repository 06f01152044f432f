"""Matching by likeness, decisions about many pairs, rules tried and settled, figures counted."""

import logging

from celery import shared_task
from django.db import connection

from cdp.common.bell import ask, hear
from cdp.common.bell import ring as ring_bell
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import utc_now
from cdp.common.models import Job
from identity import full_pass, many, rule_jobs, snapshots, standing, teaching
from identity.incremental import resolve_waiting

TURN = 4
"""Claims of matching in one task: the pipeline's own work waits behind it in the same queue."""
DAY_S = 86_400
"""A pass over everybody may take longer than other tasks; a worker that died is noticed by its silence."""
log = logging.getLogger(__name__)


@shared_task(queue="live", acks_late=True)
def match_waiting() -> None:
    """Compares new and changed records; woken by its bell, and every second. What the database takes away (a restart,
    a deadlock) is claimed anew."""
    hear(match_waiting)
    try:
        for _ in range(TURN):
            if not resolve_waiting(now=utc_now()).records:
                return
    except GIVEN_BACK as error:
        log.warning("A claim was given back: %s", type(error).__name__)
        return
    ring_bell(match_waiting)


@shared_task(queue="bulk", acks_late=True)
def match_everybody(job_id: int) -> None:
    full_pass.run(job_id, clock=utc_now)


@shared_task(queue="bulk", acks_late=True)
def match_nightly() -> None:
    ring_match(full_pass.start_full_pass(None, now=utc_now()).pk)


@shared_task(queue="bulk", acks_late=True)
def revive_matching() -> None:
    """Beat: a pass whose worker died, or whose bell was lost, begins anew."""
    for job_id in full_pass.abandoned(now=utc_now()):
        ring_match(job_id)


@shared_task(queue="bulk", acks_late=True)
def learn_from_decisions() -> None:
    """Beat: after enough new decisions."""
    teaching.learn_if_due(now=utc_now())


@shared_task(queue="bulk", acks_late=True)
def close_answered() -> None:
    with connection.cursor() as cursor:
        standing.close_answered(cursor)


def ring_match(job_id: int) -> None:
    ask(match_everybody, job_id)


@shared_task(name="identity.tasks.decide_many", queue="bulk", acks_late=True)
def decide_many(job_id: int) -> None:
    many.run(job_id, clock=utc_now)


def ring(job_id: int) -> None:
    ask(decide_many, job_id)


@shared_task(name="identity.tasks.revive_many", queue="bulk", acks_late=True)
def revive_many() -> None:
    """Beat: jobs whose worker died go on."""
    for job_id in many.abandoned(now=utc_now()):
        ring(job_id)


@shared_task(name="identity.tasks.try_rules", queue="bulk", acks_late=True, soft_time_limit=DAY_S)
def try_rules(job_id: int) -> None:
    rule_jobs.run(job_id, clock=utc_now)


@shared_task(name="identity.tasks.settle_rules", queue="bulk", acks_late=True, soft_time_limit=DAY_S)
def settle_rules(job_id: int) -> None:
    rule_jobs.run(job_id, clock=utc_now)
    if rule_jobs.asks_for_matching(job_id):
        ring_match(full_pass.start_full_pass(None, now=utc_now()).pk)


@shared_task(name="identity.tasks.count_quality_now", queue="bulk", acks_late=True)
def count_quality_now(job_id: int) -> None:
    rule_jobs.run(job_id, clock=utc_now)


@shared_task(name="identity.tasks.count_quality", queue="bulk", acks_late=True)
def count_quality() -> None:
    """Beat, every hour."""
    snapshots.take(now=utc_now())


@shared_task(name="identity.tasks.revive_rules", queue="bulk", acks_late=True)
def revive_rules() -> None:
    """Beat: jobs whose worker died, or whose bell was lost, go on."""
    for job in Job.objects.filter(pk__in=rule_jobs.abandoned(now=utc_now())):
        ring_rules(job)


def ring_rules(job: Job) -> None:
    ask({rule_jobs.TRY: try_rules, rule_jobs.SETTLE: settle_rules}.get(job.kind, count_quality_now), job.pk)
