"""Training a predictor on a shop's records: nothing useless is used, and a version only takes over if no worse."""

from typing import Any

import numpy as np
import pytest

from scoring.artefact import Model
from scoring.features import Wanted, features_as_of
from scoring.models import Predictor, TrainedModel
from scoring.quality import Quality
from scoring.train import train
from scoring.training.champion import is_no_worse
from scoring.training.figures import Compared
from scoring.training.records import Records
from scoring.training.verdict import verdict_of
from scoring.versions import NotUseful, use_version
from tests.taking_in import NOW, ago, take_in, track

pytestmark = pytest.mark.django_db
PEOPLE, WEEKS = 130, 28


def a_predictor(kind: str = "purchase", days: int = 30, **more: Any) -> Predictor:
    return Predictor.objects.create(name=f"P{Predictor.objects.count()}", kind=kind, days=days, created_at=NOW, **more)


def a_shop(*, habit: bool, people: int = PEOPLE) -> None:
    """One in three buys most weeks, if there is a habit; else all buy at random. All viewed something long ago."""
    generator = np.random.default_rng(7)
    sent: list[dict[str, Any]] = []
    for person in range(people):
        sent.append(track(f"u{person}", "Product Viewed", at=ago(days=7 * WEEKS)))
        likely = (0.6 if person % 3 == 0 else 0.06) if habit else 0.12
        for week in range(WEEKS):
            if generator.random() < likely:
                about = {"order_id": f"{person}-{week}", "total": 20 + person % 7}
                at = ago(days=7 * week + float(generator.random()) * 6)
                sent.append(track(f"u{person}", "Order Completed", at=at, properties=about))
    take_in(sent, lane="bulk")


def trained(predictor: Predictor, **more: Any) -> TrainedModel:
    return train(predictor, now=more.pop("now", NOW), seed=1, budget_s=1, **more)


def test_a_habit_is_learned_measured_and_used() -> None:
    a_shop(habit=True)
    predictor = a_predictor()
    steps: list[str] = []
    version = trained(predictor, report=steps.append)
    assert version.is_useful and not version.is_simple, version.verdict
    assert version.verdict.startswith("Useful: on the latest 30 days, which it had not seen, it put the right one")
    quality = version.quality
    assert quality["auc"] > quality["auc_recency"] > 0.5
    assert version.is_confident == (quality["auc"] > 0.75)
    assert quality["people"] == PEOPLE == sum(one["people"] for one in quality["calibration"])
    assert version.candidates[0]["log_loss"] <= version.candidates[-1]["log_loss"]
    assert {"recency", "bgnbd", "logistic", "boosting", "blend"} <= {one["name"] for one in version.candidates}
    assert version.reference["moments"] and steps
    predictor.refresh_from_db()
    assert (predictor.active, predictor.trained_at) == (version, NOW)
    table = features_as_of(NOW, wanted=Wanted())
    said = Model.read(version.artefact).probabilities(table)
    orders = table.column("orders")
    assert said[orders > 10].mean() > 0.6 > 0.4 > said[orders < 5].mean()


def test_two_versions_of_the_same_data_and_seed_are_equal_and_the_newer_takes_over() -> None:
    a_shop(habit=True)
    predictor = a_predictor()
    first, second = trained(predictor), trained(predictor)
    assert bytes(first.artefact) == bytes(second.artefact)
    assert [first.number, second.number] == [1, 2]
    predictor.refresh_from_db()
    assert predictor.active == second
    assert use_version(first)
    predictor.refresh_from_db()
    assert predictor.active == first


def test_where_nobody_asked_for_it_a_new_version_waits() -> None:
    a_shop(habit=True)
    predictor = a_predictor(is_automatic=False)
    first, second = trained(predictor), trained(predictor)
    predictor.refresh_from_db()
    assert predictor.active == first
    assert second.verdict.endswith("It waits until somebody takes it into use.")


