"""Tasks in a worker: paused, noted, found again in the log; and processes that say that they live."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery.app.trace import build_tracer
from django.db import connection

from cdp.celery import app
from cdp.common import log_context, tally
from cdp.operations import heartbeats, keeping, pausing, running
from cdp.operations.beat import Scheduler
from cdp.operations.heartbeats import Living
from cdp.operations.models import ErrorCount, Heartbeat, Tally, TaskState
from cdp.operations.runs import Runs, said_of
from cdp.operations.runs import write as write_runs

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db
Fresh = Callable[[], None]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a process of its own."""
    tally.take()
    monkeypatch.setattr(running, "_paused", pausing.Paused())
    monkeypatch.setattr(running, "_recorder", running.Recorder())


@pytest.fixture
def task() -> Iterator[Any]:
    did: list[Any] = []

    @app.task(name="tests.noted", queue="bulk")
    def noted(job_id: int, fails: bool = False) -> None:
        did.append(dict(log_context.current()))
        if fails:
            raise ValueError('invalid input "Ada Lovelace" of ada@example.com\nDETAIL: more')

    noted.did = did  # type: ignore[attr-defined]
    yield app.tasks["tests.noted"]
    app.tasks.pop("tests.noted")


def in_worker(task: Any, *args: Any, **headers: Any) -> None:
    """As a worker of the pool runs a message, without the broker."""
    request = {"id": "7", "task": task.name, "args": args, "kwargs": {}, "called_directly": False, **headers}
    build_tracer(task.name, task, app=app)("7", list(args), {}, request)


def test_a_run_is_noted_with_how_long_it_took(task: Any) -> None:
    in_worker(task, 5, request_id="r-1")
    state = TaskState.objects.get(task="tests.noted")
    assert (state.runs, state.failures, state.error) == (1, 0, "")
    assert state.started_at and state.finished_at and state.took_s is not None and state.usual_s is not None
    assert task.did == [{"task": "tests.noted", "task_id": "7", "job": "5", "request_id": "r-1"}]


def test_a_failure_is_noted_without_what_it_quotes(task: Any) -> None:
    in_worker(task, 5, True)
    state = TaskState.objects.get(task="tests.noted")
    assert (state.runs, state.failures, state.error) == (1, 1, "ValueError: invalid input “…” of …@…")
    in_worker(task, 5)
    state.refresh_from_db()
    assert (state.runs, state.failures, state.error) == (2, 1, "")


def test_a_paused_task_does_nothing_unless_somebody_asks_for_it(task: Any) -> None:
    TaskState.objects.create(task="tests.noted", paused_at=NOW)
    in_worker(task, 5)
    assert task.did == []
    in_worker(task, 5, asked_for=1)
    assert len(task.did) == 1


def test_as_a_function_it_is_that_function(task: Any) -> None:
    TaskState.objects.create(task="tests.noted", paused_at=NOW)
    task(5)
    assert task.did == [{}]


def test_what_is_paused_is_asked_for_once_in_two_seconds(django_assert_num_queries: Any) -> None:
    seconds = [0.0]
    paused = pausing.Paused(clock_s=lambda: seconds[0])
    with django_assert_num_queries(1):
        assert "it" not in paused and "it" not in paused
    TaskState.objects.create(task="it", paused_at=NOW)
    assert "it" not in paused
    seconds[0] = 2.1
    assert "it" in paused


def test_beat_does_not_ask_for_what_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    TaskState.objects.create(task="segments.tasks.revive", paused_at=NOW)
    sent: list[str] = []
    monkeypatch.setattr("celery.beat.Scheduler.apply_entry", lambda self, entry, producer=None: sent.append(entry.task))
    scheduler = Scheduler.__new__(Scheduler)
    scheduler._paused = pausing.Paused()
    for name in ("segments.tasks.revive", "segments.tasks.refresh"):
        scheduler.apply_entry(SimpleNamespace(task=name))  # type: ignore[arg-type]
    assert sent == ["segments.tasks.refresh"]


