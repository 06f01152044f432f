"""What stewards' decisions teach: corrections, in bits, to what each level of each field is worth.

A decision is a label of a pair. The corrections are those of a logistic regression whose offset is the default weight
of the pair and whose features are the levels it shows; a ridge pulls them towards zero, that is, towards the default
(le Cessie & van Houwelingen 1992, "Ridge estimators in logistic regression", JRSS C 41). Term frequencies stay in the
offset.

Why not count levels among the labelled, as one would for m and u? Stewards see the doubtful pairs alone. Among those,
levels are neither as frequent as among all pairs of one person nor as among all pairs of two: the rates would be badly
biased. But whether a pair is shown depends on nothing but its evidence, and then the probability of "one person"
*given the evidence*, which is what the regression models, is the same among the shown as among all (Manski & Lerman
1977, "The estimation of choice probabilities from choice based samples", Econometrica 45, on exogenous sampling).

A correction is used only if it helps on people it has not seen: cross-validated with all pairs of a person in one
fold, both the log loss and F1 at the threshold must be better than the default's by more than noise. Decisions by which
people are the less alike the more likely one person are not learned from at all: somebody mixed up the buttons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit
from scipy.stats import rankdata

from identity.weigh import Model

Floats = NDArray[np.float64]
FEWEST = 40
"""Fewer decisions than this teach nothing."""
FEWEST_OF_EACH = 8
"""So many of either answer are needed."""
FOLDS = 5
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Ridge per squared bit, weakest first."""
SURE, SURE_OF_F1 = 1.0, 0.9
"""More than noise: standard errors by which the loss must fall; share of draws in which F1 must rise. Both at once."""
DRAWS = 400
NATS = float(np.log(2))
LARGEST_SHIFT = 12.0


