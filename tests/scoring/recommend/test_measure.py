"""The offline measure on the demo shop, whose people have tastes that nobody told the product."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from cdp.connectors.demo.load import items
from scoring.recommend.interactions import DAY_S, Did, Interactions, interactions
from scoring.recommend.knowledge import Catalogue, catalogue_of
from scoring.recommend.measure import Measured, Said, measure
from tests.scoring.recommend.past import NOW_S, past, past_of, plain_catalogue
from tests.scoring.recommend.shop import demo_deeds


@lru_cache(maxsize=1)
def demo() -> tuple[Interactions, Catalogue]:
    rows = sorted((item.id, item.category or "", item.brand or "") for item in items(1, site=""))
    catalogue = catalogue_of(rows)
    return past_of(demo_deeds(900), catalogue), catalogue


def measured(rows: Interactions, catalogue: Catalogue, *, now_s: float = NOW_S) -> Measured:
    return measure(rows, catalogue, now_s=now_s, left_out_days=90, random=np.random.default_rng(1))


@pytest.fixture(scope="module")
def found() -> Iterator[Measured]:
    yield measured(*demo())


def test_lists_beat_what_is_popular_and_what_was_viewed(found: Measured) -> None:
    quality = found.quality
    assert quality.people > 200
    assert quality.is_better
    assert quality.personal
    assert quality.popular
    assert quality.viewed
    for name in ("recall_4", "recall_10", "hit_4", "hit_10"):
        ours = getattr(quality.personal, name)
        assert ours > 1.3 * getattr(quality.popular, name), name
        assert ours > 1.15 * getattr(quality.viewed, name), name
    assert quality.personal.bought_10 > quality.popular.bought_10
    assert quality.personal.coverage > 5 * quality.popular.coverage


def test_confidence_is_what_comes(found: Measured) -> None:
    """Entries by how sure the lists were of them: as many come as was said, within luck."""
    assert [one.said for one in found.quality.said] == sorted(one.said for one in found.quality.said)
    for one in found.quality.said:
        assert abs(one.came - one.said) < 0.25 * one.said + 3 * error_of(one), one


def error_of(one: Said) -> float:
    return float(np.sqrt(one.said * (1 - one.said) / one.entries))


def test_nothing_after_the_moment_is_known() -> None:
    """The measure of a moment is the same, whatever came after it."""
    rows, catalogue = demo()
    earlier_s = NOW_S - 60 * DAY_S
    assert measured(rows, catalogue, now_s=earlier_s) == measured(rows.until(earlier_s), catalogue, now_s=earlier_s)


def test_lists_made_before_the_window_do_not_know_it() -> None:
    """With what happened in the last weeks shuffled among all items, nothing is left to be right about: lists that had
    looked into the window would still be."""
    rows, catalogue = demo()
    late = rows.at_s > NOW_S - 28 * DAY_S
    item = rows.item.copy()
    item[late] = np.random.default_rng(4).integers(len(catalogue), size=int(late.sum()))
    quality = measured(replace(rows, item=item), catalogue).quality
    assert quality.personal
    assert quality.personal.recall_10 < 0.08  # 10 of 312 items at random: 0.032


def test_where_nobody_has_a_taste_nothing_is_claimed() -> None:
    random = np.random.default_rng(6)
    n = 6_000
    rows = interactions(
        random.integers(300, size=n),
        random.integers(200, size=n),
        np.zeros(n, dtype=np.int64),
        NOW_S - random.random(n) * 200 * DAY_S,
    )
    quality = measured(rows, plain_catalogue(200, categories=10)).quality
    assert not quality.is_better


def test_too_little_is_said() -> None:
    few = measured(past((1, 0, Did.VIEW, 5.0), (2, 1, Did.VIEW, 100.0)), plain_catalogue(3))
    assert "Fewer than 50 people" in few.quality.missing
    assert few.quality.personal is None
    young = measured(past((1, 0, Did.VIEW, 1.0)), plain_catalogue(3))
    assert "fewer than 12 days" in young.quality.missing
