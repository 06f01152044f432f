"""A steady stream of events in the background, and when each try was answered with what."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.faults.crowd import Crowd
from tests.faults.sdk import Heard, Sdk

BATCH = 25


@dataclass(frozen=True)
class Try:
    asked_s: float
    answered_s: float
    status: int
    """0 if there was no answer."""
    retry_after: str = ""


@dataclass
class Stream:
    """Endless where the crowd is large: it ends with the block. A batch is repeated until it is taken."""

    url: str
    key: str
    crowd: Crowd
    every_s: float = 0.05
    tries: list[Try] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        messages = self.crowd.messages()
        sdk = Sdk(self.url, self.key, Heard())
        while not self._stop.is_set() and (batch := [one for _, one in zip(range(BATCH), messages, strict=False)]):
            while not self._is_taken(sdk, batch):
                time.sleep(self.every_s)
            time.sleep(self.every_s)
        sdk.close()

    def _is_taken(self, sdk: Sdk, batch: list[dict[str, Any]]) -> bool:
        asked_s = time.monotonic()
        try:
            status, _, retry_after = sdk.post("/v1/batch", sdk.body(batch))
        except (OSError, HTTPException):
            sdk.close()
            status, retry_after = 0, ""
        self.tries.append(Try(asked_s, time.monotonic(), status, retry_after))
        if status == 200:
            self.acknowledged.update(message["messageId"] for message in batch)
        return status == 200

    def statuses(self) -> Counter[int]:
        return Counter(one.status for one in self.tries)

    def slowest_s(self) -> float:
        return max(one.answered_s - one.asked_s for one in self.tries)

    def taken_after(self, moment_s: float) -> float:
        """Seconds from then to the first answer 200."""
        return next(one.answered_s for one in self.tries if one.status == 200 and one.answered_s > moment_s) - moment_s

    def lost(self, stored: set[str]) -> int:
        events = self.crowd.event_ids() & self.acknowledged
        return len(events - stored)
