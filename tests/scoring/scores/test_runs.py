"""Scoring everybody: the same as scoring each, the same twice, and nothing lost or told twice whoever dies when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from cdp.common.models import Job
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from scoring import chunks, lots, runs
from scoring.models import Band, Forecast, Predictor, Score, ScoreChange, ScoringChunk, ScoringRun
from scoring.predict import score_people
from segments.models import Segment
from tests.scoring.scores.made import a_model, a_predictor, a_version, shop
from tests.taking_in import NOW, rows, take_in, track

pytestmark = pytest.mark.django_db
SCORES = (
    "select profile_id, predictor_id, value, percentile, band, expected_at, is_cold, model_id, scored_at"
    " from scoring_score order by 1, 2"
)


def clock() -> datetime:
    return NOW


def run_all(*predictors: Predictor, now: datetime = NOW, people: int = 7) -> Job:
    job = runs.start(predictors, by=None, now=now, people=people)
    assert job is not None
    runs.work(job.pk, clock=lambda: now)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    return job


@pytest.mark.parametrize("few", [0, 1_000])
def test_everybody_is_scored_as_each_alone_is(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written by way of a table of its own, as many are, and of values, as few are."""
    shop()
    monkeypatch.setattr(lots, "FEW", few)
    buys, views = a_predictor(), a_predictor()
    a_version(views, a_model({"tenure_days": [(0, 2.0), (300, -2.0)], "orders": [(0, 1.0), (9, -1.0)]}))
    run_all(buys, views)
    everybody = rows(SCORES)
    assert len(everybody) == 80
    assert {band for *_, band in rows("select distinct band from scoring_score")} == set(Band.values)
    Score.objects.all().delete()
    monkeypatch.undo()
    for profile_id in Profile.objects.values_list("pk", flat=True):
        score_people([profile_id], now=NOW)
    assert [row[:2] for row in rows(SCORES)] == [row[:2] for row in everybody]
    for alone, together in zip(rows(SCORES), everybody, strict=True):
        assert alone[2] == pytest.approx(together[2], abs=1e-12)
        assert alone[3:] == together[3:]


def test_percentiles_rank_and_bands_cut_them() -> None:
    shop()
    predictor = a_predictor(low_below=30, high_from=90)
    run_all(predictor)
    scores = list(Score.objects.order_by("value"))
    assert [one.percentile for one in scores] == sorted(one.percentile for one in scores)
    assert scores[-1].percentile == 100
    for one in scores:
        not_higher = 100 * sum(other.value <= one.value for other in scores) / len(scores)
        assert one.percentile == pytest.approx(not_higher, abs=100 / 400)
        band = Band.HIGH if one.percentile >= 90 else Band.LOW if one.percentile < 30 else Band.MEDIUM
        assert one.band == band


def test_a_run_tells_what_it_was() -> None:
    shop()
    predictor = a_predictor(problem="Scoring failed: before")
    job = run_all(predictor)
    [run] = ScoringRun.objects.all()
    values = Score.objects.values_list("value", flat=True)
    assert (run.predictor_id, run.model_id, run.at, run.people) == (predictor.pk, predictor.active_id, NOW, 40)
    assert run.mean == pytest.approx(sum(values) / 40)
    assert (min(values), max(values)) == (run.quantiles[0], run.quantiles[-1])
    assert sum(run.bands.values()) == 40
    assert dict(Forecast.objects.values_list("profile_id", "value")) == dict(
        Score.objects.values_list("profile_id", "value")
    )
    predictor.refresh_from_db()
    assert (predictor.scored_at, predictor.problem) == (NOW, "")
    assert (job.done, job.total) == (40, 40)
    assert not ScoringChunk.objects.exists()


