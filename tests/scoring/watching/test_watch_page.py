"""The page of one predictor over time: scores, drift, what came true; who may see it."""

from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from scoring.quality import Bin, Realised
from scoring.watching.alarm import watch
from scoring.watching.realised import of_probabilities
from tests.cast import Cast
from tests.scoring.watching.test_alarm import a_predictor, a_run, drifted
from tests.taking_in import NOW, ago

pytestmark = pytest.mark.django_db


def shown(cast: Cast, pk: int) -> tuple[str, dict[str, object]]:
    answer = cast.client("vic").get(f"/predictions/{pk}/watch/")
    assert answer.status_code == 200
    return answer.content.decode(), answer.context["charts"]


def test_nothing_yet(cast: Cast) -> None:
    text, charts = shown(cast, a_predictor().pk)
    assert "Nothing to watch yet" in text
    assert charts == {}


def test_months_of_runs(cast: Cast) -> None:
    predictor = a_predictor(trained_at=ago(days=90))
    for back in range(60, -1, -10):
        bands = {"low": 500, "medium": 300, "high": 200}
        run = a_run(predictor, ago(days=back), mean=0.21, bands=bands, drift={"score": 0.01, "recency_days": 0.05})
        if back >= 30:
            came = Realised(800, 0.21, 0.2, auc=0.77, calibration=(Bin(0.1, 0.1, 400), Bin(0.32, 0.3, 400)))
            run.realised, run.realised_at = asdict(came), run.at + timedelta(days=30)
            run.save()
    text, charts = shown(cast, predictor.pk)
    assert set(charts) == {"mean", "bands", "drift", "ranking", "calibration"}
    came = charts["mean"]["series"][1]  # type: ignore[index]
    assert came["name"] == "Came true"
    assert came["data"] == [20.0] * 4 + [None] * 3
    assert "recency_days" not in text, "features are told in words"
    assert "days since the last order" in text
    assert "It needs a look" not in text


def test_an_alarm_is_said_here_and_on_the_predictors_own_page(cast: Cast) -> None:
    predictor = a_predictor()
    drifted(predictor)
    watch(now=NOW)
    text, _ = shown(cast, predictor.pk)
    assert "People have changed since it learned" in text
    assert "Drifted" in text
    assert (
        "People have changed since it learned"
        in cast.client("vic").get(f"/predictions/{predictor.pk}/").content.decode()
    )


def test_a_miss_is_marked_in_the_table(cast: Cast) -> None:
    predictor = a_predictor(trained_at=ago(days=60))
    found = of_probabilities(np.full(400, 0.1), np.repeat([0.0, 1.0], 200), auc_measured=None)
    a_run(predictor, ago(days=40), realised=asdict(found), realised_at=ago(days=10))
    text, _ = shown(cast, predictor.pk)
    assert "Not as said" in text


def test_the_page_costs_the_same_however_many_runs(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    predictor = a_predictor()
    for back in range(120):
        a_run(predictor, ago(days=back), mean=0.2, drift={"score": 0.0})
    client = cast.client("vic")
    client.get(f"/predictions/{predictor.pk}/watch/")
    with django_assert_max_num_queries(14):
        client.get(f"/predictions/{predictor.pk}/watch/")
