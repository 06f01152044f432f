"""What is learned as plain arrays answers as scikit-learn does, and its reasons add up to the answer."""

from collections.abc import Callable
from itertools import combinations
from math import factorial

import numpy as np
import pytest
from scipy.special import logit
from sklearn.pipeline import Pipeline

from scoring.coding import coding_of
from scoring.estimators.bgnbd import BgNbd
from scoring.estimators.blend import Blend
from scoring.estimators.ensembles import as_trees, boosting, forest
from scoring.estimators.habitual import Habit, bgnbd_alone
from scoring.estimators.plain import Numbers, Plain
from scoring.estimators.trees import Trees
from tests.scoring.learn.tables import a_table

KINDS = ("squeezed", "squeezed", "plain", "category")


def a_forest() -> Pipeline:
    return forest(KINDS, trees=12, leaves=20, fewest=10, seed=1)


def a_boosting() -> Pipeline:
    return boosting(KINDS, trees=25, leaves=8, rate=0.1, seed=1)


def learned(make: Callable[[], Pipeline]) -> tuple[Trees, Pipeline, Numbers]:
    table, happened = a_table()
    coding = coding_of(table)
    fitted = make().fit(coding.matrix(table), happened)
    other, _ = a_table(300, seed=9)
    return as_trees(fitted, kinds=KINDS), fitted, coding.matrix(other)


@pytest.mark.parametrize("make", [a_forest, a_boosting])
def test_trees_answer_as_scikit_learn_does_also_about_what_is_unknown(make: Callable[[], Pipeline]) -> None:
    trees, fitted, X = learned(make)
    assert np.isnan(X[:, 0]).any() and (X[:, 3] == -1).any()
    np.testing.assert_allclose(trees.probability(X), fitted.predict_proba(X)[:, 1], atol=1e-9)


@pytest.mark.parametrize("make", [a_forest, a_boosting])
def test_reasons_of_trees_add_up(make: Callable[[], Pipeline]) -> None:
    trees, _, X = learned(make)
    reasons = trees.contributions(X)
    np.testing.assert_allclose(reasons.base + reasons.parts.sum(axis=1), trees.log_odds(X), atol=1e-9)


def test_reasons_of_trees_are_shapley_values() -> None:
    """Beside the definition: all orders of telling columns, untold ones going both ways by the people learned from."""
    trees, _, X = learned(a_boosting)
    x = trees.seen(X[:1])[0]
    columns = len(trees.owner)

    def told(which: frozenset[int], node: int) -> float:
        if trees.left[node] < 0:
            return float(trees.value[node])
        left, right, j = int(trees.left[node]), int(trees.right[node]), int(trees.feature[node])
        if j in which:
            goes_left = trees.is_left_if_unknown[node] if np.isnan(x[j]) else x[j] <= trees.threshold[node]
            return told(which, left if goes_left else right)
        share = trees.cover[left] / trees.cover[node]
        return float(share * told(which, left) + (1 - share) * told(which, right))

    sets = [frozenset(one) for size in range(columns + 1) for one in combinations(range(columns), size)]
    value = {one: sum(told(one, int(root)) for root in trees.roots) for one in sets}
    expected = np.zeros(columns)
    for i in range(columns):
        for one in sets:
            if i not in one:
                weight = factorial(len(one)) * factorial(columns - len(one) - 1) / factorial(columns)
                expected[i] += weight * (value[one | {i}] - value[one])
    _, found = trees._paths.shares(trees.seen(X[:1]))
    np.testing.assert_allclose(found[0], expected, atol=1e-9)


def test_a_blend_and_bgnbd_alone_add_up_too_and_come_back_from_their_arrays() -> None:
    trees, _, X = learned(a_boosting)
    X = np.column_stack([X[:, 1] + 1, X[:, 0], X[:, 0] + 30, X[:, 3]])
    bgnbd = BgNbd.from_parameters(np.array([0.5, 40.0, 0.8, 3.0]))
    habit = Habit(bgnbd, (0, 1, 2), 90.0)
    alone = bgnbd_alone(habit, X, sign=-1.0, otherwise=2.0)
    ordered = ~np.isnan(X[:, 1])
    from_bgnbd = -habit.derived(X)[ordered, 1]
    np.testing.assert_allclose(alone.log_odds(X)[ordered], from_bgnbd)
    np.testing.assert_allclose(alone.log_odds(X)[~ordered], 2.0)
    for plain in (alone, Blend((alone, trees))):
        reasons = plain.contributions(X)
        np.testing.assert_allclose(reasons.base + reasons.parts.sum(axis=1), plain.log_odds(X), atol=1e-9)
        again: Plain = type(plain).from_arrays(plain.arrays())
        np.testing.assert_array_equal(again.log_odds(X), plain.log_odds(X))


def test_a_tree_that_points_backwards_is_refused() -> None:
    trees, _, _ = learned(a_forest)
    left = trees.left.copy()
    left[np.flatnonzero(left >= 0)[3]] = 0
    with pytest.raises(ValueError, match="backwards"):
        Trees.from_arrays({**trees.arrays(), "left": left})


def test_log_odds_of_a_sure_forest_are_finite() -> None:
    trees, _, X = learned(lambda: forest(KINDS, trees=1, leaves=1000, fewest=1, seed=1))
    assert np.abs(trees.log_odds(X)).max() == pytest.approx(logit(1 - 1e-4))
