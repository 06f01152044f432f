"""A worker's main process says that it lives: its children may be busy for an hour, it never is."""

import logging
import time
from typing import Any

import psycopg2
from celery.signals import heartbeat_sent

from cdp.common.clock import utc_now
from cdp.operations import heartbeats
from cdp.operations.connecting import connected
from cdp.operations.heartbeats import EVERY_S, Living

WITHIN_S = 2
log = logging.getLogger(__name__)


class WorkerLives:
    """Over a connection of its own that is closed again: a child that is forked must not inherit one."""

    def __init__(self) -> None:
        self._said_s = float("-inf")

    def __call__(self, sender: Any = None, **_: Any) -> None:
        if time.monotonic() - self._said_s < EVERY_S:
            return
        self._said_s = time.monotonic()
        queue = str(sender.eventer.hostname).split("@", maxsplit=1)[0]
        try:
            with connected(within_s=WITHIN_S) as cursor:
                heartbeats.say(cursor, Living("worker", queue[:40]), now=utc_now())
        except psycopg2.Error as error:
            log.warning("The worker cannot say that it lives: %s", type(error).__name__)


lives = WorkerLives()
heartbeat_sent.connect(lives)
