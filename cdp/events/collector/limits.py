"""How much is taken: events per second of each source, and what may wait in this process.

The limit of a source is divided by the number of web processes, each keeping its own share: nothing is
shared on the way of a request. One process, the default, therefore keeps the limit exactly.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass

from cdp.events.collector.answers import Refused
from cdp.events.collector.keeper import LiveKey

BURST_S = 1.0
PAUSE_S = 0.2
"""A refused sender waits this long for its 429, so that hammering cannot occupy the event loop."""
MAX_PAUSED = 2000
WAITING_BYTES = 64 * 1024 * 1024
FULL_RETRY_S = 5


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at_s: float


class SourceLimits:
    """Token buckets. A batch may overdraw its bucket once; the debt is what the next request waits for."""

    def __init__(self, *, default_events_per_s: int, processes: int, clock_s: Callable[[], float]) -> None:
        self._default = default_events_per_s
        self._processes = max(1, processes)
        self._clock_s = clock_s
        self._buckets: dict[int, _Bucket] = {}
        self._paused = 0

    async def check(self, key: LiveKey) -> None:
        """Raises a 429, after a pause, while the source is over its limit."""
        rate = self._rate(key)
        if rate == 0:
            return
        tokens = self._filled(key.source_id, rate).tokens
        if tokens > 0:
            return
        if self._paused < MAX_PAUSED:
            self._paused += 1
            try:
                await asyncio.sleep(PAUSE_S)
            finally:
                self._paused -= 1
        wait_s = max(1, math.ceil((1 - tokens) / rate))
        raise Refused(
            429,
            "rate",
            f"This source sends more than its {self._whole(key)} events per second; send again in {wait_s} s.",
            retry_after_s=wait_s,
        )

    def spend(self, key: LiveKey, n_events: int) -> None:
        if (rate := self._rate(key)) > 0:
            self._filled(key.source_id, rate).tokens -= n_events

    def _whole(self, key: LiveKey) -> int:
        return key.events_per_s or self._default

    def _rate(self, key: LiveKey) -> float:
        return self._whole(key) / self._processes

    def _filled(self, source_id: int, rate: float) -> _Bucket:
        now_s = self._clock_s()
        bucket = self._buckets.setdefault(source_id, _Bucket(rate * BURST_S, now_s))
        bucket.tokens = min(rate * BURST_S, bucket.tokens + (now_s - bucket.filled_at_s) * rate)
        bucket.filled_at_s = now_s
        return bucket


def inbox_full() -> Refused:
    return Refused(
        429,
        "inbox",
        f"More has arrived than could be processed so far; send again in {FULL_RETRY_S} s.",
        retry_after_s=FULL_RETRY_S,
    )


def too_many_waiting() -> Refused:
    return Refused(429, "busy", "Too many requests wait to be written; send again in 1 s.", retry_after_s=1)
