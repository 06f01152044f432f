"""Forecasts that were right raise no alarm, forecasts that were wrong do; luck and small numbers do not."""

import numpy as np
import pytest

from scoring.watching.realised import of_amounts, of_probabilities


def people(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and what came of them."""
    generator = np.random.default_rng(seed)
    said = generator.beta(1.2, 4, n)
    return said, (generator.random(n) < said).astype(np.float64)


def test_what_came_as_said_is_no_alarm() -> None:
    off = [of_probabilities(*people(3000, seed), auc_measured=0.75).is_off for seed in range(60)]
    assert sum(off) == 0


def test_the_measures() -> None:
    said, came = people(5000)
    found = of_probabilities(said, came, auc_measured=0.75)
    assert found.people == 5000
    assert found.said == pytest.approx(said.mean())
    assert found.came == pytest.approx(came.mean())
    assert found.brier == pytest.approx(((said - came) ** 2).mean())
    assert found.auc is not None
    assert 0.68 < found.auc < 0.78
    assert found.calibration_error is not None
    assert found.calibration_error < 0.03
    assert [one.people for one in found.calibration] == [500] * 10
    assert found.verdict.startswith("As said: ")


def test_more_came_than_was_said() -> None:
    said, _ = people(3000)
    came = (np.random.default_rng(2).random(3000) < np.minimum(1.5 * said, 1)).astype(np.float64)
    found = of_probabilities(said, came, auc_measured=0.75)
    assert found.is_off
    assert found.verdict.startswith("Not as said: ")


def test_right_on_average_and_wrong_at_both_ends() -> None:
    _, came = people(5000)
    truth, _ = people(5000)
    said = np.clip(truth.mean() + 2.2 * (truth - truth.mean()), 0.001, 0.999)
    said *= came.mean() / said.mean()
    found = of_probabilities(np.minimum(said, 0.999), came, auc_measured=0.75)
    assert abs(found.said - found.came) < 0.02
    assert found.is_off
    assert "right on average, but" in found.verdict


def test_it_ranks_worse_than_it_did() -> None:
    said, came = people(5000)
    shuffled = came.copy()
    np.random.default_rng(3).shuffle(shuffled[:4000])
    flat = np.clip(0.9 * came.mean() + 0.1 * said, 0, 1)
    found = of_probabilities(flat, shuffled, auc_measured=0.75)
    assert found.is_off
    assert found.verdict.startswith("It ranks people worse")


def test_a_certain_but_small_miss_does_not_matter() -> None:
    said = np.full(400_000, 0.20)
    came = (np.random.default_rng(4).random(400_000) < 0.21).astype(np.float64)
    assert not of_probabilities(said, came, auc_measured=None).is_off


def test_few_people_tell_nothing() -> None:
    found = of_probabilities(np.full(40, 0.1), np.ones(40), auc_measured=0.75)
    assert not found.is_off
    assert "too few" in found.verdict
    assert of_probabilities(np.empty(0), np.empty(0), auc_measured=None).people == 0


def test_money() -> None:
    generator = np.random.default_rng(5)
    said = generator.gamma(2, 30, 4000)
    came = said * generator.gamma(0.4, 1 / 0.4, 4000)
    right = of_amounts(said, came, unit="EUR")
    assert not right.is_off
    assert right.mae == pytest.approx(np.abs(came - said).mean())
    wrong = of_amounts(said, 1.6 * came, unit="EUR")
    assert wrong.is_off
    assert "EUR each were said" in wrong.verdict
