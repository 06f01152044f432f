"""A dead endpoint must not slow a send: after some failures in a row it is left alone for a while.

What is known is shared between workers through the cache. After the rest one request tries, and only if it gets
through do the others follow.
"""

import threading
from datetime import datetime

from django.core.cache.backends.base import BaseCache

from campaigns.feeds.answers import AWAY
from campaigns.feeds.definition import Definition

IN_A_ROW = 5
REST_S = 30
REMEMBERED_S = 900
"""How long after its rest an endpoint is tried with one request first."""


class Breaker:
    """Of one feed, for one batch. Threads may share it."""

    def __init__(self, definition: Definition, *, cache: BaseCache, now: datetime) -> None:
        self._cache = cache
        self._now = now
        self._key = f"feed:{definition.stamp}:rests"
        self._lock = threading.Lock()
        rests_until = self._read()
        self.is_resting = rests_until > now.timestamp()
        self.is_doubted = self._was_doubted = rests_until > 0
        """It failed before: one request tries alone."""
        self._left = 1 if self.is_doubted else IN_A_ROW
        self._has_tripped = False

    def note(self, *, is_down: bool) -> None:
        """What came of a request."""
        with self._lock:
            if not is_down:
                self._left, self.is_doubted = IN_A_ROW, False
                return
            self._left -= 1
            if self._left <= 0:
                self.is_resting = self._has_tripped = True

    def remember(self) -> None:
        """For the batches after this one, here and in other workers. A rest that was found is not made longer."""
        until = self._now.timestamp() + REST_S
        try:
            if self._has_tripped:
                self._cache.set(self._key, until, timeout=REST_S + REMEMBERED_S)
            elif self._was_doubted and not self.is_doubted:
                self._cache.delete(self._key)
        except AWAY:
            return

    def _read(self) -> float:
        try:
            return float(self._cache.get(self._key) or 0)
        except AWAY:
            return 0.0
