"""Dates of next orders on made people whose whole future is known."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.estimators.next_order import NextOrder, Renewals, came_by_level, fit_next_order, levelled
from scoring.estimators.next_order_measured import measured, verdict
from tests.scoring.timing.made_orders import known_at, lives, seen_within

WINDOW = 90.0
SEED = 5


def fitted(people: list[np.ndarray], day: float) -> NextOrder:
    return fit_next_order(known_at(day, people)[0], seed=SEED)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_eighty_percent_of_all_truths_lie_in_the_interval(seed: int) -> None:
    people = lives(1500, seed=seed)
    before, came = known_at(420, people)
    first = fitted(people, 420)
    dated = first.expected(before).has_date
    levels = levelled(first, before.rows(dated), came=seen_within(WINDOW, came)[dated], days=WINDOW)
    model = replace(fitted(people, 600), low=levels.low, middle=levels.middle, high=levels.high)
    known, truth = known_at(600, people)
    expected = model.expected(known)
    some = expected.has_date & np.isfinite(truth)
    inside = (truth >= expected.earliest) & (truth <= expected.latest)
    assert inside[some].mean() == pytest.approx(0.8, abs=0.045)
    assert (truth < expected.days)[some].mean() == pytest.approx(0.5, abs=0.07)
    found = measured(model, known, came=seen_within(WINDOW, truth), days=WINDOW)
    assert found.is_useful
    assert found.covered == pytest.approx(inside[some].mean(), abs=0.03), "what the window tells is what came in all"
    assert found.said == pytest.approx(found.came, rel=0.12)


def test_it_finds_how_people_were_made() -> None:
    model = fitted(lives(3000, seed=4), 600)
    assert model.mean == pytest.approx(3.4, abs=0.05)
    assert np.sqrt(model.beta / (model.alpha - 1)) == pytest.approx(0.45, abs=0.05)
    assert model.a / (model.a + model.b) == pytest.approx(0.25, abs=0.04)


def renewals(*of: tuple[list[float], float]) -> Renewals:
    logs = [np.log(np.array(gaps)) for gaps, _ in of]
    rows = [(len(one), one.sum(), (one**2).sum(), silence) for one, (_, silence) in zip(logs, of, strict=True)]
    return Renewals(*np.array(rows, dtype=np.float64).T)


MODEL = NextOrder(mean=3.4, kappa=0.8, alpha=4.0, beta=0.8, a=1.0, b=3.0)


def test_few_gaps_are_shrunk_to_everybodys_and_many_are_not() -> None:
    usual = MODEL.usual_gap(renewals(([], 1.0), ([10.0], 1.0), ([10.0] * 15, 1.0)))
    assert usual[0] == pytest.approx(np.exp(3.4))
    assert 10.5 < usual[1] < 25
    assert usual[2] == pytest.approx(10, rel=0.07)


def test_the_longer_the_silence_the_later_and_the_less_likely() -> None:
    expected = MODEL.expected(renewals(*[([30.0, 28.0, 31.0], float(silence)) for silence in (1, 20, 40, 90, 200)]))
    assert np.all(np.diff(expected.returns) < 0)
    assert expected.days[0] > expected.days[1], "half of the way is gone"
    assert list(expected.has_date) == [True, True, True, False, False]
    assert np.all(expected.earliest <= expected.days)
    assert np.all(expected.days <= expected.latest)


def test_silence_of_nothing_and_of_decades_are_borne() -> None:
    expected = MODEL.expected(renewals(([30.0], 0.0), ([30.0], 1e5), ([], 1e5)))
    assert np.isfinite(np.stack([expected.days, expected.earliest, expected.latest, expected.returns])).all()


def test_who_is_silent_yet_is_part_of_the_fit() -> None:
    """Taking the gaps that ended for all there are would make everybody quicker than they are."""
    people = lives(1500, seed=6, leaving=(1, 30), habit=0.05)
    known, _ = known_at(200, people)
    model = fit_next_order(known, seed=SEED)
    ended = np.exp(known.logs.sum() / known.gaps.sum())
    truth = np.exp(3.4)
    assert ended < 0.95 * truth
    assert np.exp(model.mean) == pytest.approx(truth, rel=0.04)


def test_levels_put_right_what_a_wrong_model_promises() -> None:
    people = lives(1500, seed=7)
    known, truth = known_at(600, people)
    model, came = fitted(people, 600), seen_within(WINDOW, truth)
    sure_of_itself = replace(model, beta=model.beta / 2)
    dated = sure_of_itself.expected(known).has_date
    right = levelled(sure_of_itself, known.rows(dated), came=came[dated], days=WINDOW)
    before, after = (measured(one, known, came=came, days=WINDOW).covered for one in (sure_of_itself, right))
    assert before is not None
    assert before < 0.7
    assert after == pytest.approx(0.8, abs=0.02)
    levels, reached = came_by_level(right, known.rows(dated), came=came[dated], days=WINDOW)
    assert reached[np.searchsorted(levels, right.low)] == pytest.approx(0.1, abs=0.02)


def test_it_refuses_where_the_usual_gap_is_as_good() -> None:
    """Everybody who orders does so like clockwork: there is nothing to be better at."""
    generator = np.random.default_rng(8)
    people = [np.arange(generator.uniform(0, 20), 2000, gap) for gap in generator.uniform(15, 40, 400)]
    known, truth = known_at(600, people)
    found = measured(fit_next_order(known, seed=SEED), known, came=seen_within(WINDOW, truth), days=WINDOW)
    assert not found.is_useful
    assert verdict(found, days=90).startswith("Not used")


def test_it_refuses_a_span_that_does_not_hold() -> None:
    people = lives(1500, seed=9)
    known, truth = known_at(600, people)
    narrow = replace(fitted(people, 600), low=0.4, high=0.6)
    found = measured(narrow, known, came=seen_within(WINDOW, truth), days=WINDOW)
    assert not found.is_useful
    assert "cannot be relied on" in verdict(found, days=90)


def test_too_little_is_said_and_nobody_with_a_gap_raises() -> None:
    people = lives(30, seed=1)
    known, truth = known_at(600, people)
    found = measured(fit_next_order(known, seed=SEED), known, came=seen_within(WINDOW, truth), days=WINDOW)
    assert not found.is_useful
    assert "too little" in verdict(found, days=90)
    with pytest.raises(ValueError, match="ordered twice"):
        fit_next_order(renewals(([], 1.0)), seed=SEED)


def test_parameters_are_plain_and_give_the_same() -> None:
    again = NextOrder.from_parameters(MODEL.parameters())
    assert again == MODEL
    assert fitted(lives(200, seed=2), 600) == fitted(lives(200, seed=2), 600)
