"""Numbers that others published for the same questions."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln
from statsmodels.stats.proportion import power_proportions_2indep

from campaigns.experiments.statistics import chances
from campaigns.experiments.statistics.compare import difference, holm, lift, mismatch
from campaigns.experiments.statistics.power import Design, power_once
from campaigns.experiments.statistics.samples import (
    Sample,
    Sums,
    adjusted,
    of_share,
    of_values,
    share_interval,
)
from campaigns.experiments.statistics.sequential import always_valid, boundary

SLEEP = ([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
"""R's data set `sleep` (Student 1908)."""


def values(some: Any) -> Sample:
    array = np.asarray(some, dtype=float)
    return of_values(len(array), float(array.sum()), float((array**2).sum()))


def sums(y: Any, x: Any) -> Sums:
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    return Sums(len(y), *map(float, (y.sum(), x.sum(), (y * y).sum(), (x * x).sum(), (x * y).sum())))


def test_difference_of_means_as_r_says() -> None:
    """R: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p = 0.07939, -3.3654832 to 0.2054832."""
    found = difference(values(SLEEP[1]), values(SLEEP[0]))
    assert found is not None
    assert found.value / found.error == pytest.approx(-1.8608, abs=5e-5)
    assert (found.low, found.high, found.p) == pytest.approx((-3.3654832, 0.2054832, 0.07939), abs=5e-6)


def test_difference_and_lift_as_growthbook_says() -> None:
    """growthbook/growthbook, packages/stats/tests/frequentist/test_tests.py: one pair, absolute and relative."""
    first, other = Sample(3407, 0.41, 3.9**2), Sample(3461, 0.7, 6.2**2)
    absolute, relative = difference(first, other), lift(first, other)
    assert absolute is not None and relative is not None
    assert (absolute.value, absolute.low, absolute.high, absolute.p) == pytest.approx(
        (0.29, 0.04538, 0.53462, 0.02016), abs=6e-6
    )
    assert (relative.value, relative.error, relative.low, relative.high, relative.p) == pytest.approx(
        (0.70732, 0.37879, -0.03526, 1.44989, 0.06191), abs=6e-6
    )


def test_lift_of_shares_as_growthbook_says() -> None:
    """The same file, test_two_sided_ttest_binom."""
    found = lift(of_share(28, 14), of_share(30, 16))
    assert found is not None
    assert (found.value, found.error, found.low, found.high, found.p) == pytest.approx(
        (0.06667, 0.2717, -0.47767, 0.61101, 0.80707), abs=6e-6
    )


@pytest.mark.parametrize(
    ("first", "other", "tuned", "wanted"),
    [
        (of_values(3000, 1396.87, 52377.9767), of_values(3461, 2422.7, 134698.29), 1000, (-0.55844, 1.56516)),
        (of_share(3000, 1396), of_share(3461, 2422), 5000, (0.40098, 0.60675)),
    ],
)
def test_confidence_sequence_as_growthbook_says(
    first: Sample, other: Sample, tuned: int, wanted: tuple[float, float]
) -> None:
    """The same file, TestSequentialTTest. There the clock is people, n, of variance σ²: V = σ² n, V* = σ² n*."""
    found = lift(first, other)
    assert found is not None
    n = first.n + other.n
    of_one = found.error**2 * n
    reach = float(boundary(np.asarray(of_one * n), tightest=of_one * tuned)) / n
    assert (found.value - reach, found.value + reach) == pytest.approx(wanted, abs=6e-6)


def test_the_sequence_is_that_of_the_paper() -> None:
    """Waudby-Smith and others, theorem 2.2, σ √(2 (t ρ² + 1) / (t² ρ²) · ln(√(t ρ² + 1) / α)), written out."""
    t, alpha, first_tight = np.arange(1.0, 5_000.0), 0.05, 800.0
    rho2 = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / first_tight
    theirs = np.sqrt(2 * (t * rho2 + 1) / (t**2 * rho2) * np.log(np.sqrt(t * rho2 + 1) / alpha))
    assert boundary(t, alpha=alpha, tightest=first_tight) / t == pytest.approx(theirs, rel=1e-12)


def test_an_always_valid_p_is_below_alpha_just_where_the_interval_leaves_out_0() -> None:
    for hits in range(20, 200):
        found = always_valid(of_share(2_000, 60), of_share(3_000, hits))
        assert found is not None and (found.p < 0.05) == (found.low > 0 or found.high < 0)


