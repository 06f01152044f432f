"""Predictors: nothing of the future is looked at, and nothing useless is used."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from cdp.rules.parse import parse
from cdp.rules.sets import matching
from scoring.estimators.logistic import LogLogistic
from scoring.features import features_as_of
from scoring.models import Predictor, Score
from scoring.predict import score_all
from scoring.train import train
from tests.cdp.rules.test_rules import BUY, VIEW, rule
from tests.taking_in import NOW, ago, take_in, track

pytestmark = pytest.mark.django_db
PEOPLE = 240


def a_predictor(days: int = 30) -> Predictor:
    return Predictor.objects.create(name="Buys soon", event_name=BUY, days=days, created_at=NOW)


def a_shop(*, habit: bool) -> None:
    """One in three buys every week, if there is a habit; else all buy at random. All viewed something yesterday."""
    generator = np.random.default_rng(7)
    sent: list[dict[str, Any]] = []
    for person in range(PEOPLE):
        sent.append(track(f"u{person}", VIEW, at=ago(days=200)))
        likely = (0.9 if person % 3 == 0 else 0.03) if habit else 0.12
        for week in range(26):
            if generator.random() < likely:
                about = {"order_id": f"{person}-{week}", "total": 20}
                at = ago(days=7 * week + float(generator.random()) * 6)
                sent.append(track(f"u{person}", BUY, at=at, properties=about))
    take_in(sent, lane="bulk")


def test_it_learns_a_habit_beats_recency_and_scores_everybody() -> None:
    a_shop(habit=True)
    predictor = a_predictor()
    version = train(predictor, now=NOW)
    assert version.is_useful, version.verdict
    assert version.quality["auc"] > version.quality["auc_recency"] > 0.5
    assert version.verdict.startswith("In use")
    assert score_all(predictor, now=NOW) == PEOPLE
    values = Score.objects.filter(predictor_id=predictor.pk)
    assert values.filter(value__gt=0.5).count() == pytest.approx(PEOPLE / 3, rel=0.15)
    best = values.order_by("-value")[0]
    assert best.percentile == 100
    likely = parse(rule({"kind": "score", "id": predictor.pk, "op": "at_least", "value": 0.5}))
    ids = list(values.values_list("profile_id", flat=True))
    assert len(matching(likely, ids, now=NOW)) == values.filter(value__gte=0.5).count()


def test_scores_of_people_who_are_gone_go() -> None:
    a_shop(habit=True)
    predictor = a_predictor()
    train(predictor, now=NOW)
    Score.objects.create(profile_id=10**9, predictor_id=predictor.pk, value=1, percentile=100, scored_at=ago(days=1))
    score_all(predictor, now=NOW)
    assert not Score.objects.filter(profile_id=10**9).exists()


def test_what_is_random_is_not_used() -> None:
    a_shop(habit=False)
    predictor = a_predictor(days=7)
    version = train(predictor, now=NOW)
    assert not version.is_useful
    assert version.verdict.startswith("Not used, because it is not clearly better")
    predictor.refresh_from_db()
    assert predictor.active is None
    assert score_all(predictor, now=NOW) == 0


def test_too_little_says_what_is_missing() -> None:
    take_in([track("ann", BUY, properties={"order_id": "1"})])
    version = train(a_predictor(), now=NOW)
    assert not version.is_useful
    assert "needs 30 people who did it" in version.verdict


def test_features_do_not_see_the_future() -> None:
    a_shop(habit=True)
    moment = NOW - timedelta(days=60)
    before = features_as_of(moment, event_name=BUY)
    take_in([track(f"u{n}", BUY, at=ago(days=59), properties={"order_id": f"later-{n}"}) for n in range(PEOPLE)])
    after = features_as_of(moment, event_name=BUY)
    np.testing.assert_array_equal(before.values, after.values)
    take_in([track("u1", BUY, at=ago(days=61), properties={"order_id": "earlier"})], lane="bulk")
    assert not np.array_equal(before.values, features_as_of(moment, event_name=BUY).values)


def test_chunks_join_to_the_whole() -> None:
    a_shop(habit=True)
    whole = features_as_of(NOW, event_name=BUY)
    first = features_as_of(NOW, event_name=BUY, limit=100)
    rest = features_as_of(NOW, event_name=BUY, after=int(first.profile_ids[-1]), limit=1000)
    np.testing.assert_array_equal(whole.values, np.concatenate([first.values, rest.values]))


def test_plain_parameters_give_the_same_probabilities() -> None:
    generator = np.random.default_rng(3)
    values = generator.gamma(2, 30, (500, 4))
    did = (values[:, 0] + generator.normal(0, 20, 500) > 60).astype(np.int64)
    model = LogLogistic().fit(values, did)
    again = LogLogistic.from_parameters(model.parameters())
    np.testing.assert_array_equal(model.predict_proba(values), again.predict_proba(values))
    assert model.score(values, did) > 0.8
