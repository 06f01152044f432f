"""Popularity, the parts of a list and their mix, on pasts small enough to work out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.recommend.blend import Asked, Weights, mixed, rank
from scoring.recommend.components import Because, components, left_out
from scoring.recommend.figures import figures
from scoring.recommend.interactions import Did, Interactions
from scoring.recommend.knowledge import Knowledge, learn
from scoring.recommend.measure import only
from scoring.recommend.weights import Went, learn_weights
from tests.scoring.recommend.past import NOW_S, Row, past, plain_catalogue

VIEW, CART, ORDER = Did.VIEW, Did.CART, Did.ORDER


def known_of(rows: Interactions, n: int = 10, categories: int = 2) -> Knowledge:
    return learn(rows, plain_catalogue(n, categories=categories), now_s=NOW_S)


def listed(rows: Interactions, weights: Weights, *, days: float = 0, most: int = 10) -> dict[int, list[int]]:
    known = known_of(rows)
    found = components(rows, known, now_s=NOW_S)
    asked = Asked(np.ones(10, dtype=bool), left_out(rows, known, now_s=NOW_S, days=days), most)
    made = rank(found, known, weights, asked)
    lists: dict[int, list[int]] = {}
    for person, item in zip(made.person.tolist(), made.item.tolist(), strict=True):
        lists.setdefault(int(rows.people[person]), []).append(item)
    return lists


def test_shares_count_a_person_once_and_halve_with_time() -> None:
    rows = past((1, 0, VIEW, 0.0), (1, 0, VIEW, 0.0), (2, 0, VIEW, 14.0), (3, 1, VIEW, 0.0), (4, 2, CART, 0.0))
    found = figures(rows, category=np.array([0, 0, 1]), group=np.array([0, 1, -1]), now_s=NOW_S)
    assert found.share == pytest.approx(np.array([1.5, 1.0, 2.0]) / 4.5)
    assert found.in_category == pytest.approx([0.6, 0.4, 1.0])
    assert found.in_group == pytest.approx([1.0, 1.0, 0.0])
    assert found.people.tolist() == [2, 1, 1]


def test_people_buy_again_only_where_the_data_shows_it() -> None:
    again = [(n, 0, ORDER, day) for n in range(6) for day in (60.0, 30.0)] + [(9, 0, ORDER, 1.0)]
    once_more = [(n, 1, ORDER, day) for n in range(4) for day in (60.0, 30.0)]
    found = figures(
        past(*again, *once_more), category=np.zeros(2, dtype=np.int64), group=-np.ones(2, dtype=np.int64), now_s=NOW_S
    )
    assert found.again_share == pytest.approx([6 / (7 + 5), 0.0])
    assert found.again_days == pytest.approx([30.0, 0.0])


def test_what_was_bought_lately_is_left_out_unless_it_runs_out() -> None:
    coffee = [(n, 0, ORDER, day) for n in range(6) for day in (130.0, 100.0)]
    rows = past(*coffee, (50, 0, ORDER, 40.0), (50, 1, ORDER, 40.0), (51, 0, ORDER, 2.0), (52, 1, ORDER, 120.0))
    known = known_of(rows)
    keys = {(int(rows.people[key // 10]), int(key % 10)) for key in left_out(rows, known, now_s=NOW_S, days=90)}
    assert keys == {(50, 1), (51, 0)}


def test_what_was_looked_at_and_not_bought_since() -> None:
    rows = past((1, 0, VIEW, 5.0), (1, 0, ORDER, 4.0), (1, 1, VIEW, 5.0), (1, 2, ORDER, 9.0), (1, 2, VIEW, 3.0))
    assert sorted(listed(rows, only(Because.OWN))[1]) == [1, 2]


def test_a_thing_that_runs_out_comes_back_when_it_is_due() -> None:
    coffee = [(n, 0, ORDER, day) for n in range(6) for day in (130.0, 100.0)]
    rows = past(*coffee, (50, 0, ORDER, 30.0), (51, 0, ORDER, 3.0))
    made = listed(rows, only(Because.AGAIN), days=90)
    assert made[50] == [0]
    assert 51 not in made


def test_the_last_visit_leads_before_the_taste_of_months() -> None:
    pairs: list[Row] = [(n, item, VIEW, 20.0) for n in range(10) for item in (0, 1)]
    pairs += [(20 + n, item, VIEW, 20.0) for n in range(10) for item in (4, 5)]
    rows = past(*pairs, (50, 0, VIEW, 0.1), *((50, 4, VIEW, 30.0 + n) for n in range(5)))
    assert listed(rows, only(Because.RECENT))[50][0] == 1


def test_rows_of_every_part_are_distributions() -> None:
    random = np.random.default_rng(3)
    rows = past(
        *(
            (
                int(random.integers(40)),
                int(random.integers(10)),
                Did(int(random.integers(3))),
                float(random.random() * 90),
            )
            for _ in range(600)
        )
    )
    known = known_of(rows)
    for part in components(rows, known, now_s=NOW_S).parts:
        assert np.asarray(part.sum(axis=1)).max() <= 1 + 1e-6
        assert part.nnz == 0 or part.data.min() >= 0


def test_the_mix_is_the_weighted_sum_of_the_parts() -> None:
    rows = past(*((n, item, VIEW, 3.0) for n in range(8) for item in (n % 3, 3 + n % 2)))
    known = known_of(rows)
    found, weights = components(rows, known, now_s=NOW_S), Weights()
    person, item, value = mixed(found, known, weights)
    share = np.array(weights.mix[1])
    expected = sum(part.toarray() * share[kind] for kind, part in enumerate(found.parts))
    expected = expected + share[Because.POPULAR] * known.figures.share
    assert (found.items_lately < 2.5).all()
    first = np.array(weights.mix[0]) == share
    assert first.all()
    assert value == pytest.approx(expected[person, item])


def test_the_third_of_a_category_steps_back() -> None:
    views = [(n, item, VIEW, 1.0) for item, people in ((0, 40), (2, 38), (4, 36), (1, 30)) for n in range(people)]
    rows = past(*((100 + n, item, did, day) for n, item, did, day in views), (1, 9, VIEW, 300.0))
    plain = only(Because.POPULAR)
    assert listed(rows, plain, most=4)[1] == [0, 2, 4, 1]
    assert listed(rows, replace(plain, steps_back=0.7), most=4)[1] == [0, 2, 1, 4]


def test_the_mix_learns_which_part_was_right() -> None:
    rows = past(*((n, n % 10, VIEW, 3.0) for n in range(200)), *((n, (n + 2) % 10, VIEW, 40.0) for n in range(200)))
    known = known_of(rows)
    found = components(rows, known, now_s=NOW_S)
    person = np.arange(200)
    came = Went(person, rows.people[person] % 10)  # everybody goes back to what they looked at last
    weights = learn_weights(found, known, came, window_days=28)
    for mix in weights.mix:
        assert sum(mix) == pytest.approx(1.0)
    assert np.argmax(weights.mix[0]) == Because.OWN
    assert weights.base + weights.slope * float(found.items_lately.mean()) == pytest.approx(1.0, rel=0.05)


def test_no_history_is_no_list() -> None:
    assert listed(past(), Weights()) == {}
