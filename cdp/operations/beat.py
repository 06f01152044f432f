"""Beat: a paused job is not asked for, and beat itself says that it lives."""

import logging
import time
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry
from django.db import Error, connection

from cdp.common.clock import utc_now
from cdp.operations import heartbeats, keeping
from cdp.operations.heartbeats import Living
from cdp.operations.pausing import Paused

log = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._paused = Paused()
        self._living: Living | None = None
        self._said_s = float("-inf")
        super().__init__(*args, **kwargs)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        if entry.task not in self._paused:
            super().apply_entry(entry, producer=producer)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._said_s > keeping.EVERY_S:
            self._said_s = time.monotonic()
            self._say()
        return float(super().tick(*args, **kwargs))

    def _say(self) -> None:
        """Never keeps beat from beating."""
        self._living = self._living or Living("beat")
        try:
            with connection.cursor() as cursor:
                heartbeats.say(cursor, self._living, now=utc_now())
                keeping.write(cursor, now=utc_now())
        except Error as error:
            log.warning("Beat cannot say that it lives: %s", type(error).__name__)
            connection.close()
