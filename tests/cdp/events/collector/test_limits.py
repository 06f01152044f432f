"""Sizes, bombs, slow senders, rate limits, a full inbox, a database that is away."""

import gzip
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from cdp.accounts.models import Source
from cdp.asgi import connect
from cdp.events.collector.app import Collector
from cdp.events.models import InboxBatch
from tests.collecting import Sender, a_key, an_event, collector
from tests.serving import Serving
from tests.taking_in import NOW

UntilTrue = Callable[..., None]
AtOnce = Callable[[Callable[[int], int], int], list[int]]


@pytest.fixture
def serve(tmp_path: Path, transactional_db: None) -> Iterator[Callable[..., str]]:
    """Starts a collector with options of its own and returns its address."""
    running: list[Serving] = []

    def start(**changed: Any) -> str:
        running.append(Serving(collector(tmp_path, **changed)).__enter__())
        return running[-1].url

    yield start
    for one in running:
        one.__exit__()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "json"),
        (b"not json", 400, "json"),
        (b'{"batch": "x"}', 400, "shape"),
        (b'{"batch":["' + b"x" * 520_000 + b'"]}', 400, "size"),
        (b"x" * (6 * 1024 * 1024), 413, "size"),
        (gzip.compress(b" " * 200_000_000), 400, "size"),
        (gzip.compress(b"x" * 100_000)[:-20], 400, "encoding"),
        (b"\x1f\x8bnonsense", 400, "encoding"),
    ],
    ids=["empty", "text", "shape", "520 KB", "6 MB", "bomb", "cut gzip", "no gzip"],
)
def test_bodies_that_are_not_taken(serving: Serving, sender: Sender, body: bytes, status: int, code: str) -> None:
    try:
        reply = sender.post("/v1/batch", body)
    except (BrokenPipeError, ConnectionResetError):  # the answer came before all of an absurd body was sent
        assert status == 413
        return
    assert (reply.status, reply.json["code"], reply.json["success"]) == (status, code, False)
    assert reply.json["message"].endswith(".")
    assert not InboxBatch.objects.exists()


def test_other_encodings_and_single_events_over_32_kb(sender: Sender) -> None:
    assert sender.post("/v1/batch", {"batch": []}, Content_Encoding="br").json["code"] == "encoding"
    assert sender.post("/v1/track", an_event(properties={"a": "x" * 33_000})).status == 400


def test_a_hundred_malformed_ones_among_good_ones(sender: Sender) -> None:
    bad = [
        {"type": "track"},
        an_event(userId=True),
        an_event(properties={"a": "\0"}),
        an_event(properties={"a": "x" * 33_000}),
        an_event(messageId="x" * 101),
        an_event(timestamp="never"),
        an_event(properties=json.loads("[" * 80 + "]" * 80)),
        an_event(properties={"a": json.loads("[" * 80 + "]" * 80)}),
        an_event(event=None),
        7,
    ]
    raw = [*(json.dumps(one) for one in bad * 9), *['{"type":"track","userId":"a","event":"b","x":NaN}'] * 10]
    for number, one in enumerate(raw):
        good = json.dumps(an_event(messageId=f"g{number}"))
        body = f'{{"batch":[{good},{one},{good}]}}'.encode()
        reply = sender.post("/v1/batch", body)
        assert (reply.status, reply.json["accepted"], reply.json["refused"][0]["index"]) == (200, 2, 1)
    assert len(raw) == InboxBatch.objects.filter(refused__has_key="1").count() == 100


def test_a_body_that_never_ends(serve: Callable[..., str]) -> None:
    url = serve(read_timeout_s=0.3)
    key = a_key()
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":")[-1])), timeout=10) as slow:
        slow.sendall(f"POST /v1/batch?writeKey={key} HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{{".encode())
        assert Sender(url, key).post("/v1/track", an_event()).status == 200
        assert slow.recv(4000).startswith(b"HTTP/1.1 408")


def test_a_source_over_its_limit_waits_and_others_do_not(serve: Callable[..., str]) -> None:
    url = serve()
    noisy, quiet = Sender(url, a_key("noisy", events_per_s=50)), Sender(url, a_key("quiet"))
    assert noisy.post("/v1/batch", {"batch": [an_event()] * 120}).json["accepted"] == 120
    refused = noisy.post("/v1/track", an_event())
    assert (refused.status, refused.json["code"]) == (429, "rate")
    assert 1 <= int(refused.headers["retry-after"]) <= 3
    assert "50 events per second" in refused.json["message"]
    assert quiet.post("/v1/track", an_event()).status == 200


def test_the_limit_is_shared_by_the_processes_of_a_machine(serve: Callable[..., str]) -> None:
    first, second = serve(source_events_per_s=10), serve(source_events_per_s=10)
    key = a_key()
    assert Sender(first, key).post("/v1/batch", {"batch": [an_event()] * 30}).status == 200
    assert Sender(second, key).post("/v1/track", an_event()).status == 429


def test_a_source_that_waits_is_taken_again(serve: Callable[..., str], until_true: UntilTrue) -> None:
    sender = Sender(serve(source_events_per_s=20), a_key())
    assert sender.post("/v1/batch", {"batch": [an_event()] * 30}).status == 200
    assert sender.post("/v1/track", an_event()).status == 429
    until_true(lambda: sender.post("/v1/track", an_event()).status == 200, within_s=5)


