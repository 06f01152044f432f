"""Sign-ups of people nobody knew, beside other traffic; from the 200 to the welcome in the mailbox."""

import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from threading import Event, Thread
from typing import Any

import psycopg2

SIGNED_UP = "Signed Up"
SENDERS = 8
EVERY = 5
"""One request in so many is a sign-up: who they are, and that they signed up."""
WARM_S = 3.0
"""Sign-ups of the first seconds are not counted: workers start, and the mail is compiled once."""
OTHERS = ("Product Viewed", "Page Viewed", "Product Added")


@dataclass(frozen=True)
class Answered:
    """Seconds from the 200 until the mail stands in the mailbox, sorted; and what else happened."""

    took_s: Sequence[float]
    signed_up: int
    mails: int
    requests: int

    def at(self, share: float) -> float:
        return self.took_s[min(len(self.took_s) - 1, int(len(self.took_s) * share))]


def measure(port: int, key: str, campaign_id: int, *, url: str, per_s: int, seconds: float, people: int) -> Answered:
    answered: dict[str, float] = {}
    arrived: dict[str, float] = {}
    done = Event()
    watcher = Thread(target=_watch, args=(url, campaign_id, arrived, done))
    watcher.start()
    started = time.time()
    senders = [
        Thread(target=_send, args=(port, key, answered, number, per_s / SENDERS, seconds, people))
        for number in range(SENDERS)
    ]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    deadline = time.time() + 60
    while len(arrived) < len(answered) and time.time() < deadline:
        time.sleep(0.1)
    done.set()
    watcher.join()
    counted = {who: at for who, at in answered.items() if at >= started + WARM_S}
    missing = counted.keys() - arrived.keys()
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(counted)} got no mail within a minute")
    took = sorted(max(0.0, arrived[who] - at) for who, at in counted.items())
    return Answered(took, len(answered), _mails(url, campaign_id), int(per_s * seconds))


def _send(
    port: int, key: str, answered: dict[str, float], number: int, per_s: float, seconds: float, people: int
) -> None:
    draw = Random(number)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    for index in range(int(per_s * seconds)):
        time.sleep(max(0.0, started + index / per_s - time.perf_counter()))
        is_new = index % EVERY == 0
        who = f"new-{number}-{index}"
        batch = _sign_up(who) if is_new else [_track(f"user-{draw.randint(1, people)}", draw.choice(OTHERS))]
        body = json.dumps({"batch": batch, "writeKey": key})
        connection.request("POST", "/v1/batch", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if is_new and answer.status == 200:
            answered[f"{who}@example.com"] = time.time()


def _sign_up(who: str) -> list[dict[str, Any]]:
    traits = {"email": f"{who}@example.com", "firstName": "Nova"}
    now = datetime.now(UTC).isoformat()
    return [{"type": "identify", "userId": who, "traits": traits, "timestamp": now}, _track(who, SIGNED_UP)]


def _track(who: str, event: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    properties = {"product_id": "item-1", "plan": "free"}
    return {"type": "track", "userId": who, "event": event, "properties": properties, "timestamp": at}


def _watch(url: str, campaign_id: int, arrived: dict[str, float], done: Event) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        while not done.is_set():
            cursor.execute(
                "select recipient from campaigns_mailboxmessage where campaign_id = %s"
                " and at > now() - interval '30 seconds'",
                [campaign_id],
            )
            now = time.time()
            for (recipient,) in cursor.fetchall():
                arrived.setdefault(recipient, now)
            time.sleep(0.02)
    connection.close()


def _mails(url: str, campaign_id: int) -> int:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from campaigns_mailboxmessage where campaign_id = %s", [campaign_id])
        n = int(cursor.fetchone()[0])
    connection.close()
    return n
