"""Measures, beside scikit-learn's and beside what they must be."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from scoring.training import figures

HAPPENED = np.array([0, 0, 1, 0, 1, 1, 0, 1, 0, 1], dtype=np.float64)
SAID = np.array([0.1, 0.2, 0.3, 0.3, 0.5, 0.6, 0.6, 0.7, 0.1, 0.9])


def drawn(n: int = 3000, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    said = generator.beta(2, 5, n)
    return (generator.random(n) < said).astype(np.float64), said


def test_auc_counts_ties_half_and_needs_both_kinds() -> None:
    assert figures.auc(HAPPENED, SAID) == pytest.approx(roc_auc_score(HAPPENED, SAID))
    assert figures.auc(np.ones(3), np.arange(3.0)) is None


def test_hanley_and_mcneils_error() -> None:
    """Their table: an AUC of 0.893 with 51 abnormal and 58 normal images has a standard error of 0.032."""
    assert figures.auc_error(0.893, did=51, did_not=58) == pytest.approx(0.032, abs=0.001)


def test_two_rankings_are_told_apart_only_beyond_luck() -> None:
    happened, said = drawn()
    worse = said + np.random.default_rng(2).normal(0, 0.5, len(said))
    clear, none = figures.compared(happened, said, worse), figures.compared(happened, said, said)
    assert clear is not None and none is not None
    by = (figures.auc(happened, said) or 0) - (figures.auc(happened, worse) or 0)
    assert clear.by == pytest.approx(by) and clear.chance < 0.001
    assert none.by == 0 and none.chance == 1


def test_luck_is_found_as_often_as_promised() -> None:
    generator = np.random.default_rng(4)
    found = []
    for _ in range(300):
        happened = (generator.random(200) < 0.3).astype(np.float64)
        compared = figures.compared(happened, generator.random(200), generator.random(200))
        found.append(compared is not None and compared.chance < 0.05)
    assert 0.02 < np.mean(found) < 0.09


def test_calibration_of_true_probabilities_is_right_and_of_doubled_ones_wrong() -> None:
    happened, said = drawn()
    assert (figures.calibration_error(figures.calibration(happened, said)) or 1) < 0.03
    assert (figures.calibration_error(figures.calibration(happened, np.minimum(1, 2 * said))) or 0) > 0.2
    assert sum(one.people for one in figures.calibration(happened, said)) == len(happened)


def test_the_curve_tells_whom_a_threshold_takes() -> None:
    for point in figures.curve(HAPPENED, SAID):
        chosen = point.threshold <= SAID
        assert (point.people, point.happened) == (chosen.sum(), HAPPENED[chosen].sum())
        assert figures.f1_at(HAPPENED, SAID, point.threshold) == pytest.approx(f1_score(HAPPENED, chosen))
    best = figures.best_threshold(HAPPENED, SAID)
    assert figures.f1_at(HAPPENED, SAID, best) == max(
        figures.f1_at(HAPPENED, SAID, point.threshold) for point in figures.curve(HAPPENED, SAID)
    )


def test_gains_rise_from_nothing_to_all() -> None:
    happened, said = drawn()
    parts = [one.part for one in figures.gains(happened, said)]
    assert parts[0] == 0 and parts[-1] == 1 and parts == sorted(parts)
    assert parts[2] > 0.15
