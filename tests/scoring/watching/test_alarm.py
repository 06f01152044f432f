"""What the watch says of a predictor, and that it learns anew once because of it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from cdp.common.models import Job
from cdp.profiles.models import Profile
from scoring.models import Forecast, Predictor, ScoringRun, TrainedModel
from scoring.quality import Realised
from scoring.watching.alarm import watch
from scoring.watching.realise import realise_due
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db
DAYS = 30


def a_predictor(*, trained_at: datetime | None = None, kind: str = "purchase", **more: Any) -> Predictor:
    trained = trained_at or ago(days=20)
    predictor = Predictor.objects.create(
        name=f"P{Predictor.objects.count()}", kind=kind, days=DAYS, created_at=trained, trained_at=trained, **more
    )
    predictor.active = TrainedModel.objects.create(
        predictor=predictor,
        number=1,
        estimator="logistic",
        trained_at=trained,
        as_of=trained,
        seed=1,
        quality={"people": 0, "happened": 0},
        is_useful=True,
        verdict="In use.",
    )
    predictor.save()
    return predictor


def a_run(predictor: Predictor, at: datetime, **more: Any) -> ScoringRun:
    assert predictor.active is not None
    values = {"people": 1000, "took_ms": 5, "model_id": predictor.active.pk, **more}
    return ScoringRun.objects.create(predictor=predictor, at=at, **values)


def drifted(predictor: Predictor, at: datetime = NOW) -> ScoringRun:
    return a_run(predictor, at, drift={"score": 0.4, "recency_days": 0.9, "orders": 0.01}, is_drifted=True)


def fresh(predictor: Predictor) -> Predictor:
    return Predictor.objects.get(pk=predictor.pk)


def test_drift_is_said_and_learned_from_once() -> None:
    predictor = a_predictor()
    drifted(predictor)
    jobs = watch(now=NOW)
    assert [job.params["predictor_id"] for job in jobs] == [predictor.pk]
    assert jobs[0].title.endswith("its scores drifted")
    said = fresh(predictor).problem
    assert said.startswith("People have changed since it learned: its scores and “")
    assert "recency_days" not in said, "features are told in words"
    assert watch(now=NOW) == [], "it is learning"
    Job.objects.update(state=Job.State.DONE)
    assert watch(now=NOW + timedelta(days=2)) == [], "half of seven days have not passed"
    assert len(watch(now=NOW + timedelta(days=4))) == 1


def test_a_version_that_learned_since_then_makes_all_well() -> None:
    predictor = a_predictor()
    drifted(predictor)
    watch(now=NOW)
    newer = TrainedModel.objects.create(
        predictor=predictor, number=2, trained_at=NOW, as_of=NOW, seed=1, quality={}, is_useful=True, verdict=""
    )
    Predictor.objects.filter(pk=predictor.pk).update(active=newer)
    assert watch(now=NOW + timedelta(days=9)) == []
    assert fresh(predictor).problem == ""


def test_without_leave_it_only_says_so() -> None:
    predictor = a_predictor(is_automatic=False)
    drifted(predictor)
    assert watch(now=NOW) == []
    assert fresh(predictor).problem


def test_just_trained_it_is_not_trained_again() -> None:
    drifted(a_predictor(trained_at=ago(days=1)))
    assert watch(now=NOW) == []


def test_all_is_well_and_others_words_stay() -> None:
    well, failed = a_predictor(), a_predictor(problem="The last run failed.")
    a_run(well, NOW, drift={"score": 0.05})
    drifted(failed)
    watch(now=NOW)
    assert fresh(well).problem == ""
    assert fresh(failed).problem == "The last run failed."


def test_archived_and_unused_ones_are_left_alone() -> None:
    gone = a_predictor(archived_at=NOW)
    drifted(gone)
    assert watch(now=NOW) == []
    assert fresh(gone).problem == ""


def a_shop(share: float, *, n: int = 400) -> list[int]:
    """That share of people buys within the window after NOW - 40 days."""
    take_in([identify(f"u{i}", traits={"name": f"u{i}"}, at=ago(days=90)) for i in range(n)], lane="bulk")
    buyers = np.random.default_rng(1).permutation(n)[: round(share * n)]
    orders = [
        track(f"u{i}", "Order Completed", at=ago(days=25), properties={"order_id": f"o{i}", "total": 50})
        for i in buyers
    ]
    late = [track("u0", "Order Completed", at=ago(days=5), properties={"order_id": "late", "total": 5_000})]
    take_in([*orders, *late], lane="bulk")
    return list(Profile.objects.order_by("id").values_list("id", flat=True))


def forecast(predictor: Predictor, ids: list[int], value: float, at: datetime) -> ScoringRun:
    run = a_run(predictor, at)
    Forecast.objects.bulk_create(Forecast(run_id=run.pk, profile_id=i, value=value) for i in ids)
    return run


@pytest.mark.parametrize(("came", "is_off"), [(0.2, False), (0.4, True)])
def test_what_came_is_held_against_what_was_said(came: float, is_off: bool) -> None:
    predictor, ids = a_predictor(trained_at=ago(days=60)), a_shop(came)
    run = forecast(predictor, ids, 0.2, ago(days=40))
    open_yet = forecast(predictor, ids, 0.2, ago(days=20))
    assert [one.pk for one in realise_due(now=NOW, currency="EUR")] == [run.pk]
    run.refresh_from_db()
    found = Realised(**(run.realised or {}))
    assert found.people == 400
    assert found.said == pytest.approx(0.2)
    assert found.is_off is is_off
    assert found.came == pytest.approx(came)
    open_yet.refresh_from_db()
    assert open_yet.realised_at is None
    assert realise_due(now=NOW, currency="EUR") == [], "looked up once"
    assert len(watch(now=NOW)) == is_off
    assert fresh(predictor).problem.startswith("What came true is not what it said") is is_off


def test_money_and_dates_are_held_against_what_came_too() -> None:
    ids = a_shop(0.4)
    value, dates = a_predictor(kind="value"), a_predictor(kind="next_order")
    forecast(value, ids, 20.0, ago(days=40))
    forecast(dates, ids, 24.0, ago(days=40))
    spent, waited = (Realised(**(run.realised or {})) for run in realise_due(now=NOW, currency="EUR"))
    assert spent.came == pytest.approx(20.0)
    assert not spent.is_off
    assert waited.came == pytest.approx(0.4 * 15 + 0.6 * 30)
    assert "days each were said" in waited.verdict


def test_a_miss_that_a_newer_version_has_learned_from_is_history() -> None:
    predictor = a_predictor()
    off = asdict(Realised(500, 0.2, 0.4, is_off=True, verdict="Not as said: …"))
    a_run(predictor, ago(days=40), realised=off, realised_at=ago(days=21))
    watch(now=NOW)
    assert fresh(predictor).problem == ""


def test_a_target_that_cannot_be_looked_up_is_not_asked_for_again() -> None:
    predictor = a_predictor(kind="rule", target={"kind": "score", "id": 1, "op": "at_least", "value": 0.5})
    run = forecast(predictor, a_shop(0.2, n=20), 0.2, ago(days=40))
    realise_due(now=NOW, currency="EUR")
    run.refresh_from_db()
    assert run.realised is None
    assert run.realised_at == NOW