def test_beat_says_that_it_lives() -> None:
    scheduler = Scheduler.__new__(Scheduler)
    scheduler._living = None
    scheduler._say()
    assert Heartbeat.objects.get().kind == "beat"


def test_loops_are_added_up_and_written_every_few_seconds(django_assert_num_queries: Any) -> None:
    seconds = [0.0]
    recorder = running.Recorder(clock_s=lambda: seconds[0])
    with django_assert_num_queries(0):
        for _ in range(3):
            recorder.run("cdp.pipeline.drain", lambda: None)
    seconds[0] = 5.1
    recorder.run("cdp.pipeline.drain", lambda: None)
    assert TaskState.objects.get(task="cdp.pipeline.drain").runs == 4


def test_runs_of_two_processes_add_up() -> None:
    with connection.cursor() as cursor:
        for at, took_s in ((NOW, 2.0), (NOW - timedelta(seconds=30), 4.0)):
            found = Runs(started_at=at)
            found.finished(at + timedelta(seconds=took_s), took_s, None)
            write_runs(cursor, {"a": found, "b": Runs(started_at=at)}, now=NOW)
    state = TaskState.objects.get(task="a")
    assert (state.runs, state.total_s, state.worst_s, state.started_at) == (2, 6.0, 4.0, NOW)
    assert state.usual_s == pytest.approx(0.8 * 2 + 0.2 * 4)
    assert TaskState.objects.get(task="b").runs == 0


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError(), "ValueError"),
        (KeyError("ada@example.com"), "KeyError: “…”"),
        (RuntimeError("call +49 170 1234567\nand more"), "RuntimeError: call +…"),
        (ValueError("Key (value)=(Ada Lovelace) exists"), "ValueError: Key “…” exists"),
    ],
)
def test_what_is_said_of_an_error(error: Exception, said: str) -> None:
    assert said_of(error) == said


def test_counts_are_added_and_kept_when_they_cannot_be_written() -> None:
    tally.add("mails", "3", n=2)
    with connection.cursor() as cursor:
        keeping.write(cursor, now=NOW)
        tally.add("mails", "3", n=5)

        class Broken:
            def execute(self, sql: str, params: Any = None) -> None:
                raise RuntimeError("away")

        with pytest.raises(RuntimeError):
            keeping.write(Broken(), now=NOW)
        keeping.write(cursor, now=NOW)
    assert Tally.objects.get(metric="mails").value == 7


def test_errors_are_counted_by_hour_without_what_they_say(caplog: pytest.LogCaptureFixture) -> None:
    from cdp.operations.logs.counted import CountingHandler, take  # noqa: PLC0415

    take()
    logger = app.log.get_default_logger().getChild("tests")
    handler = CountingHandler()
    logger.addHandler(handler)
    try:
        for _ in range(2):
            try:
                raise ZeroDivisionError("ada@example.com")
            except ZeroDivisionError:
                logger.exception("of ada@example.com")
    finally:
        logger.removeHandler(handler)
    with connection.cursor() as cursor:
        keeping.write(cursor, now=NOW)
    row = ErrorCount.objects.get(kind="ZeroDivisionError")
    assert row.n >= 2 and row.hour == NOW and "ada" not in str(row)


def test_who_lives_says_so_and_is_forgotten_a_day_later() -> None:
    living = Living("worker", "live", host="here", pid=7)
    with connection.cursor() as cursor:
        heartbeats.say(cursor, living, now=NOW)
        heartbeats.say(cursor, living, now=NOW + timedelta(seconds=10))
        row = Heartbeat.objects.get()
        assert (row.name, row.started_at, row.seen_at) == ("worker:live@here:7", NOW, NOW + timedelta(seconds=10))
        heartbeats.forget(cursor, now=NOW + timedelta(days=2))
    assert not Heartbeat.objects.exists()
