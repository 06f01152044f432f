"""BG/NBD and Gamma-Gamma against data made by their own assumptions."""

from datetime import timedelta

import numpy as np
import pytest
from scipy.special import hyp2f1

from scoring.estimators.bgnbd import BgNbd, Habits, habits
from scoring.estimators.gamma_gamma import GammaGamma
from tests.scoring.learn.made import START, Shop, bgnbd_orders

NOW = START + timedelta(days=540)


def seen(shop: Shop) -> Habits:
    table = shop.known(NOW)
    return habits(*(table.column(name) for name in ("orders", "recency_days", "customer_days")))


def test_the_fit_finds_how_people_buy_and_leave() -> None:
    fitted = BgNbd().fit(seen(Shop(bgnbd_orders(4000))))
    r, alpha, a, b = fitted.parameters()
    assert r / alpha == pytest.approx(0.8 / 60, rel=0.15)
    assert a / (a + b) == pytest.approx(0.8 / 3.3, rel=0.15)


def test_what_it_expects_comes_true() -> None:
    shop = Shop(bgnbd_orders(4000, seed=2))
    fitted = BgNbd().fit(seen(shop))
    people, came = seen(shop), shop.window(NOW).happened
    likely = fitted.p_buys(people, days=90)
    assert likely.mean() == pytest.approx(came.mean(), rel=0.06)
    best = np.argsort(-likely)[: len(likely) // 10]
    assert likely[best].mean() == pytest.approx(came[best].mean(), rel=0.1)
    orders = shop.orders.at[(shop.orders.at > 540) & (shop.orders.at <= 630)]
    known = np.isin(shop.orders.person[(shop.orders.at > 540) & (shop.orders.at <= 630)], shop.known(NOW).profile_ids)
    assert fitted.expected(people, days=90).sum() == pytest.approx(known.sum(), rel=0.1), len(orders)


def test_the_quadrature_is_equation_10() -> None:
    """Where its hypergeometric function can be trusted."""
    fitted = BgNbd.from_parameters(np.array([0.8, 60.0, 2.5, 3.5]))
    x, t, T, days = np.array([0.0, 1.0, 4.0]), np.array([0.0, 30.0, 100.0]), np.array([50.0, 90.0, 120.0]), 60.0
    r, alpha, a, b = fitted.parameters()
    ratio = (alpha + T) / (alpha + T + days)
    whole = (a + b + x - 1) / (a - 1)
    whole *= 1 - ratio ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, days / (alpha + T + days))
    left = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + T) / (alpha + t)) ** (r + x), 0)
    np.testing.assert_allclose(fitted.expected(Habits(x, t, T), days=days), whole / (1 + left), rtol=1e-9)


def test_a_long_silence_lowers_the_chance_and_a_few_people_do_not_break_the_fit() -> None:
    fitted = BgNbd().fit(Habits(np.array([3.0]), np.array([60.0]), np.array([70.0])))
    people = Habits(np.array([3.0, 3.0]), np.array([60.0, 60.0]), np.array([70.0, 400.0]))
    soon, late = fitted.p_buys(people, days=30)
    assert 0 < late < soon < 1


def test_gamma_gamma_finds_its_parameters_and_draws_few_orders_to_everybody() -> None:
    generator = np.random.default_rng(3)
    nu = generator.gamma(4.0, 1 / 15.0, 4000)
    n = generator.integers(1, 8, 4000).astype(np.float64)
    m = generator.gamma(6.0 * n, 1 / (nu * n))
    fitted = GammaGamma().fit(n, m)
    p, q, gamma = fitted.parameters()
    assert p * gamma / (q - 1) == pytest.approx(6 * 15 / 3, rel=0.05)
    assert q == pytest.approx(4.0, rel=0.2)
    once, often = fitted.expected(np.array([1.0, 50.0]), np.array([300.0, 300.0]))
    assert once < often < 301