def test_twice_is_the_same_and_tells_nothing_more() -> None:
    shop()
    predictor = a_predictor()
    run_all(predictor)
    once, told = rows(SCORES), ScoreChange.objects.count()
    job = runs.start([predictor], by=None, now=NOW)
    assert job is not None
    for _ in range(3):
        runs.work(job.pk, clock=clock)
    assert rows(SCORES) == once
    assert (ScoreChange.objects.count(), ScoringRun.objects.count()) == (told, 2)


def test_history_begins_with_the_first_score_and_goes_on_with_what_moved() -> None:
    shop(10)
    predictor = a_predictor()
    run_all(predictor)
    assert ScoreChange.objects.filter(was="").count() == 10
    ordering = Profile.objects.order_by("pk")[0]
    later = NOW + timedelta(days=1)
    orders = [track("u0", "Order Completed", at=NOW, properties={"order_id": f"n{k}", "total": 5}) for k in range(6)]
    take_in(orders, now=later)
    run_all(predictor, now=later)
    changes = list(ScoreChange.objects.filter(profile_id=ordering.pk).order_by("id"))
    assert [(one.was, one.at) for one in changes] == [("", NOW), (Band.LOW, later)]
    assert changes[1].value > changes[0].value
    unmoved = ScoreChange.objects.exclude(profile_id=ordering.pk).filter(at=later, was="")
    assert not unmoved.exists()


def test_who_is_not_asked_any_more_loses_the_score_and_merged_people_keep_theirs_asleep() -> None:
    shop(20)
    predictor = a_predictor()
    run_all(predictor)
    asleep, awake = Profile.objects.order_by("pk")[:2]
    Profile.objects.filter(pk=asleep.pk).update(merged_into=awake.pk)
    before = Score.objects.get(profile_id=asleep.pk)
    predictor.population = {
        "version": 1,
        "root": {"kind": "event", "name": "Order Completed", "op": "at_least", "value": 3},
    }
    predictor.save()
    run_all(predictor, now=NOW + timedelta(hours=1))
    left = Score.objects.exclude(profile_id=asleep.pk).values_list("profile_id", flat=True)
    frequent = rows("select profile_id from events_eventstate where name = 'Order Completed' and n >= 3 order by 1")
    assert sorted(left) == [row[0] for row in frequent]
    kept = Score.objects.get(profile_id=asleep.pk)
    assert (kept.value, kept.scored_at) == (before.value, before.scored_at)


def test_people_scored_later_than_the_run_began_keep_that() -> None:
    shop(10)
    predictor = a_predictor()
    run_all(predictor)
    [first, *_] = Profile.objects.order_by("pk")
    score_people([first.pk], now=NOW + timedelta(hours=2))
    run_all(predictor, now=NOW + timedelta(hours=1))
    assert Score.objects.get(profile_id=first.pk).scored_at == NOW + timedelta(hours=2)
    assert Score.objects.filter(scored_at=NOW + timedelta(hours=1)).count() == 9


def test_an_older_run_does_not_have_the_last_word() -> None:
    shop(10)
    predictor = a_predictor()
    old = runs.start([predictor], by=None, now=NOW)
    newer = a_version(predictor, a_model({"orders": [(0, 3.0), (9, -3.0)]}))
    run_all(predictor, now=NOW + timedelta(seconds=1))
    assert old is not None
    runs.work(old.pk, clock=clock)
    assert set(Score.objects.values_list("model_id", flat=True)) == {newer.pk}


def test_it_can_be_cancelled_until_it_writes() -> None:
    shop(20)
    predictor = a_predictor()
    job = runs.start([predictor], by=None, now=NOW, people=7)
    assert job is not None
    assert runs.advance(job.pk, clock=clock) == runs.Step.MORE
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    assert runs.advance(job.pk, clock=clock) == runs.Step.NOTHING
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert not Score.objects.exists() and not ScoringChunk.objects.exists() and not ScoringRun.objects.exists()