def test_a_full_inbox_refuses_until_it_is_drained(serve: Callable[..., str], until_true: UntilTrue) -> None:
    sender = Sender(serve(inbox_limit_bytes=200_000), a_key())
    rows = [InboxBatch(source_id=1, call="batch", body=os.urandom(2000), received_at=NOW) for _ in range(200)]
    InboxBatch.objects.bulk_create(rows)
    until_true(lambda: sender.post("/v1/track", an_event()).status == 429, within_s=5)
    reply = sender.post("/v1/track", an_event())
    assert (reply.json["code"], reply.headers["retry-after"]) == ("inbox", "5")
    InboxBatch.objects.all().delete()
    until_true(lambda: sender.post("/v1/track", an_event()).status == 200, within_s=5)


class Away:
    """A database that can be switched off: connections break, new ones are refused."""

    def __init__(self) -> None:
        self.is_away = False
        self.made: list[Any] = []

    def __call__(self) -> Any:
        if self.is_away:
            raise psycopg2.OperationalError
        self.made.append(connect())
        return self.made[-1]

    def leave(self) -> None:
        self.is_away = True
        for connection in self.made:
            terminate(connection.info.backend_pid)


def terminate(pid: int) -> None:
    own = connect()
    with own.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [pid])
    own.close()


def test_a_database_that_is_away_gives_503_and_comes_back(serve: Callable[..., str], until_true: UntilTrue) -> None:
    away = Away()
    sender = Sender(serve(connect=away), a_key())
    assert sender.post("/v1/track", an_event()).status == 200
    away.leave()
    reply = sender.post("/v1/track", an_event())
    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "down", "1")
    away.is_away = False
    until_true(lambda: sender.post("/v1/track", an_event()).status == 200, within_s=3)


def test_a_broken_connection_is_replaced_without_an_error(serve: Callable[..., str]) -> None:
    away = Away()
    sender = Sender(serve(connect=away), a_key())
    assert sender.post("/v1/track", an_event()).status == 200
    away.leave()
    away.is_away = False
    assert sender.post("/v1/track", an_event()).status == 200
    assert InboxBatch.objects.count() == 2


def test_every_answer_finds_its_row_committed(serve: Callable[..., str], at_once: AtOnce) -> None:
    """Another connection sees the row as soon as the sender has its 200."""
    url, key = serve(), a_key()

    def send(number: int) -> int:
        sender, seen = Sender(url, key), connect()
        with seen.cursor() as cursor:
            for n in range(10):
                message_id = f"{number}-{n}"
                assert sender.post("/v1/track", an_event(messageId=message_id)).status == 200
                cursor.execute(
                    "select count(*) from events_inboxbatch where convert_from(body, 'UTF8')::json->>'messageId' = %s",
                    [message_id],
                )
                assert cursor.fetchone() == (1,)
                seen.commit()
        seen.close()
        return 10

    assert sum(at_once(send, 8)) == 80


def test_requests_that_wait_together_share_a_commit(serve: Callable[..., str], at_once: AtOnce) -> None:
    commits: list[None] = []
    url, key = serve(after_commit=lambda: commits.append(None)), a_key()
    Sender(url, key).post("/v1/track", an_event())
    gate = connect()
    with gate.cursor() as cursor:
        cursor.execute("lock table events_inboxbatch in share mode")
    threading.Timer(1.0, gate.rollback).start()
    before = len(commits)
    assert at_once(lambda n: Sender(url, key).post("/v1/track", an_event()).status, 20) == [200] * 20
    assert len(commits) - before <= 3
    gate.close()


def test_nothing_personal_is_logged(serve: Callable[..., str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    away = Away()
    sender = Sender(serve(connect=away), a_key())
    canary = "canary-7f3a@example.com"
    sender.post("/v1/identify", {"userId": canary, "traits": {"email": canary}})
    sender.post("/v1/track", {"userId": canary})
    sender.post("/v1/batch", f"broken {canary}".encode())
    sender.ask("GET", f"/v1/pixel/track?writeKey=no&userId={canary}&event=Opened")
    away.leave()
    sender.post("/v1/identify", {"userId": canary})
    assert "The inbox cannot be written" in caplog.text
    product = [one for one in caplog.records if not one.name.startswith(("uvicorn.access", "asyncio"))]
    assert canary not in "".join(one.getMessage() for one in product)


def test_stopping_commits_what_waits(tmp_path: Path, transactional_db: None) -> None:
    key = a_key()
    statuses: list[int] = []
    application: Collector = collector(tmp_path)
    gate = connect()
    with Serving(application) as serving:
        sender = Sender(serving.url, key)
        assert sender.post("/v1/track", an_event()).status == 200
        with gate.cursor() as cursor:
            cursor.execute("lock table events_inboxbatch in share mode")
        sending = threading.Thread(target=lambda: statuses.append(sender.post("/v1/track", an_event()).status))
        sending.start()
        threading.Timer(0.5, gate.rollback).start()
    sending.join(timeout=10)
    gate.close()
    assert statuses == [200]
    assert InboxBatch.objects.count() == 2
    assert Source.objects.count() == 1
