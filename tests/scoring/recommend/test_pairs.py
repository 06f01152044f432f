"""Item pairs against numbers worked out by hand."""

import numpy as np
import pytest
from scipy import sparse

from scoring.recommend import pairs
from scoring.recommend.interactions import Did
from scoring.recommend.pairs import SHRINK, afterwards, count_pairs, place_within, similar, strongest, together
from tests.scoring.recommend.past import NOW_S, Row, past

VIEW, CART, ORDER = Did.VIEW, Did.CART, Did.ORDER


def test_cosine_is_shrunk_by_how_many_are_behind_it() -> None:
    # Items 0 and 1 in three of five baskets together, 0 once without 1; item 2 in one basket by itself.
    baskets = sparse.csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32))
    found = count_pairs(baskets, baskets)
    cosine = 3 / (np.sqrt(4) * np.sqrt(3))
    assert found.strength[0, 1] == pytest.approx(cosine * 3 / (3 + SHRINK), abs=1e-4)
    assert found.behind[0, 1] == 3
    assert found.strength[0, 1] == found.strength[1, 0]
    assert found.strength.nnz == 2


def test_what_everybody_buys_goes_with_nothing() -> None:
    # Item 0 is in every basket: it is with item 1 no more often than chance has it.
    baskets = sparse.csr_array(np.array([[1, 1], [1, 1], [1, 0], [1, 0]], dtype=np.float32))
    assert count_pairs(baskets, baskets).strength.nnz == 0


def test_one_person_alone_makes_no_pair() -> None:
    baskets = sparse.csr_array(np.array([[1, 1], [0, 0], [0, 0]], dtype=np.float32))
    assert count_pairs(baskets, baskets).strength.nnz == 0


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    baskets = sparse.csr_array((random.random((200, 30)) < 0.15).astype(np.float32))
    whole = count_pairs(baskets, baskets)
    monkeypatch.setattr(pairs, "BLOCK_BYTES", 24 * 30 * 7)
    in_blocks = count_pairs(baskets, baskets)
    assert whole.strength.nnz > 100
    assert (whole.strength != in_blocks.strength).nnz == 0
    assert (whole.behind != in_blocks.behind).nnz == 0


def test_only_the_strongest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    baskets = sparse.csr_array((random.random((400, 20)) < 0.3).astype(np.float32))
    whole = count_pairs(baskets, baskets).strength.toarray()
    monkeypatch.setattr(pairs, "KEPT", 3)
    kept = count_pairs(baskets, baskets).strength.toarray()
    for row in range(20):
        assert sorted(kept[row][kept[row] > 0]) == pytest.approx(sorted(whole[row])[::-1][:3][::-1])


def crowd(*rows: Row) -> list[Row]:
    """With others about, so that no pair is what everybody does."""
    return [*rows, *((100 + n, 9, VIEW, 5.0) for n in range(20))]


def test_an_order_says_more_than_a_view_and_yesterday_more_than_last_year() -> None:
    bought = crowd(*((n, 0, VIEW, 1.0) for n in range(5)), *((n, 1, ORDER, 1.0) for n in range(5)))
    viewed_also = [*bought, *((10 + n, item, VIEW, 1.0) for n in range(5) for item in (0, 2))]
    strength = similar(past(*viewed_also), n_items=10, now_s=NOW_S).strength
    assert strength[0, 1] > 0
    assert strength[0, 2] > 0
    late = [(n, i, VIEW, 1.0) for n in range(4) for i in (0, 1)]
    early = [(n, i, VIEW, 300.0) for n in range(4, 8) for i in (0, 2)]
    fresh = similar(past(*crowd(*late, *early)), n_items=10, now_s=NOW_S).strength
    assert fresh[0, 1] > fresh[0, 2] > 0


def test_those_who_look_at_everything_say_less() -> None:
    few = [(n, item, VIEW, 1.0) for n in range(4) for item in (0, 1)]
    many = [(10 + n, item, VIEW, 1.0) for n in range(4) for item in (0, *range(2, 9))]
    strength = similar(past(*crowd(*few, *many)), n_items=10, now_s=NOW_S).strength
    assert strength[0, 1] > strength[0, 2] > 0


def test_together_counts_orders_and_not_people() -> None:
    rows = [(1, item, ORDER, day) for day in (10.0, 20.0, 30.0) for item in (0, 1)]
    rows += [(1, item, ORDER, 40.0 + item) for item in (2, 3)] + [(n, 4, ORDER, 1.0) for n in range(2, 6)]
    found = together(past(*rows), n_items=5)
    assert found.behind[0, 1] == 3
    assert found.strength[2, 3] == 0


def test_afterwards_is_the_next_order_of_another_category() -> None:
    rows = [(n, 0, ORDER, 30.0) for n in range(4)] + [(n, 1, ORDER, 20.0) for n in range(4)]  # other category, next
    rows += [(n, 2, ORDER, 20.0) for n in range(4)]  # same category as 0
    rows += [(10 + n, 3, ORDER, 200.0) for n in range(4)] + [(10 + n, 5, ORDER, 20.0) for n in range(4)]  # too late
    more = [*rows, *((20 + n, 4, ORDER, 30.0) for n in range(4)), *((20 + n, 4, ORDER, 20.0) for n in range(4))]
    found = afterwards(past(*more), category=np.array([0, 1, 0, 1, 1, 0]), n_items=6)
    assert found.behind[0, 1] == 4
    assert found.behind[1, 0] == 0
    assert found.behind[0, 2] == 0
    assert found.behind[3, 5] == 0


def test_strongest_and_places() -> None:
    row, value = np.array([0, 1, 0, 0, 1]), np.array([1.0, 5.0, 3.0, 3.0, 4.0])
    assert strongest(row, value, 2).tolist() == [2, 3, 1, 4]
    assert place_within(np.array([3, 3, 3, 5, 7, 7])).tolist() == [0, 1, 2, 0, 0, 1]
    assert place_within(np.array([], dtype=np.int64)).tolist() == []


def test_nothing_happened() -> None:
    nothing = past()
    for found in (similar(nothing, n_items=3, now_s=NOW_S), together(nothing, n_items=3)):
        assert found.strength.shape == (3, 3)
        assert found.strength.nnz == 0
    assert afterwards(nothing, category=np.zeros(3, dtype=np.int64), n_items=3).strength.nnz == 0
