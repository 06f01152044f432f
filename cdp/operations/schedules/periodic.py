"""Every periodic job of beat: what it is, how its runs went, when the next one comes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from celery.schedules import crontab

from cdp.celery import app
from cdp.common.templatetags.look import duration
from cdp.operations.models import TaskState
from cdp.operations.schedules.words import WORDS, Words
from segments.schedule import Schedule

SOON = timedelta(minutes=15)
"""A run that somebody asked for and that has not begun after that was lost with its worker or the broker."""
SLACK = timedelta(minutes=2)
LOOP = timedelta(seconds=10)
LONGER = 3.0
NEVER = TaskState()


class NoSuchJob(Exception):
    """There is no periodic job of this name."""


@dataclass(frozen=True)
class Periodic:
    """One job. `every` is in words; `next_at` is None while it is paused."""

    key: str
    task: str
    words: Words
    every: str
    period: timedelta
    next_at: datetime | None
    state: TaskState
    now: datetime

    @property
    def is_paused(self) -> bool:
        return self.state.paused_at is not None

    @property
    def is_loop(self) -> bool:
        return self.period < LOOP

    @property
    def is_asked(self) -> bool:
        """Somebody asked for a run that has not begun."""
        asked, began = self.state.asked_at, self.state.started_at
        return asked is not None and asked > self.now - SOON and (began is None or began < asked)

    @property
    def is_running(self) -> bool:
        """Began and did not end, as far as is known; of loops nobody would see it."""
        began, ended = self.state.started_at, self.state.finished_at
        return began is not None and (ended is None or ended < began) and began > self.now - timedelta(hours=2)

    @property
    def is_overdue(self) -> bool:
        """It should have run by now: beat or the workers stand still, or have too much to do."""
        began = self.state.started_at
        return not self.is_paused and began is not None and began + 2 * self.period + SLACK < self.now

    @property
    def has_failed(self) -> bool:
        return bool(self.state.error)

    @property
    def is_slow(self) -> bool:
        took, usual = self.state.took_s, self.state.usual_s
        return took is not None and usual is not None and took > max(1.0, LONGER * usual)

    @property
    def took(self) -> str:
        return _lasting(self.state.took_s)

    @property
    def usual(self) -> str:
        return _lasting(self.state.usual_s)

    @property
    def needs_a_look(self) -> bool:
        return self.is_paused or self.has_failed or self.is_overdue


def all_jobs(*, now: datetime, zone: ZoneInfo) -> list[Periodic]:
    states = TaskState.objects.in_bulk()
    return [_job(key, entry, states, now, zone) for key, entry in sorted(app.conf.beat_schedule.items())]


def one(key: str, *, now: datetime, zone: ZoneInfo) -> Periodic:
    entry = app.conf.beat_schedule.get(key)
    if entry is None:
        raise NoSuchJob(key)
    states = TaskState.objects.in_bulk([entry["task"]])
    return _job(key, entry, states, now, zone)


def _job(key: str, entry: dict[str, Any], states: dict[Any, TaskState], now: datetime, zone: ZoneInfo) -> Periodic:
    state = states.get(entry["task"], NEVER)
    every, period, next_at = _times(entry["schedule"], state.started_at, now, zone)
    return Periodic(
        key=key,
        task=entry["task"],
        words=WORDS[key],
        every=every,
        period=period,
        next_at=None if state.paused_at else next_at,
        state=state,
        now=now,
    )


def _times(
    schedule: Any, began_at: datetime | None, now: datetime, zone: ZoneInfo
) -> tuple[str, timedelta, datetime | None]:
    """In words, from one run to the next, and when the next one comes."""
    if isinstance(schedule, crontab):
        fields = Schedule("cron", _five_fields(schedule), zone)
        first = fields.next_after(now)
        second = fields.next_after(first) if first else None
        period = second - first if first and second else timedelta(days=1)
        return fields.english(), period, first
    period = _delta(schedule)
    next_at = max(now, began_at + period) if began_at else now + period
    return f"every {_seconds(period)}", period, next_at.astimezone(UTC)


def _five_fields(schedule: crontab) -> str:
    return " ".join(
        str(getattr(schedule, f"_orig_{name}"))
        for name in ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    )


def _lasting(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else duration(seconds)


def _delta(every: float | timedelta) -> timedelta:
    return every if isinstance(every, timedelta) else timedelta(seconds=float(every))


def _seconds(period: timedelta) -> str:
    seconds = period.total_seconds()
    if seconds == 1:
        return "second"
    if seconds < 1:
        return f"{seconds:g} seconds"
    if seconds < 60:
        return f"{seconds:.0f} seconds"
    minutes = round(seconds / 60)
    return "minute" if minutes == 1 else f"{minutes} minutes"
