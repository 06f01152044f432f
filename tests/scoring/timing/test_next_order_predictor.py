"""The predictor of the next order, from events to dates of people."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from cdp.rules.parse import parse
from cdp.rules.sets import matching
from scoring import runs
from scoring.answers import answers
from scoring.features import Wanted, features_as_of
from scoring.models import Predictor, Score, ScoringRun, TrainedModel
from scoring.next_order import NO_DATE_DAYS, Learned, learn_next_order
from scoring.packed import NotAnArtefact
from tests.cdp.rules.test_rules import rule
from tests.scoring.timing.made_orders import Life, lives
from tests.taking_in import NOW, rows, take_in, track

pytestmark = pytest.mark.django_db
NOW_DAY = 640.0


def a_shop(people: list[Life]) -> None:
    """As it is known on day NOW_DAY of the made lives: what comes later is told too, and must not be seen."""
    sent: list[dict[str, Any]] = []
    for number, orders in enumerate(people):
        for turn, day in enumerate(orders[orders <= NOW_DAY + 100]):
            at = NOW - timedelta(days=NOW_DAY - float(day))
            about = {"order_id": f"{number}-{turn}", "total": 20}
            sent.append(track(f"u{number}", "Order Completed", at=at, properties=about, context={"n": number}))
    take_in(sent, lane="bulk", now=NOW + timedelta(days=101))


def a_predictor(days: int = 60) -> Predictor:
    return Predictor.objects.create(name="Next", kind="next_order", days=days, created_at=NOW)


def kept(predictor: Predictor, learned: Learned) -> TrainedModel:
    return TrainedModel.objects.create(
        predictor=predictor, number=1, trained_at=NOW, as_of=NOW, seed=1, quality={}, is_useful=True, verdict="",
        artefact=learned.artefact,
    )  # fmt: skip


@pytest.fixture(scope="module")
def people() -> list[Life]:
    return lives(320, seed=11, leaving=(1, 5))


def test_it_learns_is_measured_and_gives_dates_that_hold(people: list[Life]) -> None:
    a_shop(people)
    predictor = a_predictor()
    learned = learn_next_order(predictor, now=NOW, seed=1)
    assert learned.is_useful, learned.verdict
    assert learned.quality.mae is not None
    assert learned.quality.mae_baseline is not None
    assert learned.quality.mae < learned.quality.mae_baseline
    assert learned.quality.covered == pytest.approx(0.8, abs=0.1)
    assert learned.verdict.startswith("In use: on the latest 60 days")
    table = features_as_of(NOW, wanted=Wanted())
    said = answers(predictor, kept(predictor, learned).pk, table, now=NOW)
    assert said.days is not None
    dated = ~np.isnan(said.days[:, 1])
    assert 0.2 < dated.mean() < 0.9
    assert np.all(np.diff(said.days[dated], axis=1) >= 0)
    assert set(said.values[~dated]) == {NO_DATE_DAYS}
    np.testing.assert_allclose(said.values[dated], said.days[dated, 1])
    inside, returned = _held(people, said.profile_ids, said.days)
    assert returned > 60
    assert inside / returned == pytest.approx(0.8, abs=0.12)
    moments = learned.reference["moments"] if learned.reference else []
    assert len(moments) == 14
    assert set(moments[0]["shares"]) == {"recency_days", "mean_gap_days", "orders_365d", "score"}


def _held(people: list[Life], ids: Any, days: Any) -> tuple[int, int]:
    """Of those with a date who came back: how many within its span."""
    numbers = dict(rows("select distinct profile_id, (context->>'n')::int from events_event"))
    inside = returned = 0
    for profile_id, (earliest, _, latest) in zip(ids.tolist(), days.tolist(), strict=True):
        orders = people[numbers[profile_id]]
        later = orders[orders > NOW_DAY]
        if len(later) and not np.isnan(earliest):
            returned += 1
            inside += bool(earliest <= later[0] - NOW_DAY <= latest)
    return inside, returned


def test_nothing_after_the_moment_is_looked_at(people: list[Life]) -> None:
    a_shop([orders[orders <= NOW_DAY] for orders in people])
    before = learn_next_order(a_predictor(), now=NOW, seed=1)
    take_in(
        [
            track(f"u{n}", "Order Completed", at=NOW + timedelta(days=3), properties={"order_id": f"later{n}"})
            for n in range(100)
        ],
        lane="bulk",
        now=NOW + timedelta(days=5),
    )
    Predictor.objects.all().delete()
    assert learn_next_order(a_predictor(), now=NOW, seed=1) == before


def test_too_little_says_what_is_missing() -> None:
    take_in([track("ann", "Order Completed", properties={"order_id": "1"})])
    learned = learn_next_order(a_predictor(), now=NOW, seed=1)
    assert not learned.is_useful
    assert not learned.artefact
    assert (
        learned.verdict == "Not used, because there is too little to learn from: nobody had ordered twice 120 days ago."
    )


def test_bytes_that_are_no_dates_are_refused() -> None:
    take_in([track("ann", "Order Completed", properties={"order_id": "1"})])
    predictor = a_predictor()
    version = kept(predictor, Learned(quality=None, verdict="", artefact=b"pickle"))  # type: ignore[arg-type]
    with pytest.raises(NotAnArtefact):
        answers(predictor, version.pk, features_as_of(NOW, wanted=Wanted()), now=NOW)


def test_a_run_writes_dates_and_keeps_how_people_moved(people: list[Life]) -> None:
    a_shop(people)
    predictor = a_predictor()
    learned = learn_next_order(predictor, now=NOW, seed=1)
    version = kept(predictor, learned)
    version.reference = learned.reference or {}
    version.save()
    Predictor.objects.filter(pk=predictor.pk).update(active=version)
    job = runs.start(Predictor.objects.all(), by=None, now=NOW)
    assert job is not None
    runs.work(job.pk, clock=lambda: NOW)
    scores = Score.objects.filter(predictor_id=predictor.pk)
    dated = scores.exclude(expected_at=None)
    assert 0 < dated.count() < scores.count()
    for one in dated[:50]:
        assert one.expected_at is not None
        assert one.earliest_at is not None
        assert one.latest_at is not None
        assert NOW <= one.earliest_at <= one.expected_at <= one.latest_at
        assert (one.expected_at - NOW).total_seconds() / 86400 == pytest.approx(one.value, abs=0.01)
    assert {one.value for one in scores.filter(expected_at=None)} == {NO_DATE_DAYS}
    run = ScoringRun.objects.get()
    assert run.mean is not None
    assert run.mean <= NO_DATE_DAYS
    assert set(run.drift) == {"recency_days", "mean_gap_days", "orders_365d", "score"}
    assert not run.is_drifted
    soon = parse(rule({"kind": "score", "id": predictor.pk, "op": "expected_within", "amount": 14, "unit": "day"}))
    ids = list(scores.values_list("profile_id", flat=True))
    assert set(matching(soon, ids, now=NOW)) == set(
        dated.filter(expected_at__lte=NOW + timedelta(days=14)).values_list("profile_id", flat=True)
    )