def test_a_champion_that_ranks_better_stays() -> None:
    a_shop(habit=True)
    predictor = a_predictor()
    champion = trained(predictor)
    past = Records(predictor, 1)
    poor = {"candidate": {"name": "recency", "parameters": {}, "parts": []}, "slope": 1.0}
    challenger = Model.read(champion.artefact)
    weaker = Model(challenger.coding, challenger.plain, challenger.calibration, challenger.newcomers, "recency", poor)
    assert not is_no_worse(past, weaker, champion, now=NOW, seed=1)
    assert is_no_worse(past, challenger, champion, now=NOW, seed=1)
    champion.artefact = weaker.to_bytes()
    assert is_no_worse(past, challenger, champion, now=NOW, seed=1)


def test_what_is_random_is_not_used_and_cannot_be() -> None:
    a_shop(habit=False)
    predictor = a_predictor()
    version = trained(predictor)
    assert not version.is_useful
    assert version.verdict.startswith("Not used, because")
    predictor.refresh_from_db()
    assert predictor.active is None
    with pytest.raises(NotUseful):
        use_version(version)


def test_too_little_says_what_is_missing_and_lets_the_simple_model_stand_in() -> None:
    a_shop(habit=True, people=14)
    predictor = a_predictor(days=120)
    version = trained(predictor)
    assert version.is_simple and not version.is_useful and version.estimator == "bgnbd"
    assert "three windows of 120 days: 360 days" in version.verdict
    assert "people bought in the latest 120 days; 30 are needed." in version.verdict
    predictor.refresh_from_db()
    assert predictor.active == version
    said = Model.read(version.artefact).probabilities(features_as_of(NOW, wanted=Wanted()))
    assert np.all((said >= 0) & (said <= 1))


def test_nothing_to_learn_from_leaves_no_model() -> None:
    take_in([track("ann", "Product Viewed")])
    predictor = a_predictor(kind="event", event_name="Signed Up")
    version = trained(predictor)
    assert version.verdict.startswith("Not used, because there is too little to learn from.")
    assert not bytes(version.artefact)
    predictor.refresh_from_db()
    assert predictor.active is None


@pytest.mark.parametrize("kind", ["churn", "lapse", "event", "value"])
def test_other_kinds_are_learned_too(kind: str) -> None:
    a_shop(habit=True, people=260 if kind == "lapse" else PEOPLE)
    predictor = a_predictor(kind=kind, event_name="Order Completed" if kind == "event" else "")
    version = trained(predictor)
    assert version.artefact and not version.is_simple, version.verdict
    model = Model.read(version.artefact)
    table = features_as_of(NOW, wanted=Wanted(events=("Order Completed",)))
    said = model.amounts(table) if kind == "value" else model.probabilities(table)
    often, seldom = table.column("orders") > 10, table.column("orders") < 5
    if kind in ("churn", "lapse"):
        often, seldom = seldom, often
    assert said[often].mean() > said[seldom].mean()
    if kind == "value":
        assert version.quality["mae"] < version.quality["mae_baseline"]
        assert version.is_useful == version.verdict.startswith("Useful")


def test_newcomers_have_rates_of_their_own() -> None:
    a_shop(habit=True)
    take_in([track(f"new{n}", "Signed Up", at=ago(days=33)) for n in range(40)])
    version = trained(a_predictor())
    rates = Model.read(version.artefact).newcomers
    assert rates.by_group[("Signed Up",)] < rates.overall < 0.5


def test_luck_is_not_called_useful_and_only_much_better_is_confident() -> None:
    quality = Quality(people=500, happened=100, auc=0.72, auc_recency=0.70)
    lucky = verdict_of(quality, Compared(by=0.02, chance=0.2), days=30)
    clear = verdict_of(quality, Compared(by=0.02, chance=0.01), days=30)
    assert (lucky.is_useful, clear.is_useful, clear.is_confident) == (False, True, False)
    assert "may be luck" in lucky.text and "72 times in 100" in clear.text
    assert verdict_of(Quality(500, 100, auc=0.8), Compared(0.1, 0.0), days=30).is_confident
