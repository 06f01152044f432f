"""How every task runs in a worker: not at all while it is paused, with its ids in the log, and its run is noted."""

import inspect
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from celery import Task
from celery.signals import before_task_publish
from django.conf import settings
from django.db import Error, connection

from cdp.celery import app
from cdp.common import log_context
from cdp.common.clock import stopwatch, utc_now
from cdp.operations import keeping, runs
from cdp.operations.pausing import Paused
from cdp.operations.runs import Runs

NOW_HEADER = "asked_for"
"""A run that somebody asked for by hand runs although the job is paused."""
LONG_S = 1.0
FAST_S = 10.0
log = logging.getLogger("cdp.tasks")


class RecordedTask(Task):  # type: ignore[type-arg]
    """The base of all tasks. Called as a function, by a test or by another task, it is that function."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        if self.name in _paused and not getattr(self.request, NOW_HEADER, None):
            return None
        facts = {"task": self.name, "task_id": str(self.request.id or ""), "job": _job(self, args, kwargs)}
        with log_context.about(request_id=str(getattr(self.request, "request_id", "") or ""), **facts):
            return _recorder.run(self.name, lambda: self.run(*args, **kwargs))


class Recorder:
    """One for each process. Slow jobs are written down as they begin and end, loops every few seconds."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._found: dict[str, Runs] = {}
        self._written_s = clock_s()

    def run(self, task: str, work: Callable[[], Any]) -> Any:
        found = self._found.setdefault(task, Runs())
        found.started_at = utc_now()
        if task not in fast():
            self._write()
        lasted, error = stopwatch(), None
        try:
            return work()
        except BaseException as raised:
            error = raised
            raise
        finally:
            took_s = lasted()
            self._found.setdefault(task, Runs()).finished(utc_now(), took_s, error)
            _log(took_s, error)
            if task not in fast() or self._clock_s() - self._written_s > keeping.EVERY_S:
                self._write()

    def _write(self) -> None:
        """What cannot be written is kept; a task does not fail of it."""
        now, self._written_s = utc_now(), self._clock_s()
        try:
            with connection.cursor() as cursor:
                runs.write(cursor, self._found, now=now)
                self._found = {}
                keeping.write(cursor, now=now)
        except Error as error:
            log.debug("Runs of tasks are written down later: %s", type(error).__name__)


def _log(took_s: float, error: BaseException | None) -> None:
    facts = {"duration_ms": round(1000 * took_s, 1)}
    if error is None and took_s >= LONG_S:
        log.log(logging.INFO if settings.LOG_FORMAT == "json" else logging.DEBUG, "finished", extra=facts)


@cache
def fast() -> frozenset[str]:
    """Loops that look every few seconds: a row for each run would be most of what is written."""
    return frozenset(
        entry["task"]
        for entry in app.conf.beat_schedule.values()
        if isinstance(every := entry["schedule"], int | float | timedelta) and _seconds(every) < FAST_S
    )


def _seconds(every: float | timedelta) -> float:
    return every.total_seconds() if isinstance(every, timedelta) else float(every)


@cache
def _parameters(task: str) -> tuple[str, ...]:
    return tuple(inspect.signature(app.tasks[task].run).parameters)


def _job(task: "RecordedTask", args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    names = _parameters(task.name)
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    return str(given["job_id"]) if "job_id" in given else ""


@before_task_publish.connect
def pass_on_request(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Who follows a request through the log finds the tasks it asked for."""
    request_id = log_context.current().get("request_id")
    if request_id and headers is not None:
        headers.setdefault("request_id", request_id)


_paused, _recorder = Paused(), Recorder()
