"""Shares are as exact as numbers of people can be, and everybody has the same chance."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from campaigns.chance import generator_for, spread, taken


@given(st.integers(0, 300), st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 2**32))
def test_each_part_is_within_one_of_its_share(n: int, weights: list[int], seed: int) -> None:
    parts = spread(n, weights, np.random.default_rng(seed))
    assert len(parts) == n
    for part, weight in enumerate(weights):
        assert abs(parts.count(part) - n * weight / sum(weights)) < 1 + 1e-9


def test_one_person_has_the_chance_of_the_share() -> None:
    generator = np.random.default_rng(7)
    drawn = sum(taken(1, 10, generator)[0] for _ in range(4_000))
    assert 330 < drawn < 470  # four standard deviations


def test_whoever_comes_first_is_drawn_as_often_as_whoever_comes_last() -> None:
    generator = np.random.default_rng(7)
    draws = [taken(10, 20, generator) for _ in range(2_000)]
    each = [sum(one[place] for one in draws) for place in range(10)]
    assert all(320 < times < 480 for times in each)


def test_the_same_falls_out_for_the_same() -> None:
    assert generator_for("a", 1).random() == generator_for("a", 1).random() != generator_for("a", 2).random()
