"""Events through everything: HTTP, durable answer, Celery workers, until they stand in the profiles."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parent.parent.parent
BATCH = 100
SENDERS = 8
PROBE = "Latency Probe"


@dataclass(frozen=True)
class Latency:
    """Seconds from the 200 until the event can be read, of all events sent."""

    p50_s: float
    p99_s: float
    events: int


@contextmanager
def workers(environment: dict[str, str], processes: int) -> Iterator[None]:
    """A Celery worker for the live queue, and beat, as in production."""
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "cdp.celery")
    live = ("worker", "--queues", "live", "--concurrency", str(processes), "--loglevel", "error")
    with ExitStack() as stack:
        for command in ((*celery, *live), (*celery, "beat", "--loglevel", "error")):
            stack.enter_context(_process(command, environment))
        yield


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def send(port: int, key: str, messages: Sequence[dict[str, Any]], *, url: str) -> float:
    """Sends in batches of 100 as fast as they are answered. Seconds until all of it stands in the tables."""
    warm_up(port, key, url=url)
    queue: SimpleQueue[bytes] = SimpleQueue()
    left = iter(messages)
    while batch := list(islice(left, BATCH)):
        queue.put(json.dumps({"batch": batch, "writeKey": key}).encode())
    started = time.perf_counter()
    threads = [Thread(target=_send_all, args=(port, queue)) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _wait_until_empty(url)
    return time.perf_counter() - started


def warm_up(port: int, key: str, *, url: str) -> None:
    """The workers have started once they take something in."""
    queue: SimpleQueue[bytes] = SimpleQueue()
    queue.put(
        json.dumps({"batch": [{"type": "track", "event": "Hello", "userId": "user-1"}], "writeKey": key}).encode()
    )
    _send_all(port, queue)
    _wait_until_empty(url)


def _send_all(port: int, queue: "SimpleQueue[bytes]") -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while True:
        try:
            body = queue.get_nowait()
        except Empty:
            return
        connection.request("POST", "/v1/batch", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200 or b'"refused":[]' not in answer.read().replace(b" ", b""):
            raise RuntimeError(f"a batch was not taken: {answer.status}")


def _wait_until_empty(url: str, *, table: str = "events_inboxbatch") -> None:
    """A claimed row is invisible only once its effects are committed."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"select exists (select from {table})")
            if not cursor.fetchone()[0]:
                break
            time.sleep(0.02)
    connection.close()


def latency(port: int, key: str, *, url: str, per_s: int, seconds: float) -> Latency:
    """Single events at a steady pace; when each was answered, and when it could first be read.

    What readers still have to digest of the load before is waited for: this is the steady state.
    """
    _wait_until_empty(url, table="profiles_touched")
    answered: dict[str, float] = {}
    visible: dict[str, float] = {}
    done = Event()
    watcher = Thread(target=_watch, args=(url, visible, done))
    watcher.start()
    senders = [
        Thread(target=_pace, args=(port, key, answered, number, per_s / SENDERS, seconds)) for number in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    deadline = time.monotonic() + 30
    while len(visible) < len(answered) and time.monotonic() < deadline:
        time.sleep(0.1)
    done.set()
    watcher.join()
    took = sorted(max(0.0, visible[message_id] - at) for message_id, at in answered.items())
    return Latency(took[len(took) // 2], took[int(len(took) * 0.99)], len(took))


def _pace(port: int, key: str, answered: dict[str, float], number: int, per_s: float, seconds: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    for index in range(int(per_s * seconds)):
        time.sleep(max(0.0, started + index / per_s - time.perf_counter()))
        message_id = f"probe-{number}-{index}"
        body = {"messageId": message_id, "userId": f"user-{1 + index % 1000}", "event": PROBE, "writeKey": key}
        connection.request("POST", "/v1/track", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            answered[message_id] = time.perf_counter()


def _watch(url: str, visible: dict[str, float], done: Event) -> None:
    started = datetime.now(UTC)
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        while not done.is_set():
            cursor.execute(
                "select message_id from events_event where name = %s and occurred_at >="
                " greatest(%s, now() - interval '20 seconds')",
                [PROBE, started],
            )
            now = time.perf_counter()
            for (message_id,) in cursor.fetchall():
                visible.setdefault(message_id, now)
            time.sleep(0.02)
    connection.close()


def environment_of(url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url}
