"""What is learned from a made-up shop: right probabilities, always the same, and never from the future."""

from datetime import timedelta

import numpy as np
import pytest

from scoring.training import figures
from scoring.training.amounts import learn_amounts
from scoring.training.candidates import Candidate
from scoring.training.choose import affordable
from scoring.training.learn import Learned, learn
from scoring.training.measure import measured
from scoring.training.season import retail_index, shift_of_year_ago, shift_to
from scoring.training.windows import YEAR, plan
from tests.scoring.learn.made import START, Shop, bgnbd_orders

NOW = START + timedelta(days=540)


def learned_from(shop: Shop, *, seed: int = 1, budget_s: float = 1.0) -> Learned:
    found = learn(shop, until=NOW, seed=seed, budget_s=budget_s, report=lambda step: None)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learned_from(Shop(bgnbd_orders(1200), over=NOW))


def test_probabilities_come_true_and_rank_as_well_as_the_truth_allows(learned: Learned) -> None:
    window = Shop(bgnbd_orders(1200)).window(NOW)
    found = measured(learned.model, window, about=Shop(bgnbd_orders(5)).about, threshold=0.3, seed=1)
    quality = found.quality
    assert quality.auc is not None and quality.auc_recency is not None
    assert quality.auc > quality.auc_recency + 0.02
    assert quality.calibration_error is not None and quality.calibration_error < 0.05
    assert quality.brier is not None and quality.brier_baseline is not None and quality.brier < quality.brier_baseline
    assert found.against_recency is not None and found.against_recency.chance < 0.05
    assert quality.importance[0].falls > 0 and len(quality.gains) == 21
    assert quality.f1 == pytest.approx(figures.f1_at(window.happened, learned.model.probabilities(window.table), 0.3))


def test_reasons_add_up_whatever_was_chosen(learned: Learned) -> None:
    table = Shop(bgnbd_orders(1200)).known(NOW)
    reasons = learned.model.contributions(table)
    np.testing.assert_allclose(
        reasons.base + reasons.parts.sum(axis=1), learned.model.log_odds(table), atol=1e-6, rtol=0
    )


def test_the_same_seed_learns_the_same(learned: Learned) -> None:
    again = learned_from(Shop(bgnbd_orders(1200), over=NOW))
    assert again.model.to_bytes() == learned.model.to_bytes()
    assert [one.name for one in again.tried] == [one.name for one in learned.tried]


def test_a_budget_cuts_by_usual_cost_and_not_by_the_clock() -> None:
    many = [Candidate("recency"), *(Candidate(f"slow {n}", cost=5.0) for n in range(5))]
    assert [one.name for one in affordable(many, rows=100_000, budget_s=15)] == ["recency", "slow 0", "slow 1"]
    assert [one.name for one in affordable(many, rows=100_000, budget_s=0)] == ["recency"]


def test_windows_end_in_time() -> None:
    dates = plan(Shop(bgnbd_orders(50)), until=NOW)
    span = timedelta(days=90)
    assert all(moment + span <= dates.validation for moment in dates.training)
    assert dates.validation + span == NOW
    assert all(moment + span <= NOW for moment in dates.using)
    assert dates.year_ago == NOW - YEAR
    assert plan(Shop(bgnbd_orders(50)), until=START + timedelta(days=400)).year_ago is None


def test_a_short_past_is_learned_from_by_holding_out_people() -> None:
    until = START + timedelta(days=190)
    found = learn(Shop(bgnbd_orders(1500), over=until), until=until, seed=1, budget_s=1, report=lambda step: None)
    assert found is not None and not found.is_simple and found.tried


def test_too_little_leaves_bgnbd_to_stand_in_and_nothing_leaves_nothing() -> None:
    few = learn(Shop(bgnbd_orders(40)), until=NOW, seed=1, budget_s=1, report=lambda step: None)
    assert few is not None and few.is_simple and few.candidate.name == "bgnbd"
    shop = Shop(bgnbd_orders(40), first_at=None)
    assert learn(shop, until=START - timedelta(days=1), seed=1, budget_s=1, report=lambda step: None) is None


def test_amounts_are_nearer_than_gamma_gamma_alone_and_keep_their_total() -> None:
    shop = Shop(bgnbd_orders(1200), is_amount=True)
    found = learn_amounts(shop, until=NOW, seed=1)
    assert found is not None
    window = shop.window(NOW)
    said = found.model.amounts(window.table)
    assert said.min() >= 0
    assert 0.5 < said.sum() / window.happened.sum() < 1.5
    by_name = {one.name: one.parameters["mae"] for one in found.tried}
    assert by_name[found.candidate.name] <= by_name["gamma_gamma"]
    reasons = found.model.contributions(window.table)
    np.testing.assert_allclose(reasons.base + reasons.parts.sum(axis=1), found.model.log_odds(window.table), atol=1e-6)


def test_levels_follow_a_season_seen_before_and_little_where_it_was_hardly_seen() -> None:
    log_odds = np.full(2000, -1.0)
    happened = (np.arange(2000) % 2).astype(np.float64)
    assert shift_to(log_odds, 0.5) == pytest.approx(1.0)
    assert shift_of_year_ago(log_odds, happened) == pytest.approx(1.0, abs=0.05)
    assert shift_of_year_ago(log_odds[:20], happened[:20]) < 0.4
    assert retail_index(START.replace(month=11, day=1), days=30) > retail_index(START.replace(month=6, day=1), days=30)
