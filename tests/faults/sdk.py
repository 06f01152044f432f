"""A sender that behaves like the SDKs: it sends a batch until it is taken, always with the same message ids."""

import base64
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0
GIVE_UP_S = 120.0
PASSING = frozenset({408, 429, 500, 502, 503, 504})


class NeverTaken(AssertionError):
    """A batch was refused for good, or not taken for two minutes."""


@dataclass
class Heard:
    """What senders heard. Times are of the monotonic clock."""

    acknowledged: set[str] = field(default_factory=set)
    taken_at_s: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """Status, or the name of the connection error → how often."""
    without_retry_after: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def worst_gap_s(self) -> float:
        at = sorted(self.taken_at_s)
        return max((later - earlier for earlier, later in pairwise(at)), default=0.0)


class Sdk:
    """One connection, one key."""

    def __init__(self, url: str, key: str, heard: Heard) -> None:
        self._address = urlsplit(url).hostname or "", urlsplit(url).port
        self._heard = heard
        basic = base64.b64encode(f"{key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def send(self, messages: Sequence[dict[str, Any]], *, path: str = "/v1/batch") -> None:
        """Until it is taken."""
        body = self.body(messages)
        deadline, pause_s = time.monotonic() + GIVE_UP_S, FIRST_PAUSE_S
        while not self._is_taken(path, body, messages):
            if time.monotonic() > deadline:
                raise NeverTaken(f"not within {GIVE_UP_S:.0f} s; heard {dict(self._heard.refused)}")
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _is_taken(self, path: str, body: bytes, messages: Sequence[dict[str, Any]]) -> bool:
        try:
            status, answer, retry_after = self.post(path, body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            with self._heard.lock:
                self._heard.refused[type(error).__name__] += 1
            return False
        with self._heard.lock:
            if status == 200:
                if json.loads(answer)["refused"]:
                    raise NeverTaken(answer.decode())
                self._heard.acknowledged.update(message["messageId"] for message in messages)
                self._heard.taken_at_s.append(time.monotonic())
                return True
            self._heard.refused[str(status)] += 1
            self._heard.without_retry_after += status in {429, 503} and not retry_after
        if status not in PASSING:
            raise NeverTaken(f"{status}: {answer.decode()}")
        return False

    @staticmethod
    def body(messages: Sequence[dict[str, Any]]) -> bytes:
        return json.dumps({"batch": messages}).encode()

    def post(self, path: str, body: bytes) -> tuple[int, bytes, str]:
        """One try: status, body, Retry-After."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT_S)
        self._connection.request("POST", path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("Retry-After", "")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Senders:
    """Threads that send batches, one each `pace_s` or as fast as they are taken; every 20th batch twice
    and every tenth as an import."""

    def __init__(self, url: str, key: str, *, n: int = 8) -> None:
        self.heard = Heard()
        self._url, self._key, self._n = url, key, n
        self._failures: list[BaseException] = []
        self._turn = threading.Lock()

    def send(self, batches: Iterable[Sequence[dict[str, Any]]], *, pace_s: float = 0.0) -> Heard:
        work = enumerate(batches, 1)
        started_s = time.monotonic()
        threads = [threading.Thread(target=self._work, args=(work, started_s, pace_s)) for _ in range(self._n)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failures:
            raise self._failures[0]
        return self.heard

    def _work(self, work: Iterator[tuple[int, Sequence[dict[str, Any]]]], started_s: float, pace_s: float) -> None:
        sdk = Sdk(self._url, self._key, self.heard)
        try:
            while not self._failures:
                with self._turn:
                    number, batch = next(work)
                time.sleep(max(0.0, started_s + number * pace_s - time.monotonic()))
                sdk.send(batch, path="/v1/import" if number % 10 == 0 else "/v1/batch")
                if number % 20 == 0:
                    sdk.send(batch)
        except StopIteration:
            pass
        except BaseException as error:
            self._failures.append(error)
        finally:
            sdk.close()
