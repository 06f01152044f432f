"""How much is taken: events per second of each source, and what may wait in this process."""

import asyncio
import fcntl
import math
import mmap
import struct
from collections.abc import Callable
from pathlib import Path

from cdp.events.collector.answers import Refused
from cdp.events.collector.keeper import LiveKey

BURST_S = 1.0
PAUSE_S = 0.2
"""A refused sender waits this long for its 429, so that hammering cannot occupy the event loop."""
MAX_PAUSED = 2000
WAITING_BYTES = 64 * 1024 * 1024
FULL_RETRY_S = 5


class SharedBuckets:
    """Token buckets in a file that the web processes of one machine map into memory: 3 µs a look.

    Sources whose ids fall into one slot share it; there are as many slots as no business has sources.
    """

    _SLOTS = 4096
    _SLOT = struct.Struct("=dd")  # tokens, and the second of the machine's monotonic clock they were counted at

    def __init__(self, path: Path, *, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        if path.stat().st_size < self._SLOTS * self._SLOT.size:
            self._file.truncate(self._SLOTS * self._SLOT.size)
        self._map = mmap.mmap(self._file.fileno(), self._SLOTS * self._SLOT.size)

    def take(self, source_id: int, n: int, *, rate: float) -> float:
        """Takes n tokens, into debt if need be, and returns how many are left."""
        place = source_id % self._SLOTS * self._SLOT.size
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            tokens, counted_s = self._SLOT.unpack_from(self._map, place)
            now_s = self._clock_s()
            is_new = counted_s == 0 or counted_s > now_s  # never used, or before a reboot
            earned = rate * BURST_S if is_new else (now_s - counted_s) * rate
            left = min(rate * BURST_S, (0.0 if is_new else tokens) + earned) - n
            self._SLOT.pack_into(self._map, place, left, now_s)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        return float(left)


class SourceLimits:
    """A batch may overdraw its source's bucket once; the debt is what the next request waits for."""

    def __init__(self, buckets: SharedBuckets, *, default_events_per_s: int) -> None:
        self._buckets = buckets
        self._default = default_events_per_s
        self._paused = 0

    async def check(self, key: LiveKey) -> None:
        """Raises a 429, after a pause, while the source is over its limit."""
        rate = key.events_per_s or self._default
        if rate == 0 or (left := self._buckets.take(key.source_id, 0, rate=rate)) > 0:
            return
        await self.pause()
        wait_s = max(1, math.ceil((1 - left) / rate))
        raise Refused(
            429,
            "rate",
            f"This source sends more than its {rate} events per second; send again in {wait_s} s.",
            retry_after_s=wait_s,
        )

    async def pause(self) -> None:
        """Before any 429."""
        if self._paused < MAX_PAUSED:
            self._paused += 1
            try:
                await asyncio.sleep(PAUSE_S)
            finally:
                self._paused -= 1

    def spend(self, key: LiveKey, n_events: int) -> None:
        if (rate := key.events_per_s or self._default) > 0:
            self._buckets.take(key.source_id, n_events, rate=rate)


def inbox_full() -> Refused:
    return Refused(
        429,
        "inbox",
        f"More has arrived than could be processed so far; send again in {FULL_RETRY_S} s.",
        retry_after_s=FULL_RETRY_S,
    )


def too_many_waiting() -> Refused:
    return Refused(429, "busy", "Too many requests wait to be written; send again in 1 s.", retry_after_s=1)
