"""EM finds what was planted, and relatives are not taken for one person."""

import numpy as np

from identity.columns import Kind
from identity.weigh import Counted, Model, Universe, learn, match_weight, probabilities, shipped

KINDS = (Kind.FIRST_NAME, Kind.BIRTH_DATE, Kind.PHONE)
STRANGERS, SAME = 400_000, 3_000


def planted(levels: int, *top: float) -> np.ndarray:
    """Rates of levels 1…; the given ones are the highest, the rest is level 1."""
    rates = np.zeros(levels)
    rates[levels - len(top) :] = top
    rates[0] += 1 - rates.sum()
    return rates


M = [planted(6, 0.1, 0.05, 0.7), planted(6, 0.15, 0.8), planted(4, 0.1, 0.5)]
U = [planted(6, 0.01, 0.005, 0.02), planted(6, 0.01, 0.001), planted(4, 0.001, 0.0005)]


def counted(rng: np.random.Generator, parts: list[tuple[list[np.ndarray], int]]) -> Counted:
    """Pairs drawn from the rates, a fifth of all values missing, as patterns."""
    columns = []
    for field in range(len(KINDS)):
        drawn = [rng.choice(len(rates[field]), size, p=rates[field]) + 1 for rates, size in parts]
        column = np.concatenate(drawn).astype(np.uint8)
        column[rng.random(len(column)) < 0.2] = 0
        columns.append(column)
    patterns, seen = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
    return Counted(patterns, np.zeros(len(patterns), np.int64), seen.astype(float))


def learned() -> Model:
    rng = np.random.default_rng(1)
    universe = Universe(np.array([float(STRANGERS + SAME)]), 900)
    pairs = counted(rng, [(U, STRANGERS), (M, SAME)])
    return learn(shipped(KINDS, universe), candidates=pairs, sample=pairs, universe=universe)


def test_em_recovers_what_was_planted_without_labels() -> None:
    model = learned()
    for field, (m, u) in enumerate(zip(M, U, strict=True)):
        assert np.abs(model.m[field, 1 : len(m) + 1] - m).max() < 0.03
        assert np.abs(model.u[field, 1 : len(u) + 1] - u).max() < 0.005
    assert abs(model.prior[0] / (SAME / (STRANGERS + SAME)) - 1) < 0.05


def test_a_file_without_doubles_does_not_invent_them() -> None:
    universe = Universe(np.array([float(STRANGERS)]), 900)
    pairs = counted(np.random.default_rng(2), [(U, STRANGERS)])
    model = learn(shipped(KINDS, universe), candidates=pairs, sample=pairs, universe=universe)
    assert model.prior[0] * STRANGERS < 60


def weight_of(levels: dict[Kind, int]) -> float:
    """By the shipped parameters, in a file of 10,000 records."""
    kinds = list(levels)
    model = shipped(kinds, Universe(np.array([10_000 * 9_999 / 2]), 10_000))
    each = np.array([[model.weights[field, level] for field, level in enumerate(levels.values())]])
    return float(match_weight(model, each, model.prior)[0])


def test_relatives_are_two_people() -> None:
    home = {Kind.LAST_NAME: 6, Kind.ADDRESS: 7, Kind.PHONE: 4}
    assert weight_of({**home}) < 2
    assert weight_of({**home, Kind.FIRST_NAME: 1}) < -2
    assert weight_of({**home, Kind.FIRST_NAME: 1, Kind.BIRTH_DATE: 6}) < 2, "twins"
    assert weight_of({**home, Kind.FIRST_NAME: 6}) > 4
    assert weight_of({**home, Kind.FIRST_NAME: 6, Kind.BIRTH_DATE: 6}) > 10


def test_what_is_not_told_does_not_count() -> None:
    told = {Kind.LAST_NAME: 6, Kind.EMAIL: 5}
    assert weight_of({**told, Kind.PHONE: 0}) == weight_of(told)


def test_probabilities_of_same_and_relatives_leave_room_for_strangers() -> None:
    model = shipped(KINDS, Universe(np.array([1e6]), 1000))
    same, kin = probabilities(model, np.array([[5.0, 10.0, 10.0], [-5.0, -3.0, -2.0]]), model.prior)
    assert (same + kin <= 1).all()
    assert same[0] > 0.99 > 0.01 > same[1]
