"""What decisions teach: from mis-set weights they help on people nobody labelled; contradictory ones never harm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from identity import weigh
from identity.features import comparers, features
from identity.learn import NOTHING, Decision, corrected, learn
from identity.linking import Comparison, Scorer
from identity.record_values import Table, compared
from identity.weigh import Model
from tests.identity import made_people
from tests.identity.matching import traits_of

THRESHOLD = 0.99
LINE = float(np.log2(THRESHOLD / (1 - THRESHOLD)))
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Crowd:
    """Records of a shop's people with known truth, all pairs compared; `model` was learned from them."""

    table: Comparison
    model: Model
    levels: NDArray[np.uint8]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    person: NDArray[np.int64]

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.table.fields]

    @property
    def same(self) -> Bools:
        return self.person[self.a] == self.person[self.b]  # type: ignore[no-any-return]

    def weight(self, model: Model) -> NDArray[np.float64]:
        return Scorer(self.table, model, [[] for _ in self.names]).of(self.levels, self.a, self.b)[0]

    def f1(self, model: Model, among: Bools) -> float:
        linked, same = self.weight(model)[among] >= LINE, self.same[among]
        return float(2 * (linked & same).sum() / max(linked.sum() + same.sum(), 1))


@cache
def crowd() -> Crowd:
    random = Random(1)
    rows = made_people.with_doubles(random, made_people.people(random, 350))
    table = Table({})
    said = [{name: [value, ""] for name, value in traits_of(one).items() if name != "birthday"} for one in rows]
    table.add({i: compared(traits, (), {}) for i, traits in enumerate(said)})
    compare = Comparison(comparers(features(table.columns(), size=len(rows))), np.zeros(len(rows), np.int8))
    a, b = np.triu_indices(len(rows), 1)
    one, two = a.astype(np.int32), b.astype(np.int32)
    codes, universe = compare.packed(one, two), compare.universe()
    start = weigh.shipped([field.kind for field in compare.fields], universe)
    counted = compare.counted(codes, one, two)
    model = weigh.learn(start, candidates=counted, sample=compare.sample(len(rows)), universe=universe)
    return Crowd(compare, model, compare.unpacked(codes), a, b, np.array([one.person for one in rows]))


def mis_set(seed: int, *, bits: float) -> Model:
    """Every weight is wrong by so many bits, more or less."""
    noise = np.random.default_rng(seed).normal(0, bits, crowd().model.m.shape)
    noise[:, 0] = 0
    return replace(crowd().model, m=crowd().model.m * 2.0**noise)


def decisions(model: Model, *, seed: int, count: int = 200) -> list[Decision]:
    """On pairs as a steward gets to see them: those that are neither hopeless nor beyond doubt."""
    of, weight = crowd(), crowd().weight(model)
    doubtful = np.flatnonzero((weight > np.log2(0.05 / 0.95)) & (weight < 13))
    chosen = np.random.default_rng(seed).choice(doubtful, min(count, len(doubtful)), replace=False)
    found = []
    for i in chosen.tolist():
        levels = {name: int(level) for name, level in zip(of.names, of.levels[i], strict=True) if level}
        found.append(Decision(int(of.a[i]), int(of.b[i]), levels, float(weight[i]), bool(of.same[i])))
    return found


def not_labelled(told: Sequence[Decision]) -> Bools:
    """Pairs of people of whom no record was in any decision."""
    of = crowd()
    labelled = np.isin(of.person, of.person[[record for one in told for record in (one.a, one.b)]])
    return ~labelled[of.a] & ~labelled[of.b]


@pytest.mark.parametrize(("seed", "bits"), [(1, 3.0), (1, 4.0), (2, 3.0), (3, 4.0), (4, 3.0), (5, 4.0)])
def test_200_decisions_hardly_lower_f1_on_people_not_labelled(seed: int, bits: float) -> None:
    told, model = decisions(mis_set(seed, bits=bits), seed=seed), mis_set(seed, bits=bits)
    learned = learn(told, threshold=THRESHOLD)
    better, others = corrected(model, crowd().names, learned.correction), not_labelled(told)
    assert crowd().f1(better, others) >= crowd().f1(model, others) - 0.03


def test_200_decisions_raise_f1_on_people_not_labelled_from_mis_set_weights() -> None:
    gains = []
    for seed in range(8):
        model = mis_set(seed, bits=4)
        told = decisions(model, seed=seed)
        learned = learn(told, threshold=THRESHOLD)
        better, others = corrected(model, crowd().names, learned.correction), not_labelled(told)
        gains.append(crowd().f1(better, others) - crowd().f1(model, others))
    assert min(gains) > -0.03
    assert sum(gain > 0.02 for gain in gains) >= 4
    assert np.mean(gains) > 0.05


def at_random(one: Decision, random: Random) -> Decision:
    return replace(one, is_same=random.random() < 0.5)


def half_flipped(one: Decision, random: Random) -> Decision:
    return replace(one, is_same=one.is_same ^ (random.random() < 0.5))


def flipped(one: Decision, _: Random) -> Decision:
    return replace(one, is_same=not one.is_same)


@pytest.mark.parametrize("how", [at_random, half_flipped, flipped])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bits", [0.0, 4.0])
def test_contradictory_decisions_never_lower_it(
    how: Callable[[Decision, Random], Decision], seed: int, bits: float
) -> None:
    model, random = mis_set(seed, bits=bits), Random(seed)
    told = [how(one, random) for one in decisions(model, seed=seed)]
    learned = learn(told, threshold=THRESHOLD)
    better, others = corrected(model, crowd().names, learned.correction), not_labelled(told)
    assert crowd().f1(better, others) >= crowd().f1(model, others)


def test_the_order_of_decisions_does_not_count() -> None:
    told = decisions(mis_set(1, bits=4), seed=1)
    shuffled = Random(1).sample(told, len(told))
    learned = learn(told, threshold=THRESHOLD)
    assert learned.is_used
    assert learn(shuffled, threshold=THRESHOLD) == learned


def test_too_few_or_one_sided_decisions_teach_nothing() -> None:
    told = decisions(mis_set(1, bits=4), seed=1)
    assert learn([], threshold=THRESHOLD).correction == NOTHING
    assert not learn(told[:30], threshold=THRESHOLD).is_used
    assert not learn([replace(one, is_same=True) for one in told], threshold=THRESHOLD).is_used


def test_a_correction_shifts_the_levels_it_names_and_nothing_else() -> None:
    model = mis_set(1, bits=4)
    learned = learn(decisions(model, seed=1), threshold=THRESHOLD)
    better = corrected(model, crowd().names, learned.correction)
    assert better.shift is not None
    for row, name in enumerate(crowd().names):
        for level in range(better.shift.shape[1]):
            assert better.shift[row, level] == learned.correction.shift.get(name, {}).get(level, 0)
    assert corrected(model, crowd().names, NOTHING) is model
