"""From an event's 200 to the membership it makes, and from the moment a membership ends by the clock to its end, with
many live segments and a steady stream through the collector, the inbox and Celery workers."""

import copy
import http.client
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event, Thread
from typing import Any

import psycopg2

from bench.parts.kinds import BUY, CART, KINDS, VIEW

PROBE, PROBE_NAME = "Latency Probe", "Probed in the last minute"
NAMES = (VIEW, VIEW, VIEW, VIEW, "Page Viewed", "Page Viewed", CART, "Email Opened", BUY)
SENDERS = 8
EVERY = 10
"""One event in so many is a probe: it brings its person into the probed segment."""
AGO = timedelta(seconds=50)
"""How old a probe is when it is sent: its person leaves ten seconds later."""
STAY = timedelta(minutes=1)
WARM_S = 3.0
"""Probes of the first seconds are not counted: workers start, and read a hundred rules once."""


@dataclass(frozen=True)
class Followed:
    """Seconds. `enter`: from the 200; `leave`: from when it was due."""

    enter_p50: float
    enter_p99: float
    leave_p50: float
    leave_p99: float
    probes: int
    events: int


def make_segments(n: int, *, now: datetime) -> int:
    """So many live ones of all kinds, with windows of their own. Returns the id of the probed one."""
    from cdp.common.clock import deployment_zone, utc_now
    from segments import full_jobs, save

    window = {"kind": "last", "amount": 1, "unit": "minute"}
    rules = {PROBE_NAME: {"kind": "event", "name": PROBE, "op": "at_least", "value": 1, "window": window}}
    kinds = list(KINDS.items())
    for number in range(n - 1):
        name, kind = kinds[number % len(kinds)]
        rules[f"{name} {number}"] = _longer(kind.rule, number // len(kinds))
    ids = []
    for name, rule in rules.items():
        segment = save.create(name, rule={"version": 1, "root": rule}, by=None, now=now)
        full_jobs.refresh(segment.pk, clock=utc_now, zone=deployment_zone(), within_s=600)
        segment.refresh_from_db()
        if segment.is_stale:
            raise RuntimeError(f"{name}: {segment.error}")
        ids.append(segment.pk)
    return int(ids[0])


def _longer(rule: dict[str, Any], by: int) -> dict[str, Any]:
    made = copy.deepcopy(rule)
    waiting: list[Any] = [made]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("amount"), int):
                one["amount"] += by
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return made


def follow(port: int, key: str, segment_id: int, *, url: str, per_s: int, seconds: float, people: int) -> Followed:
    """Whoever is probed is probed once."""
    answered: dict[int, float] = {}
    due: dict[int, float] = {}
    seen: dict[str, dict[int, float]] = {"entered": {}, "left": {}}
    done = Event()
    watcher = Thread(target=_watch, args=(url, segment_id, seen, done))
    watcher.start()
    started = time.time()
    senders = [
        Thread(target=_send, args=(port, key, (answered, due), number, per_s / SENDERS, seconds, people))
        for number in range(SENDERS)
    ]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    deadline = time.time() + 60
    while len(seen["left"]) < len(answered) and time.time() < deadline:
        time.sleep(0.1)
    done.set()
    watcher.join()
    counted = {who: at for who, at in answered.items() if at >= started + WARM_S}
    enter = sorted(max(0.0, seen["entered"][who] - at) for who, at in counted.items())
    leave = sorted(max(0.0, seen["left"][who] - due[who]) for who in counted)
    return Followed(
        _at(enter, 0.5), _at(enter, 0.99), _at(leave, 0.5), _at(leave, 0.99), len(counted), int(per_s * seconds)
    )


def _at(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def _send(
    port: int,
    key: str,
    told: tuple[dict[int, float], dict[int, float]],
    number: int,
    per_s: float,
    seconds: float,
    people: int,
) -> None:
    answered, due = told
    draw = Random(number)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    for index in range(int(per_s * seconds)):
        time.sleep(max(0.0, started + index / per_s - time.perf_counter()))
        is_probe = index % EVERY == 0
        who = 1 + (number + SENDERS * (index // EVERY)) % people if is_probe else draw.randint(1, people)
        at = datetime.now(UTC) - (AGO if is_probe else timedelta(0))
        body: dict[str, Any] = {"messageId": f"live-{number}-{index}", "userId": f"user-{who}", "writeKey": key}
        body |= {"event": PROBE if is_probe else draw.choice(NAMES), "timestamp": at.isoformat()}
        if not is_probe:
            body["properties"] = {"product_id": f"item-{draw.randint(1, 500)}", "color": "red", "total": 40}
        connection.request("POST", "/v1/track", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if is_probe and answer.status == 200 and who not in answered:
            answered[who] = time.time()
            due[who] = (at + STAY).timestamp()


def _watch(url: str, segment_id: int, seen: dict[str, dict[int, float]], done: Event) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    last = 0
    with connection.cursor() as cursor:
        while not done.is_set():
            cursor.execute(
                "select id, profile_id, kind from segments_membershipchange where segment_id = %s and id > %s"
                " order by id",
                [segment_id, last],
            )
            now = time.time()
            for change_id, profile_id, kind in cursor.fetchall():
                last = change_id
                seen[kind].setdefault(profile_id, now)
            time.sleep(0.02)
    connection.close()
