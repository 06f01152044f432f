"""From a training to an alarm: as it is on an ordinary day, and after the shop's events stopped coming."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from scoring import runs
from scoring.models import Predictor, ScoringRun
from scoring.train import train
from scoring.watching.alarm import watch
from tests.taking_in import NOW, ago, rows, take_in, track

pytestmark = pytest.mark.django_db


def a_shop(n: int = 150) -> None:
    """A third of the people buy most weeks, the others seldom; it has been so for two years."""
    generator = np.random.default_rng(7)
    sent: list[dict[str, Any]] = []
    for person in range(n):
        sent.append(track(f"u{person}", "Product Viewed", at=ago(days=700)))
        likely = 0.7 if person % 3 == 0 else 0.04
        for week in np.flatnonzero(generator.random(100) < likely):
            about = {"order_id": f"{person}-{week}", "total": 20}
            at = ago(days=7 * float(week) + float(generator.random()) * 6)
            sent.append(track(f"u{person}", "Order Completed", at=at, properties=about))
    take_in(sent, lane="bulk")
    # A claim's patience with idle transactions outlives it here, where the whole test is one; training idles long.
    rows("select set_config('idle_in_transaction_session_timeout', '0', true)")


def scored(predictor: Predictor, now: datetime) -> ScoringRun:
    job = runs.start([predictor], by=None, now=now)
    assert job is not None
    runs.work(job.pk, clock=lambda: now)
    return ScoringRun.objects.order_by("-id")[0]


def test_silent_on_an_ordinary_day_and_loud_when_events_stop() -> None:
    a_shop()
    predictor = Predictor.objects.create(name="Buys", days=14, created_at=NOW)
    predictor.active = train(predictor, now=NOW, budget_s=0.1)
    assert len(predictor.active.reference["moments"]) == 14
    predictor.save()
    today = scored(predictor, NOW + timedelta(days=1))
    assert {"score", "recency_days"} <= today.drift.keys()
    assert not today.is_drifted, today.drift
    assert watch(now=NOW + timedelta(days=1)) == []
    later = scored(predictor, NOW + timedelta(days=40))
    assert later.is_drifted
    assert later.drift["recency_days"] > 0.2
    assert len(watch(now=NOW + timedelta(days=40))) == 1
    predictor.refresh_from_db()
    assert predictor.problem.startswith("People have changed since it learned")
