"""Imports on the bulk queue."""

import time

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from cdp.common.bell import ask
from cdp.common.clock import utc_now
from cdp.connectors.imports import abandoned
from cdp.connectors.running import run

PAUSE_S = 0.5


@shared_task(name="cdp.connectors.tasks.run_import", queue="bulk", acks_late=True)
def run_import(import_id: int) -> None:
    try:
        run(import_id, clock=utc_now, wait=lambda: time.sleep(PAUSE_S))
    except SoftTimeLimitExceeded:  # a long one goes on in a task of its own
        ring(import_id)


def ring(import_id: int) -> None:
    ask(run_import, import_id)


@shared_task(name="cdp.connectors.tasks.revive_imports", queue="bulk", acks_late=True)
def revive_imports() -> None:
    """Beat: imports whose worker died go on from their checkpoint."""
    for import_id in abandoned(now=utc_now()):
        ring(import_id)