@pytest.mark.parametrize(
    ("hits", "n", "wanted"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_interval_of_a_share(hits: int, n: int, wanted: tuple[float, float]) -> None:
    """Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3."""
    assert share_interval(n, hits) == pytest.approx(wanted, abs=5.1e-5)


@pytest.mark.parametrize(
    ("counts", "parts", "wanted"),
    [
        ([821_588, 815_482], [1, 1], 1.8e-6),  # Kohavi, Tang, Xu: Trustworthy Online Controlled Experiments, ch. 3, 21
        ([89, 37, 30, 28, 2], [40, 20, 20, 15, 5], 0.04059),  # R: the example of ?chisq.test
    ],
)
def test_sizes_of_groups(counts: list[int], parts: list[float], wanted: float) -> None:
    assert mismatch(counts, parts) == pytest.approx(wanted, rel=0.02)
    expected = np.asarray(parts) * sum(counts) / sum(parts)
    assert mismatch(counts, parts) == pytest.approx(float(stats.chisquare(counts, expected).pvalue), rel=1e-9)


def test_several_comparisons() -> None:
    """R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 0.03 0.06 0.06 0.02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_power_as_r_says() -> None:
    """R: power.prop.test(n = 50, p1 = .50, p2 = .75), the example of its page: power = 0.7401659. Of groups that
    are not equal, as statsmodels says."""
    design = Design(0.5, 50, 50)
    assert power_once(design, lift=0.5) == pytest.approx(0.7401659, abs=2e-5)
    assert power_once(Design(0.02, 3_000, 1_000), lift=0.3) == pytest.approx(
        float(power_proportions_2indep(0.006, 0.02, 1_000, ratio=3, return_results=False))
    )


def test_chance_to_be_best_as_the_closed_form_says() -> None:
    """Miller, Formulas for Bayesian A/B Testing (2015), eq. 6, with our prior."""
    (n1, k1), (n2, k2) = (400, 20), (380, 29)
    m = (1 + k1 + k2) / (2 + n1 + n2)
    a1, b1, a2, b2 = 1 + k1, (1 - m) / m + n1 - k1, 1 + k2, (1 - m) / m + n2 - k2
    i = np.arange(a2)
    exact = float(np.exp(betaln(a1 + i, b2 + b1) - np.log(b2 + i) - betaln(1 + i, b2) - betaln(a1, b1)).sum())
    found = chances.of_shares([(n1, k1), (n2, k2)], rng=np.random.default_rng(3), draws=400_000)
    assert found[1].best == pytest.approx(exact, abs=0.003)
    assert found[0].best + found[1].best == pytest.approx(1)
    assert found[1].loss - found[0].loss == pytest.approx(a1 / (a1 + b1) - a2 / (a2 + b2), abs=2e-4)


def test_of_a_lift_nothing_is_said_while_nobody_of_one_group_did_it() -> None:
    nobody, somebody = of_share(10, 0), of_share(10, 1)
    assert lift(somebody, nobody) is None
    assert lift(nobody, somebody) is None
    assert lift(of_share(10, 10), of_share(10, 10)) is None


def test_a_small_group_is_not_the_better_for_being_small() -> None:
    small, large = chances.of_shares([(172, 0), (1_572, 2)], rng=np.random.default_rng(5))
    assert large.best > 0.55 > small.best


def test_adjusting_by_what_was_before_is_the_regression_on_it() -> None:
    rng = np.random.default_rng(5)
    before = rng.gamma(2, 10, (2, 4_000))
    after = 0.7 * before + rng.normal(0, 9, (2, 4_000)) + np.array([[0.0], [1.0]])
    found = adjusted([sums(after[0], before[0]), sums(after[1], before[1])])
    centred = before - before.mean(axis=1, keepdims=True)
    theta = float((centred * after).sum() / (centred**2).sum())
    rest = after - theta * (before - before.mean())
    assert [one.mean for one in found] == pytest.approx(rest.mean(axis=1))
    assert [one.variance for one in found] == pytest.approx(rest.var(axis=1, ddof=1))
    correlation = np.corrcoef(centred.ravel(), (after - after.mean(axis=1, keepdims=True)).ravel())[0, 1]
    saved = found[0].variance / values(after[0]).variance
    assert saved == pytest.approx(1 - correlation**2, abs=0.03)
