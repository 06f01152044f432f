"""A model and its bytes: the same answers, reasons that add up, and nothing foreign is read."""

import numpy as np
import pytest
from scipy.special import expit

from scoring.artefact import Model
from scoring.coding import LacksColumn, coding_of
from scoring.cold import Newcomer, NewcomerRates, newcomer_rates
from scoring.columns import FeatureTable
from scoring.estimators.calibration import Calibration
from scoring.estimators.logistic import additive, logistic
from scoring.packed import NotAnArtefact
from tests.scoring.learn.tables import a_table

KINDS = ("squeezed", "squeezed", "plain", "category")


def a_model(table: FeatureTable, happened: np.ndarray, *, bends: int = 3) -> Model:
    coding = coding_of(table)
    X = coding.matrix(table)
    fitted = logistic(KINDS, C=1.0, bends=bends).fit(X, happened)
    plain = additive(fitted, X, kinds=KINDS)
    np.testing.assert_allclose(plain.log_odds(X), fitted.decision_function(X), atol=1e-9)
    return Model(coding, plain, Calibration(0.9, -0.1), NewcomerRates(0.2), "logistic")


@pytest.mark.parametrize("bends", [0, 1, 4])
def test_curves_are_the_pipeline_and_contributions_add_up(bends: int) -> None:
    table, happened = a_table()
    model = a_model(table, happened, bends=bends)
    other, _ = a_table(seed=5)
    other.values[0] = [1e9, 1e9, -5]
    reasons = model.contributions(other)
    assert reasons.parts.shape == (len(other), len(model.columns))
    np.testing.assert_allclose(reasons.base + reasons.parts.sum(axis=1), model.log_odds(other), atol=1e-9)
    np.testing.assert_allclose(model.probabilities(other), expit(0.9 * model.log_odds(other) - 0.1))


def test_it_comes_back_from_its_bytes_and_reads_columns_by_name() -> None:
    table, happened = a_table()
    model = a_model(table, happened)
    again = Model.read(model.to_bytes())
    assert again.columns == model.columns
    assert again.to_bytes() == model.to_bytes()
    turned = FeatureTable(table.profile_ids, table.numeric[::-1], table.values[:, ::-1], table.categories, table.words)
    np.testing.assert_array_equal(again.probabilities(turned), model.probabilities(table))
    lacking = FeatureTable(table.profile_ids, table.numeric[1:], table.values[:, 1:], table.categories, table.words)
    with pytest.raises(LacksColumn, match="days_since_order"):
        again.probabilities(lacking)


def test_foreign_bytes_are_refused() -> None:
    table, happened = a_table()
    data = a_model(table, happened).to_bytes()
    pickled = b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
    for foreign in (b"", pickled, data[:-1], data + b"x", data[:60], data.replace(b"additive", b"subtract")):
        with pytest.raises(NotAnArtefact):
            Model.read(foreign)


def test_newcomers_get_the_rate_of_those_like_them_drawn_to_the_rest() -> None:
    viewers = [Newcomer("Product Viewed", "web", False)] * 400
    buyers = [Newcomer("Order Completed", "web", True)] * 400
    happened = np.array([0.0] * 380 + [1.0] * 20 + [0.0] * 200 + [1.0] * 200)
    rates = newcomer_rates([*viewers, *buyers], happened, prior=0.3)
    few = Newcomer("Order Completed", "till", False)
    low, high, like_high, unknown = rates.rates([viewers[0], buyers[0], few, Newcomer("Other", "web", True)])
    assert 0.05 < low < 0.12 < unknown < 0.35 < like_high == pytest.approx(high, abs=0.05)
