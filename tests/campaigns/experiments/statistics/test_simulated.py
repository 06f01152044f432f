"""What the formulas promise, kept in worlds that are made up: no false alarm too many, nothing planted overlooked.

Each share is compared with its promise plus three standard errors of the simulation, √(p (1 − p) / worlds).
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from campaigns.experiments.statistics.compare import MISMATCH, difference, lift, mismatch
from campaigns.experiments.statistics.power import Design, people_needed, power_always, power_once, smallest_lift
from campaigns.experiments.statistics.samples import of_share, of_values, share_interval
from campaigns.experiments.statistics.sequential import boundary

WORLDS = 20_000
Counts = NDArray[np.int64]


def noise(p: float, worlds: int = WORLDS) -> float:
    return float(3 * np.sqrt(p * (1 - p) / worlds))


def called(hits: tuple[Counts, Counts], people: tuple[Counts, Counts], *, alpha: float = 0.05) -> NDArray[np.bool_]:
    """Whether the always-valid interval leaves out 0, for (worlds, looks)."""
    n1, n2 = people
    p1, p2 = hits[0] / n1, hits[1] / n2
    h = n1 * n2 / (n1 + n2)
    variance = h * h * (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return np.asarray(np.abs(h * (p2 - p1)) > boundary(variance, alpha=alpha))


def after_a_mail(rng: np.random.Generator, n: int, rate: float, looks: int) -> Counts:
    """All get the mail at once; who clicks does so ever more rarely as days go by. Clicks so far, (worlds, looks)."""
    days = 0.75 ** np.arange(looks)
    chances = np.append(rate * days / days.sum(), 1 - rate)
    return np.cumsum(rng.multinomial(n, chances, size=WORLDS)[:, :looks], axis=1)


@pytest.mark.parametrize(
    ("n1", "n2", "rate", "looks"),
    [
        (500, 500, 0.03, 28),
        (5_000, 5_000, 0.03, 28),
        (9_000, 1_000, 0.02, 28),
        (2_000, 2_000, 0.3, 28),
        (20_000, 20_000, 0.05, 150),
    ],
)
def test_daily_peeking_after_one_mail_calls_no_more_than_promised(n1: int, n2: int, rate: float, looks: int) -> None:
    rng = np.random.default_rng(11)
    hits = after_a_mail(rng, n1, rate, looks), after_a_mail(rng, n2, rate, looks)
    people = np.full(1, n1), np.full(1, n2)
    assert called(hits, people).any(axis=1).mean() <= 0.05 + noise(0.05)


@pytest.mark.parametrize(("a_day", "rate"), [(40, 0.05), (500, 0.02), (300, 0.4)])
def test_daily_peeking_while_people_come_calls_no_more_than_promised(a_day: int, rate: float) -> None:
    """A triggered campaign: each day some come, and do it or not, for 60 days."""
    rng = np.random.default_rng(12)
    hits = [np.cumsum(rng.binomial(a_day, rate, (WORLDS, 60)), axis=1) for _ in range(2)]
    people = a_day * np.arange(1, 61)
    assert called((hits[0], hits[1]), (people, people)).any(axis=1).mean() <= 0.05 + noise(0.05)


def test_peeking_at_the_plain_test_calls_far_too_often() -> None:
    """The negative control: why the correction is there."""
    rng = np.random.default_rng(13)
    n, hits = 5_000, [after_a_mail(rng, 5_000, 0.03, 28) for _ in range(2)]
    p1, p2 = hits[0] / n, hits[1] / n
    z = np.abs(p2 - p1) / np.sqrt(np.maximum(p1 * (1 - p1) + p2 * (1 - p2), 1e-12) / n)
    assert (z > 1.96).any(axis=1).mean() > 0.10


def test_four_variants_share_one_false_alarm() -> None:
    """Bonferroni: each of three is compared with the first at a third of 5 %."""
    rng = np.random.default_rng(14)
    hits, people = [after_a_mail(rng, 2_000, 0.04, 28) for _ in range(4)], np.full(1, 2_000)
    alarms = [called((hits[0], other), (people, people), alpha=0.05 / 3).any(axis=1) for other in hits[1:]]
    assert np.any(alarms, axis=0).mean() <= 0.05 + noise(0.05)


@pytest.mark.parametrize(("rate", "planted"), [(0.03, 0.3), (0.01, 0.5), (0.2, 0.15)])
def test_a_planted_lift_is_found_at_the_promised_power(rate: float, planted: float) -> None:
    """With as many people as are asked for, looked at once and daily."""
    rng, n = np.random.default_rng(15), people_needed(rate, lift=planted)
    hits = after_a_mail(rng, n, rate, 28), after_a_mail(rng, n, rate * (1 + planted), 28)
    found, better = called(hits, (np.full(1, n), np.full(1, n))), hits[1] > hits[0]
    at_the_end = (found & better)[:, -1].mean()
    assert 0.8 - noise(0.8) - 0.01 <= at_the_end <= 0.8 + noise(0.8) + 0.01  # 0.01: the normal for the binomial
    assert (found & better).any(axis=1).mean() >= at_the_end


def test_the_smallest_lift_is_the_one_with_that_power() -> None:
    design = Design(0.04, 3_000, 1_200)
    least = smallest_lift(design)
    assert least is not None and power_always(design, lift=least) == pytest.approx(0.8, abs=1e-4)
    assert smallest_lift(Design(0.5, 4, 4)) is None
    n = people_needed(0.04, lift=0.25)
    assert smallest_lift(Design(0.04, n, n)) == pytest.approx(0.25, abs=0.001)


def test_one_look_at_the_end_finds_what_it_promises() -> None:
    rng, design = np.random.default_rng(16), Design(0.03, 4_000, 4_000)
    first, other = rng.binomial(4_000, 0.03, WORLDS), rng.binomial(4_000, 0.039, WORLDS)
    found = [
        difference(of_share(4_000, a), of_share(4_000, b)) for a, b in zip(first[:4_000], other[:4_000], strict=True)
    ]
    share = np.mean([one is not None and one.p < 0.05 for one in found])
    assert share == pytest.approx(power_once(design, lift=0.3), abs=noise(0.6, 4_000) + 0.01)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of a share, a difference of shares, a lift, and of revenue of which most people bring none."""
    rng, worlds = np.random.default_rng(17), 4_000
    first, other = rng.binomial(2_000, 0.03, worlds).tolist(), rng.binomial(1_500, 0.036, worlds).tolist()
    held = np.zeros(4)
    for a, b in zip(first, other, strict=True):
        one, two = of_share(2_000, a), of_share(1_500, b)
        low, high = share_interval(2_000, a)
        gap, more = difference(one, two), lift(one, two)
        assert gap is not None and more is not None
        held[:3] += (low <= 0.03 <= high, gap.low <= 0.006 <= gap.high, more.low <= 0.2 <= more.high)
    for _ in range(worlds):
        groups = [np.where(rng.random(1_000) < 0.08, rng.lognormal(3.5, 0.8, 1_000), 0) for _ in range(2)]
        spent = [of_values(1_000, float(one.sum()), float((one**2).sum())) for one in groups]
        apart = difference(*spent)
        held[3] += apart is not None and apart.low <= 0 <= apart.high
    assert np.abs(held / worlds - 0.95).max() <= noise(0.05, worlds) + 0.008


def test_wrong_sizes_of_groups_are_alarmed_and_right_ones_are_not() -> None:
    rng = np.random.default_rng(18)
    right = [mismatch(row, [2, 1, 1]) for row in rng.multinomial(3_000, [0.5, 0.25, 0.25], size=WORLDS).tolist()]
    assert np.mean(np.asarray(right) < MISMATCH) <= MISMATCH + noise(MISMATCH)
    wrong = [mismatch(row, [1, 1]) for row in rng.multinomial(20_000, [0.52, 0.48], size=1_000).tolist()]
    assert np.mean(np.asarray(wrong) < MISMATCH) > 0.98
