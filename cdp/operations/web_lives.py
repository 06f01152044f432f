"""A web process says that it lives and writes down what it counted, in the thread that looks for keys each second: no
request waits for it."""

import logging
import time
from collections.abc import Callable
from typing import Any

import psycopg2

from cdp.common.clock import utc_now
from cdp.operations import heartbeats, keeping
from cdp.operations.heartbeats import Living

log = logging.getLogger(__name__)


class WebLives:
    """What fails here is tried again; keys are looked up as ever."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._living: Living | None = None
        self._wrote_s = float("-inf")

    def __call__(self, connection: Any) -> None:
        if self._clock_s() - self._wrote_s < keeping.EVERY_S:
            return
        self._wrote_s = self._clock_s()
        self._living = self._living or Living("web")
        try:
            with connection.cursor() as cursor:
                heartbeats.say(cursor, self._living, now=utc_now())
                keeping.write(cursor, now=utc_now())
        except psycopg2.Error as error:
            log.debug("What was counted is written down later: %s", type(error).__name__)