@dataclass(frozen=True, slots=True)
class Decision:
    """A pair of records that a steward judged, as it was weighed without any correction."""

    a: int
    b: int
    levels: Mapping[str, int]
    """Field → level; fields that were not told are missing."""
    weight: float
    is_same: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """Bits beside the default, by field and level."""

    shift: Mapping[str, Mapping[int, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learned:
    """`correction` is empty if the default is no worse. Losses in bits per decision; both held out."""

    correction: Correction
    is_used: bool
    decisions: int
    default_loss: float = 0.0
    loss: float = 0.0
    default_f1: float = 0.0
    f1: float = 0.0
    why: str = ""


NOTHING = Correction()


def learn(decisions: Sequence[Decision], *, threshold: float) -> Learned:
    """`threshold`: the probability from which pairs are linked."""
    ordered = sorted(decisions, key=lambda one: (one.a, one.b))
    same = np.array([one.is_same for one in ordered], float)
    if len(ordered) < FEWEST or min(same.sum(), len(same) - same.sum()) < FEWEST_OF_EACH:
        return Learned(NOTHING, False, len(ordered), why="too few decisions of both kinds")
    if not _speaks_for_likeness(ordered, same):
        return Learned(NOTHING, False, len(ordered), why="the decisions contradict the evidence")
    data = _Data.of(ordered, same)
    fold = _folds(ordered)
    held_out = {strength: _held_out(data, fold, strength) for strength in STRENGTHS}
    losses = {strength: float(_loss(weight, same).mean()) for strength, weight in held_out.items()}
    best = min(reversed(STRENGTHS), key=lambda strength: losses[strength])
    found = _judged(data, held_out[best], _people(ordered), line=float(np.log2(threshold / (1 - threshold))))
    if not found.is_used:
        return found
    return replace(found, correction=data.correction(_fitted(data, np.ones(len(same), bool), best)))


def corrected(model: Model, names: Sequence[str], correction: Correction) -> Model:
    """The model with the correction's shifts; `names` of its fields, row by row."""
    if correction == NOTHING:
        return model
    shift = np.zeros_like(model.m)
    for row, name in enumerate(names):
        for level, bits in correction.shift.get(name, {}).items():
            if level < shift.shape[1]:
                shift[row, level] = bits
    return replace(model, shift=shift)


@dataclass(frozen=True, slots=True)
class _Data:
    """`x`: (decisions, levels seen), 1 where the pair shows the level. `offset` in bits."""

    x: Floats
    offset: Floats
    same: Floats
    names: Sequence[tuple[str, int]]

    @classmethod
    def of(cls, decisions: Sequence[Decision], same: Floats) -> "_Data":
        names = sorted({pair for one in decisions for pair in one.levels.items()})
        place = {name: i for i, name in enumerate(names)}
        x = np.zeros((len(decisions), len(names)))
        for row, one in enumerate(decisions):
            for pair in one.levels.items():
                x[row, place[pair]] = 1
        return cls(x, np.array([one.weight for one in decisions]), same, names)

    def correction(self, bits: Floats) -> Correction:
        shift: dict[str, dict[int, float]] = {}
        for (name, level), value in zip(self.names, bits.tolist(), strict=True):
            shift.setdefault(name, {})[level] = round(float(np.clip(value, -LARGEST_SHIFT, LARGEST_SHIFT)), 3)
        return Correction(shift)


def _fitted(data: _Data, rows: NDArray[np.bool_], strength: float) -> Floats:
    """Bits per column of x that maximise the penalised likelihood."""
    x, offset, same = data.x[rows], data.offset[rows], data.same[rows]
    sign = 1 - 2 * same

    def objective(bits: Floats) -> tuple[float, Floats]:
        score = (offset + x @ bits) * NATS * sign
        value = float(np.logaddexp(0, score).sum() + strength * (bits**2).sum() / 2)
        return value, x.T @ (expit(score) * sign) * NATS + strength * bits

    return minimize(objective, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x  # type: ignore[no-any-return]


def _held_out(data: _Data, fold: NDArray[np.int64], strength: float) -> Floats:
    """The weight of each decision by corrections learned without its fold."""
    weight = data.offset.copy()
    for one in range(FOLDS):
        out = fold == one
        weight[out] += data.x[out] @ _fitted(data, ~out, strength)
    return weight


def _judged(data: _Data, weight: Floats, person: NDArray[np.int64], *, line: float) -> Learned:
    """Whether the held-out weights beat the default by more than noise, in loss and in F1."""
    before, after = _loss(data.offset, data.same), _loss(weight, data.same)
    gain = np.bincount(person, before - after).astype(float)
    sizes = np.bincount(person).astype(float)
    default_f1, f1 = _f1(data.offset >= line, data.same), _f1(weight >= line, data.same)
    is_better = _gain_is_sure(gain) and _f1_is_sure((data.offset >= line, weight >= line), data.same, person, sizes)
    why = "" if is_better else "no better than the default on people not seen"
    figures = (float(before.mean()), float(after.mean()), default_f1, f1)
    return Learned(NOTHING, is_better, len(weight), *figures, why)


def _gain_is_sure(gain: Floats) -> bool:
    """Gains per person: their sum against its standard error."""
    return bool(gain.sum() > SURE * np.sqrt(len(gain)) * gain.std() and gain.sum() > 0)


def _f1_is_sure(
    linked: tuple[NDArray[np.bool_], NDArray[np.bool_]], same: Floats, person: NDArray[np.int64], sizes: Floats
) -> bool:
    """F1 of the corrected against the default over bootstrapped people (Efron 1979)."""
    people = len(sizes)
    random = np.random.default_rng(0)
    times = np.stack([np.bincount(draw, minlength=people) for draw in random.integers(0, people, (DRAWS, people))])
    counts = times[:, person].astype(float)
    gains = _f1_many(linked[1], same, counts) - _f1_many(linked[0], same, counts)
    return bool((gains > 0).mean() >= SURE_OF_F1)


def _f1(linked: NDArray[np.bool_], same: Floats) -> float:
    return float(_f1_many(linked, same, np.ones((1, len(same))))[0])


def _f1_many(linked: NDArray[np.bool_], same: Floats, counts: Floats) -> Floats:
    right = counts @ (linked * same)
    found: Floats = 2 * right / np.maximum(counts @ linked.astype(float) + counts @ same, 1)
    return found


def _loss(weight: Floats, same: Floats) -> Floats:
    """Bits by which each decision surprises."""
    bits: Floats = np.logaddexp(0, weight * NATS * (1 - 2 * same)) / NATS
    return bits


def _speaks_for_likeness(decisions: Sequence[Decision], same: Floats) -> bool:
    """Whether pairs said to be one person show higher levels than the others, field by field on average (Mann & Whitney
    1947). Weights do not matter here: they may be what is wrong."""
    names = sorted({name for one in decisions for name in one.levels})
    better = seen = 0.0
    for name in names:
        level = np.array([one.levels.get(name, 0) for one in decisions])
        ranks, told = rankdata(level[level > 0]), same[level > 0]
        pairs = told.sum() * (len(told) - told.sum())
        if pairs:
            better += (ranks[told == 1].sum() - told.sum() * (told.sum() + 1) / 2) * len(told) / pairs
            seen += len(told)
    return seen > 0 and better / seen > 0.5


def _people(decisions: Sequence[Decision]) -> NDArray[np.int64]:
    """Pairs that share a record, by way of others too, concern one person."""
    ids = np.unique([record for one in decisions for record in (one.a, one.b)])
    a, b = (np.searchsorted(ids, [getattr(one, side) for one in decisions]) for side in ("a", "b"))
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(ids), len(ids)))
    of = connected_components(graph, directed=False)[1]
    return np.unique(of[a], return_inverse=True)[1].astype(np.int64)


def _folds(decisions: Sequence[Decision]) -> NDArray[np.int64]:
    """People in a random order of their own, the same each time."""
    person = _people(decisions)
    order = np.random.default_rng(0).permutation(int(person.max()) + 1)
    return (order[person] % FOLDS).astype(np.int64)
