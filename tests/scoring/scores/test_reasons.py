"""Reasons add up to the score, and their words are made of the same numbers."""

from datetime import timedelta

import numpy as np
import pytest
from scipy.special import logit

from cdp.profiles.models import Profile
from scoring import runs
from scoring.feature_columns import NUMBERS
from scoring.features import Wanted, features_as_of
from scoring.models import Predictor, Score
from scoring.reasons import MOST, reasons_from, reasons_of, usual_values
from tests.scoring.scores.made import a_model, a_predictor, a_version, shop
from tests.taking_in import NOW, take_in, track

pytestmark = pytest.mark.django_db
MANY = {one.name: [(0.0, -0.3 - n / 10), (50.0, 0.3 + n / 10)] for n, one in enumerate(NUMBERS[:14])}


def test_parts_and_base_are_the_log_odds_of_everybody() -> None:
    shop()
    table = features_as_of(NOW, wanted=Wanted())
    model = a_model(MANY, intercept=-1.0)
    log_odds = model.log_odds(table)
    for row in range(len(table)):
        found = reasons_from(model, table, usual={}, row=row)
        assert found.log_odds == pytest.approx(log_odds[row], abs=1e-6)
        assert len(found.raises) <= MOST and len(found.lowers) <= MOST
        assert [one.adds for one in found.raises] == sorted((one.adds for one in found.raises), reverse=True)
        assert all(one.adds < 0 for one in found.lowers)
        told = {one.column: one.adds for one in (*found.raises, *found.lowers)}
        parts = dict(zip((one.name for one in model.columns), model.contributions(table).parts[row], strict=True))
        assert all(adds == pytest.approx(parts[name], abs=1e-12) for name, adds in told.items())
        weakest = min((abs(adds) for adds in told.values()), default=0)
        assert np.isfinite(weakest)


def test_words_are_made_of_the_numbers_of_the_score() -> None:
    """They are of the moment of the score: what happened since is in neither."""
    shop(10)
    predictor = a_predictor()
    job = runs.start([predictor], by=None, now=NOW)
    assert job is not None
    runs.work(job.pk, clock=lambda: NOW)
    u4 = Profile.objects.get(traits__email="u4@example.com")
    later = NOW + timedelta(hours=1)
    take_in([track("u4", "Order Completed", properties={"order_id": "x", "total": 1}, at=later)], now=later)
    [found] = reasons_of(u4.pk, predictors={predictor.pk: predictor}).values()
    by = {one.column: one for one in (*found.raises, *found.lowers)}
    assert by["orders"].words == "ordered 4 times"
    assert by["orders"].value == 4
    score = Score.objects.get(profile_id=u4.pk)
    assert found.log_odds == pytest.approx((logit(score.value) + 0.1) / 0.9, abs=1e-6)


def test_much_and_little_are_told_by_what_is_usual() -> None:
    shop(10)
    predictor = a_predictor()
    edges = {"orders": {"edges": [0.0, 2.0, 5.0]}, "source": {"words": ["web"]}}
    version = a_version(predictor, reference={"bins": edges, "moments": []})
    assert usual_values(version.reference) == {"orders": 2.0}
    table = features_as_of(NOW, wanted=Wanted())
    rows = {int(pk): row for row, pk in enumerate(table.profile_ids)}
    said = {}
    for n in (1, 2, 6):
        row = rows[Profile.objects.get(traits__email=f"u{n}@example.com").pk]
        found = reasons_from(a_model(), table, usual=usual_values(version.reference), row=row)
        [said[n]] = [one.words for one in (*found.raises, *found.lowers) if one.column == "orders"]
    assert said == {1: "ordered only once", 2: "ordered only 2 times", 6: "ordered 6 times"}


def test_cold_scores_and_dates_have_none() -> None:
    shop(3)
    buys, following = a_predictor(), a_predictor(kind=Predictor.Kind.NEXT_ORDER)
    person = Profile.objects.earliest("pk").pk
    known = {"value": 0.5, "percentile": 50, "band": "medium", "scored_at": NOW}
    Score.objects.create(profile_id=person, predictor_id=buys.pk, is_cold=True, model_id=buys.active_id or 0, **known)
    Score.objects.create(profile_id=person, predictor_id=following.pk, model_id=following.active_id or 0, **known)
    assert reasons_of(person, predictors={buys.pk: buys, following.pk: following}) == {}
