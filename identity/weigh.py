"""What agreement and disagreement are worth, learned without labels.

The model is Fellegi & Sunter's (1969), its m by expectation-maximisation (Winkler 1988, "Using the EM algorithm for
weight computation in the Fellegi–Sunter model of record linkage"), its u from random pairs, as Splink does it (Linacre
et al. 2022, "Splink: free software for probabilistic record linkage at scale", IJPDS 7). Added to it: two people who
are not the same may still be *relatives*, who share a surname, an address, now and then a phone or, as twins, a birth
date. With s the chance that relatives share a field and w its weight in bits, relatives show the same level
1 + s(2^w − 1) times as often as strangers do, so that shared household data alone never make one person of two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.columns import Kind
from identity.levels import PRIOR_PAIRS, SCALES

Floats = NDArray[np.float64]
Patterns = NDArray[np.uint8]

ROUNDS = 40
ENOUGH = 1e-5
"""Rounds end when no probability moved by more."""
WEIGHT_LIMIT = 22.0
RELATIVES_PER_PERSON = (0.02, 3.0)
"""Between these lies how many relatives of a person are elsewhere in the file, on average."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Distinct patterns of levels, (patterns, fields) uint8, with how many pairs show each and in which stratum."""

    levels: Patterns
    stratum: NDArray[np.int64]
    pairs: Floats


@dataclass(frozen=True, slots=True)
class Universe:
    """All pairs there are, by stratum (within one file, between two), and the records they come from."""

    pairs: Floats
    records: int


@dataclass(frozen=True, slots=True)
class Model:
    """m and u: (fields, levels + 1), column 0 is 1 (not told). `prior` by stratum: chance that a pair is one person."""

    kinds: tuple[Kind, ...]
    m: Floats
    u: Floats
    prior: Floats
    relatives: float
    shift: Floats | None = None
    """(fields, levels + 1) bits that people's decisions add to the weights."""

    @property
    def weights(self) -> Floats:
        """(fields, levels + 1) in bits."""
        return np.clip(np.log2(self.m / self.u), -WEIGHT_LIMIT, WEIGHT_LIMIT)

    def share(self) -> Floats:
        """(fields,) how often relatives share the field."""
        return np.array([SCALES[kind].relatives for kind in self.kinds])


def shipped(kinds: Sequence[Kind], universe: Universe) -> Model:
    """The model before any data: one record in five has a double."""
    width = max(SCALES[kind].top for kind in kinds) + 1
    m, u = np.ones((len(kinds), width)), np.ones((len(kinds), width))
    for row, kind in enumerate(kinds):
        scale = SCALES[kind]
        m[row, 1 : scale.top + 1], u[row, 1 : scale.top + 1] = scale.m, scale.u
    prior = np.minimum(0.2 * universe.records / len(universe.pairs) / np.maximum(universe.pairs, 1), 0.5)
    return Model(tuple(kinds), m, u, prior, 0.5 / max(universe.records, 2))


def learn(start: Model, *, candidates: Counted, sample: Counted, universe: Universe) -> Model:
    """`candidates` are the pairs that blocking found, `sample` random pairs. Pairs not among the candidates count as
    people apart, so the prior is of all pairs. In each round random pairs count towards u as far as they are apart:
    in a small file many of them are doubles."""
    model = start
    for _ in range(ROUNDS):
        same, kin = posterior(model, candidates.levels, candidates.stratum)
        weight = same * candidates.pairs
        apart = (1 - posterior(model, sample.levels, sample.stratum)[0]) * sample.pairs
        found = Model(
            model.kinds,
            _rates(candidates.levels, weight, start.m),
            _rates(sample.levels, apart, start.u),
            _prior(weight, candidates.stratum, universe),
            _relatives(float((kin * candidates.pairs).sum()), universe),
        )
        moved = max(float(np.abs(found.m - model.m).max()), float(np.abs(found.u - model.u).max()))
        model = found
        if moved < ENOUGH:
            break
    return model


def posterior(model: Model, levels: Patterns, stratum: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Probabilities that the pairs are one person, and that they are two relatives."""
    return probabilities(model, looked_up(model.weights, levels), model.prior[stratum])


def looked_up(table: Floats, levels: Patterns) -> Floats:
    """(pairs, fields) the entries of a (fields, levels + 1) table."""
    return np.stack([table[field, levels[:, field]] for field in range(levels.shape[1])], axis=1)


def probabilities(model: Model, each: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """`each`: (pairs, fields) weights in bits."""
    same = np.log2(prior) + each.sum(axis=1)
    kin = np.log2(model.relatives) + relative_bits(each, model.share())
    top = np.maximum(np.maximum(same, kin), 0)
    parts = np.exp2(np.stack([same, kin, np.zeros(len(each))]) - top)
    total = parts.sum(axis=0)
    return parts[0] / total, parts[1] / total


def relative_bits(each: Floats, share: Floats) -> Floats:
    """How much more often relatives look like this than strangers do, in bits."""
    return np.log2(1 + share * (np.exp2(each) - 1)).sum(axis=1)  # type: ignore[no-any-return]


def match_weight(model: Model, each: Floats, prior: Floats) -> Floats:
    """The evidence in bits, the prior included: log2 of the odds that the two are one person."""
    same, _ = probabilities(model, each, prior)
    kept = np.clip(same, 1e-300, 1 - 1e-16)
    return np.log2(kept) - np.log2(1 - kept)


def _rates(levels: Patterns, weight: Floats, usual: Floats) -> Floats:
    """How often each level is seen, of the weighted pairs that tell the field; a few pairs of the usual beside them."""
    rates = np.ones_like(usual)
    for field in range(levels.shape[1]):
        shipped_rates = np.where(usual[field] < 1, usual[field], 0)
        top = int(np.flatnonzero(shipped_rates)[-1])
        seen = np.bincount(levels[:, field], weight, minlength=top + 1)[1 : top + 1]
        smoothed = seen + PRIOR_PAIRS * shipped_rates[1 : top + 1]
        rates[field, 1 : top + 1] = np.maximum(smoothed / smoothed.sum(), 0.3 / (seen.sum() + PRIOR_PAIRS**2))
    return rates


def _prior(weight: Floats, stratum: NDArray[np.int64], universe: Universe) -> Floats:
    """One pair of a thousand records beside those found: a file without any double still knows that there might be."""
    found = np.bincount(stratum, weight, minlength=len(universe.pairs))
    return np.clip((found + universe.records / 1000) / np.maximum(universe.pairs, 1), 1e-15, 0.5)


def _relatives(found: float, universe: Universe) -> float:
    fewest, most = (per_person * universe.records / 2 for per_person in RELATIVES_PER_PERSON)
    total = max(float(universe.pairs.sum()), 1.0)
    return float(min(max(found, fewest), most) / total)
