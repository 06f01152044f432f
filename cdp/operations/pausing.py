"""Which periodic jobs are paused: asked by beat and by each task that begins, so kept for two seconds."""

import logging
import time
from collections.abc import Callable

from django.db import Error, connection

KEPT_S = 2.0
log = logging.getLogger(__name__)


class Paused:
    """The set of one process. While the database is away, what was known last holds."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._tasks: frozenset[str] = frozenset()
        self._looked_s = float("-inf")

    def __contains__(self, task: object) -> bool:
        if self._clock_s() - self._looked_s > KEPT_S:
            self._looked_s = self._clock_s()
            try:
                with connection.cursor() as cursor:
                    cursor.execute("select task from operations_taskstate where paused_at is not null")
                    self._tasks = frozenset(task for (task,) in cursor.fetchall())
            except Error as error:
                log.warning("What is paused cannot be read: %s", type(error).__name__)
        return task in self._tasks