def test_a_version_that_cannot_be_read_fails_the_run_in_a_sentence_and_keeps_the_scores() -> None:
    shop(5)
    predictor = a_predictor()
    run_all(predictor)
    version = a_version(predictor)
    type(version).objects.filter(pk=version.pk).update(artefact=b"nonsense")
    job = runs.start([predictor], by=None, now=NOW + timedelta(hours=1))
    assert job is not None
    with pytest.raises(ValueError, match="not a model"):
        runs.work(job.pk, clock=clock)
    job.refresh_from_db()
    predictor.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert predictor.problem.startswith("Scoring failed: ")
    assert Score.objects.count() == 5


def test_segments_that_name_the_score_are_refreshed() -> None:
    shop(5)
    predictor = a_predictor()
    leaf = {"kind": "score", "id": predictor.pk, "op": "in_band", "bands": ["high"]}
    naming = Segment.objects.create(
        name="High", rule={"version": 1, "root": leaf}, is_stale=False, created_at=NOW, changed_at=NOW
    )
    run_all(predictor)
    naming.refresh_from_db()
    assert naming.is_stale


def test_without_a_version_in_use_nobody_is_scored() -> None:
    shop(3)
    predictor = Predictor.objects.create(name="New", days=30, created_at=NOW)
    assert runs.start([predictor], by=None, now=NOW) is None


@pytest.mark.parametrize(("where", "nth"), [("keep", 1), ("keep", 5), ("announce", 1), ("announce", 4), ("finish", 1)])
def test_a_worker_that_dies_in_the_middle_loses_nothing_and_says_nothing_twice(
    where: str, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed, it lets go of nothing: another goes on once the stretch is free again. Many change band meanwhile."""
    monkeypatch.setattr(runs, "SLICE", 2)
    shop(20)
    predictor = a_predictor()
    run_all(predictor, now=NOW)
    later = NOW + timedelta(days=1)
    turned = a_version(predictor, a_model({"orders": [(0, 2.0), (6, -2.0)]}))
    job = runs.start([predictor], by=None, now=later, people=4)
    assert job is not None
    with monkeypatch.context() as patch:
        patch.setattr(chunks, "let_go", lambda chunk: None)
        module = {"keep": chunks, "announce": runs, "finish": runs}[where]
        patch.setattr(module, where, killed_at(nth, getattr(module, where)))
        with pytest.raises(KeyboardInterrupt):
            runs.work(job.pk, clock=lambda: later)
    runs.work(job.pk, clock=lambda: later + timedelta(minutes=1))
    assert where == "finish" or Job.objects.get(pk=job.pk).state == Job.State.RUNNING
    runs.work(job.pk, clock=lambda: later + 2 * chunks.HELD)
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE
    assert set(Score.objects.values_list("model_id", "scored_at")) == {(turned.pk, later)}
    changed = ScoreChange.objects.exclude(was="")
    assert (
        0
        < changed.count()
        == changed.values("profile_id").distinct().count()
        == ScoringRun.objects.latest("id").changed
    )
    while drain("bulk", now=later).rows:
        pass
    assert rows("select count(*) from events_event where name = 'Score Band Changed'") == [(changed.count(),)]


def killed_at(nth: int, do: Callable[..., Any]) -> Callable[..., Any]:
    """Does it, and dies in the call number `nth`, before anything is committed."""
    calls = count(1)

    def killed(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == nth:
            raise KeyboardInterrupt
        return do(*args, **kwargs)

    return killed


def test_work_that_nobody_is_at_is_found_again() -> None:
    shop(3)
    job = runs.start([a_predictor()], by=None, now=NOW)
    assert job is not None
    assert runs.unheard(now=NOW + timedelta(seconds=30)) == []
    assert runs.unheard(now=NOW + timedelta(seconds=90)) == [job.pk]
    runs.advance(job.pk, clock=lambda: NOW + timedelta(seconds=95))
    assert runs.unheard(now=NOW + timedelta(seconds=100)) == []
    assert runs.unheard(now=NOW + timedelta(seconds=160)) == [job.pk]
