"""Habits by hour: planted ones are found, newcomers are shrunk, exploration keeps its share."""

import numpy as np
import pytest

from scoring.columns import Numbers
from scoring.estimators.send_hour import Habits, best, explored, fit_habits, hours_in, smoothed


def made(n: int, *, concentration: float, mean: Numbers, each: tuple[int, int], seed: int) -> tuple[Numbers, Numbers]:
    """Counts, and the true shares they were drawn from."""
    generator = np.random.default_rng(seed)
    shares = generator.dirichlet(concentration * mean, n)
    sizes = generator.integers(*each, n)
    return np.array([generator.multinomial(k, p) for k, p in zip(sizes, shares, strict=True)], dtype=float), shares


def hump(at: float) -> Numbers:
    apart = np.abs(np.arange(24) - at)
    shares = np.exp(-0.5 * (np.minimum(apart, 24 - apart) / 3) ** 2) + 0.02
    found: Numbers = shares / shares.sum()
    return found


@pytest.mark.parametrize("concentration", [3.0, 12.0, 60.0])
def test_the_concentration_is_found(concentration: float) -> None:
    counts, _ = made(2500, concentration=concentration, mean=hump(18), each=(3, 40), seed=1)
    assert fit_habits(counts, [""] * 2500).concentration == pytest.approx(concentration, rel=0.15)


def test_a_planted_habit_is_found_also_across_midnight() -> None:
    generator = np.random.default_rng(2)
    habit = generator.choice([8, 13, 20, 23], 600)
    counts = np.zeros((600, 24))
    for person in range(600):
        at = (habit[person] + np.round(generator.normal(0, 0.8, 12)).astype(int)) % 24
        np.add.at(counts[person], at, 1.0)
    habits = fit_habits(counts, [""] * 600)
    off = np.abs(best(habits.shares(counts, [""] * 600)) - habit)
    assert (np.minimum(off, 24 - off) <= 1).mean() > 0.97


def test_shrinking_is_nearer_to_the_truth_than_own_counts_and_than_everybody() -> None:
    counts, truth = made(2000, concentration=10, mean=hump(18), each=(1, 25), seed=3)
    habits = fit_habits(counts, [""] * 2000)
    own = counts / counts.sum(axis=1, keepdims=True)

    def off(shares: Numbers) -> float:
        return float(np.abs(shares - truth).sum(axis=1).mean())

    shrunk = habits.shares(counts, [""] * 2000)
    assert off(shrunk) < 0.97 * off(np.tile(habits.everybody, (2000, 1)))
    assert off(shrunk) < 0.96 * off(own)


def test_newcomers_are_given_their_groups_hour_and_the_well_known_their_own() -> None:
    early, _ = made(400, concentration=30, mean=hump(7), each=(5, 30), seed=4)
    late, _ = made(400, concentration=30, mean=hump(21), each=(5, 30), seed=5)
    names = ["JP"] * 400 + ["DE"] * 400
    habits = fit_habits(np.vstack([early, late]), names)
    nothing, much = np.zeros((1, 24)), np.zeros((1, 24))
    much[0, 13] = 200.0
    assert abs(best(habits.shares(nothing, ["JP"]))[0] - 7) <= 1
    assert abs(best(habits.shares(nothing, ["DE"]))[0] - 21) <= 1
    assert best(habits.shares(much, ["DE"]))[0] == 13
    assert habits.own_share(nothing)[0] == 0
    assert habits.own_share(much)[0] > 0.8
    np.testing.assert_allclose(habits.shares(nothing, ["XX"])[0], habits.everybody)


def test_small_groups_are_everybodys() -> None:
    counts, _ = made(100, concentration=30, mean=hump(7), each=(5, 30), seed=4)
    assert set(fit_habits(counts, ["DE"] * 90 + ["FR"] * 10).groups) == {"DE"}


def test_shares_add_up_and_smoothing_goes_around_the_clock() -> None:
    counts, _ = made(50, concentration=5, mean=hump(0), each=(0, 9), seed=6)
    habits = fit_habits(counts, [""] * 50)
    np.testing.assert_allclose(habits.shares(counts, [""] * 50).sum(axis=1), 1)
    one = np.zeros(24)
    one[0] = 1
    np.testing.assert_allclose(smoothed(one)[[22, 23, 0, 1, 2]], [0.06, 0.24, 0.4, 0.24, 0.06])


def test_nobody_active_gives_even_shares() -> None:
    habits = fit_habits(np.zeros((0, 24)), [])
    np.testing.assert_allclose(habits.everybody, 1 / 24)


def test_windows() -> None:
    assert np.flatnonzero(hours_in((8, 11))).tolist() == [8, 9, 10]
    assert np.flatnonzero(hours_in((22, 2))).tolist() == [0, 1, 22, 23]
    assert best(np.eye(24)[[3]] + 1e-3 * hump(12), (8, 21))[0] == 12
    for window in ((8, 8), (-1, 5), (5, 25), (24, 3)):
        with pytest.raises(ValueError, match="No window"):
            hours_in(window)


def test_exploration_draws_half_by_what_is_known_and_half_by_chance() -> None:
    shares = np.tile(np.eye(24)[10], (40_000, 1))
    drawn = np.bincount(explored(shares, (8, 18), np.random.default_rng(7)), minlength=24) / 40_000
    assert drawn[10] == pytest.approx(0.5 + 0.05, abs=0.01)
    np.testing.assert_allclose(drawn[[8, 9, 11, 17]], 0.05, atol=0.006)
    assert drawn[:8].sum() + drawn[18:].sum() == 0
    asleep = np.bincount(explored(shares, (12, 16), np.random.default_rng(7)), minlength=24) / 40_000
    np.testing.assert_allclose(asleep[12:16], 0.25, atol=0.01)


def test_facts_are_plain_and_give_the_same() -> None:
    counts, _ = made(100, concentration=30, mean=hump(7), each=(5, 30), seed=4)
    habits = fit_habits(counts, ["DE"] * 100)
    again = Habits.from_facts(habits.facts())
    np.testing.assert_allclose(again.shares(counts, ["DE"] * 100), habits.shares(counts, ["DE"] * 100), atol=1e-5)
