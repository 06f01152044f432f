"""A person's list: the components mixed by what proved right before, ranked, with how sure and why.

P(next item = i) = Σ_k λ_k P_k(i), an interpolated model (Jelinek and Mercer, 1980). A person comes to μ different items
in four weeks on average; interest in one of them is taken as a Poisson process, so that
confidence = 1 - exp(-μ P(i)): the probability that the person looks at it, adds it or buys it within four weeks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from scoring.recommend.components import Because, Components
from scoring.recommend.interactions import Floats, Ints
from scoring.recommend.knowledge import Knowledge
from scoring.recommend.pairs import place_within, rows_of, strongest

BUCKETS = (0.0, 2.5, 8.0)
"""By different items lately: whoever is known better is believed more."""
MOST_OF_CATEGORY = 2
"""From the third item of a category on, each further one steps back."""
DEFAULT_MIX = (0.15, 0.1, 0.1, 0.15, 0.05, 0.1, 0.15, 0.2)
"""Until the past has shown which component is right how often."""


@dataclass(frozen=True)
class Weights:
    mix: tuple[tuple[float, ...], ...] = (DEFAULT_MIX,) * len(BUCKETS)
    """Per bucket the share of each component, by Because; each sums to 1."""
    base: float = 0.5
    slope: float = 0.5
    """Different items to be expected in four weeks: base + slope × items lately."""
    scale: float = 1.0
    """What came of earlier lists, divided by what had been said of them."""
    steps_back: float = 1.0
    """Factor for each further item of a category; 1 leaves the order as it is."""


@dataclass(frozen=True)
class Asked:
    """What a list may hold."""

    allowed: NDArray[np.bool_]
    """Per item."""
    left_out: Ints
    """Keys person × items + item."""
    most: int


@dataclass(frozen=True)
class Listed:
    """One row per entry, by person, best first."""

    person: Ints
    item: Ints
    confidence: Floats
    because: Ints
    source: Ints
    """The item of the person's own that led to it, or -1."""


def mixed(found: Components, known: Knowledge, weights: Weights) -> tuple[Ints, Ints, Floats]:
    """(person, item, P(next item)) at all candidates, by person. One sum over all components: a sum of matrices one
    after the other takes three times as long."""
    share = np.array(weights.mix)[bucket_of(found.items_lately)]
    shape = len(share), len(known.catalogue)
    rows = [rows_of(part) for part in found.parts] + [np.repeat(np.arange(shape[0]), len(found.top))]
    columns = [part.indices for part in found.parts] + [np.tile(found.top, shape[0])]
    values = [part.data * share[row, kind] for kind, (part, row) in enumerate(zip(found.parts, rows, strict=False))]
    values.append(np.zeros(len(rows[-1])))
    total = sparse.csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    total.sum_duplicates()
    person, item = rows_of(total), total.indices.astype(np.int64)
    return person, item, total.data + share[person, Because.POPULAR] * known.figures.share[item]


def bucket_of(items_lately: Floats) -> Ints:
    return np.searchsorted(np.array(BUCKETS), items_lately, side="right").astype(np.int64) - 1


def rank(found: Components, known: Knowledge, weights: Weights, asked: Asked) -> Listed:
    person, item, value = mixed(found, known, weights)
    keep = asked.allowed[item] & (value > 0)
    keep &= ~np.isin(person * len(known.catalogue) + item, asked.left_out)
    person, item, value = person[keep], item[keep], value[keep]
    best = strongest(person, stepping_back(person, item, value, known, weights.steps_back), asked.most)
    person, item, value = person[best], item[best], value[best]
    expected = weights.scale * (weights.base + weights.slope * found.items_lately)
    because = _because(found, known, weights, person, item)
    source = _source(found, known, person, item, because)
    return Listed(person, item, -np.expm1(-expected[person] * value), because, source)


def stepping_back(person: Ints, item: Ints, value: Floats, known: Knowledge, factor: float) -> Floats:
    """The values, lowered for the third and further items of one category in a list."""
    category = known.catalogue.category[item]
    if factor >= 1 or not len(item):
        return value
    key = person * (int(category.max()) + 2) + category + 1
    order = np.lexsort((-value, key))
    place = np.empty(len(item), dtype=np.int64)
    place[order] = place_within(key[order])
    further = np.where(category >= 0, np.maximum(place - MOST_OF_CATEGORY + 1, 0), 0)
    return value * factor**further


def at(matrix: sparse.csr_array, row: Ints, column: Ints) -> Floats:
    """The matrix's values at these places."""
    if not len(row):
        return np.zeros(0)
    return np.asarray(matrix[row, column], dtype=np.float64).ravel()


def _because(found: Components, known: Knowledge, weights: Weights, person: Ints, item: Ints) -> Ints:
    """The component that says most for each entry."""
    share = np.array(weights.mix)[bucket_of(found.items_lately)][person]
    said = [at(part, person, item) for part in found.parts] + [known.figures.share[item]]
    return np.argmax(np.column_stack(said) * share, axis=1) if len(item) else np.zeros(0, dtype=np.int64)


def _source(found: Components, known: Knowledge, person: Ints, item: Ints, because: Ints) -> Ints:
    """Of the person's own items the one that led most strongly to each entry."""
    source = np.full(len(item), -1, dtype=np.int64)
    for kind, own, leads in (
        (Because.RECENT, found.recent, known.leads_to),
        (Because.SIMILAR, found.taste, known.leads_to),
        (Because.TOGETHER, found.bought, known.goes_with),
    ):
        entry = np.flatnonzero(because == kind)
        if not len(entry):
            continue
        n = np.diff(own.indptr)[person[entry]]
        each = np.repeat(np.arange(len(entry)), n)
        place = np.repeat(own.indptr[person[entry]], n) + place_within(each)
        mine = own.indices[place].astype(np.int64)
        pull = own.data[place] * at(leads, mine, item[entry][each])
        best = strongest(each, pull, 1)
        source[entry[each[best]]] = mine[best]
    return source
