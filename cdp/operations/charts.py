"""The last hours, drawn from a sample a minute."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from cdp.operations.models import Sample

HOURS = 6
POINTS = 120
Value = Callable[[Sample], float]


def of_last_hours(*, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """(id, chart as static/js/chart.js draws it)"""
    samples = list(Sample.objects.filter(at__gt=now - timedelta(hours=HOURS)).order_by("at"))
    thin = samples[:: max(1, len(samples) // POINTS)]
    if len(thin) < 2:
        return []
    return [
        ("events", _chart("Events taken in", "Events per minute", _rates(thin, lambda one: one.taken_in))),
        ("waiting", _chart("Requests waiting in the inbox", "Requests", _levels(thin, lambda one: one.waiting))),
        ("lag", _chart("How far segments are behind", "Seconds", _levels(thin, lambda one: one.lag_s))),
        ("sent", _chart("Messages sent", "Messages per minute", _rates(thin, lambda one: one.sent))),
    ]


def _levels(samples: Sequence[Sample], value: Value) -> list[tuple[datetime, float]]:
    return [(one.at, round(value(one), 1)) for one in samples]


def _rates(samples: Sequence[Sample], value: Value) -> list[tuple[datetime, float]]:
    """A counter that became smaller began anew: what it counted since then."""
    points = []
    for before, after in pairwise(samples):
        minutes = (after.at - before.at).total_seconds() / 60
        gained = value(after) - value(before)
        points.append((after.at, round((gained if gained >= 0 else value(after)) / minutes, 1)))
    return points


def _chart(title: str, unit: str, points: list[tuple[datetime, float]]) -> dict[str, Any]:
    return {
        "type": "line",
        "title": f"{title}, last {HOURS} hours",
        "x": [f"{at.astimezone(UTC):%H:%M}" for at, _ in points],
        "xLabel": "Time (UTC)",
        "yLabel": unit,
        "series": [{"name": title, "data": [value for _, value in points]}],
    }
