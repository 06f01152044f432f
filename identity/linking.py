"""Linking the records of a table: block, compare, weigh, group. Deterministic; the order of the rows does not count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from identity import block_keys, cluster, weigh
from identity.block import candidate_pairs
from identity.columns import Kind
from identity.compare import Comparer, Field
from identity.features import Columns, Features, comparers, features
from identity.levels import DIFFERENT, SCALES
from identity.weigh import Counted, Model, Universe

Records = NDArray[np.int64]
Patterns = NDArray[np.uint8]
Apart = Callable[[Records, Records], NDArray[np.bool_]]

CHUNK = 400_000
MOST_PATTERNS = 1 << 61
"""So many differing combinations of levels have a number; further columns are not compared."""
FLOOR = -10.0
"""Bits: a thousand to one against."""
SAMPLE, LEARN_FROM = 1_000_000, 4_000_000
"""Random pairs from which u is learned; candidate pairs from which m is."""
SURE = 0.99
"""Pairs as probable as this, before term frequencies, count as one person when people per value are counted."""
UNSEEN = 0.3
"""Of a value that one person has, how many more have it whom the file does not show."""
PRIOR_PEOPLE = 200
"""So many people without the value stand behind every file: in a file of three, no name is common yet."""
HARD_WEIGHT = -3.0
"""A difference in a hard field forbids a merge if it weighs so many bits: in dirty data it weighs less by itself."""
AGREES, FIELDS_THAT_AGREE = 2.0, 2
"""A field agrees if it speaks for one person with so many bits (4 to 1); so many must before anything is merged."""


@dataclass(frozen=True, slots=True)
class Options:
    link: float = 0.9
    review: float = 0.3
    """Probabilities from which a pair is merged by itself, or shown to a steward."""
    largest: int = 100
    tell: Callable[[str], None] = lambda _: None
    correct: Callable[[Model, Sequence[Field]], Model] = lambda model, _: model
    """What is known beside the records (decisions of people) corrects what was learned from them."""
    apart: Apart | None = None
    """Of pairs of records, which are known to be two people."""


@dataclass(frozen=True, slots=True)
class Linked:
    """`group` of each record; candidate pairs with `weight` in bits and `probability`."""

    group: NDArray[np.int32]
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    weight: NDArray[np.float32]
    may_merge: NDArray[np.bool_]
    model: Model
    fields: Sequence[Field]
    scorer: "Scorer | None" = None
    of: Features | None = None

    @property
    def probability(self) -> NDArray[np.float64]:
        return 1 / (1 + np.exp2(-self.weight.astype(np.float64)))


class NothingToCompare(ValueError):
    """No column of the file can be compared. Say with --map what the columns are."""


def link(columns: Columns, *, file: NDArray[np.int8], options: Options) -> Linked:
    """`file` is the number of each record's file, 0 or 1. Records come in an order of their own (by file and id)."""
    size = len(file)
    of = features(columns, size=size)
    table = Comparison(comparers(of), file)
    if not table.fields:
        raise NothingToCompare(NothingToCompare.__doc__)
    universe = table.universe()
    start = weigh.shipped([field.kind for field in table.fields], universe)

    def worth(one: Records, two: Records) -> NDArray[np.float64]:
        return weigh.posterior(start, table.levels(one, two), table.stratum(one, two))[0]

    a, b = candidate_pairs(block_keys.rules(of), size=size, worth=worth)
    options.tell(f"{len(a):,} pairs to compare")
    codes = table.packed(a, b)
    if not len(a):
        none = np.empty(0)
        return Linked(np.arange(size, dtype=np.int32), a, b, none.astype(np.float32), none > 0, start, table.fields)
    model = weigh.learn(start, candidates=table.counted(codes, a, b), sample=table.sample(size), universe=universe)
    options.tell("weights learned")
    shared = count_people(table.fields, _people(table, model, codes, (a, b)))
    model = options.correct(model, table.fields)
    scorer = Scorer(table, model, shared, apart=options.apart)
    weight, may_merge, barred = scorer.all_of(codes, a, b)
    options.tell("pairs weighed")
    known = _Known(a.astype(np.int64) * size + b, weight, may_merge, barred)
    line = np.log2(options.link / (1 - options.link))

    def judge(one: Records, two: Records) -> cluster.Pairs:
        return known.judged(one, two, scorer=scorer, size=size, line=line)

    strong = np.flatnonzero((weight >= line) & may_merge)
    chosen = cluster.Pairs(
        a[strong].astype(np.int64), b[strong].astype(np.int64), weight[strong].astype(np.float64),
        np.ones(len(strong), bool), barred[strong],
    )  # fmt: skip
    group = cluster.groups(chosen, size=size, judge=judge, largest=options.largest)
    return Linked(group, a, b, weight, may_merge & ~barred, model, table.fields, scorer, of)


@dataclass(frozen=True, slots=True)
class _Known:
    """Pairs that were weighed, by their number a × size + b, which rises."""

    number: Records
    weight: NDArray[np.float32]
    may_merge: NDArray[np.bool_]
    is_barred: NDArray[np.bool_]

    def judged(self, a: Records, b: Records, *, scorer: "Scorer", size: int, line: float) -> cluster.Pairs:
        """`a` < `b`. Those that blocking did not find are compared now."""
        wanted = a * size + b
        place = np.minimum(np.searchsorted(self.number, wanted), len(self.number) - 1)
        bits, may, barred = self.weight[place].astype(np.float64), self.may_merge[place], self.is_barred[place]
        new = np.flatnonzero(self.number[place] != wanted)
        if len(new):
            bits[new], may[new], barred[new] = scorer.of(scorer.table.levels(a[new], b[new]), a[new], b[new])
        return cluster.Pairs(a, b, bits, may & (bits >= line), barred)


class Comparison:
    """All comparers of a table side by side. A pair's levels are packed into one number."""

    def __init__(self, parts: Sequence[Comparer], file: NDArray[np.int8]) -> None:
        self.parts: list[Comparer] = []
        self.fields: list[Field] = []
        self.places = [1]
        """What a level of each field counts in the number; last, what there are numbers of."""
        for part in parts:
            places = list(accumulate((SCALES[one.kind].top + 1 for one in part.fields), mul, initial=self.places[-1]))
            if places[-1] <= MOST_PATTERNS:
                self.parts.append(part)
                self.fields += part.fields
                self.places += places[1:]
        self.file = file

    def levels(self, a: Records, b: Records) -> Patterns:
        """(pairs, fields)"""
        return np.stack([levels for part in self.parts for levels in part.levels(a, b)], axis=1)

    def packed(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int64]:
        out = np.empty(len(a), np.int64)
        for start in range(0, len(a), CHUNK):
            part = slice(start, start + CHUNK)
            one, two = a[part].astype(np.int64), b[part].astype(np.int64)
            found = [levels for comparer in self.parts for levels in comparer.levels(one, two)]
            out[part] = sum(levels * np.int64(place) for levels, place in zip(found, self.places[:-1], strict=True))
        return out

    def unpacked(self, codes: NDArray[np.int64]) -> Patterns:
        tops = zip(self.places[:-1], self.places[1:], strict=True)
        return np.stack([codes % above // place for place, above in tops], axis=1).astype(np.uint8)

    def stratum(self, a: NDArray[np.int32] | Records, b: NDArray[np.int32] | Records) -> NDArray[np.int64]:
        """0: both of one file; 1: one of each."""
        return (self.file[a] != self.file[b]).astype(np.int64)  # type: ignore[no-any-return]

    def universe(self) -> Universe:
        sizes = np.bincount(self.file)
        pairs = [float((sizes * (sizes - 1) // 2).sum())]
        if len(sizes) > 1:
            pairs.append(float(sizes[0] * sizes[1]))
        return Universe(np.array(pairs), len(self.file))

    def counted(self, codes: NDArray[np.int64], a: NDArray[np.int32], b: NDArray[np.int32]) -> Counted:
        """Of very many pairs every k-th, counting k times."""
        step = -(-len(codes) // LEARN_FROM)
        both = codes[::step] << 1 | self.stratum(a[::step], b[::step])
        patterns, seen = np.unique(both, return_counts=True)
        return Counted(self.unpacked(patterns >> 1), patterns & 1, seen.astype(np.float64) * step)

    def sample(self, size: int) -> Counted:
        """Random pairs; all of them in a small table."""
        if size * (size - 1) // 2 <= SAMPLE:
            a, b = np.triu_indices(size, 1)
        else:
            random = np.random.default_rng(0)
            a, b = random.integers(0, size, (2, SAMPLE))
            a, b = a[a != b], b[a != b]
        one, two = a.astype(np.int32), b.astype(np.int32)
        return self.counted(self.packed(one, two), one, two)


@dataclass(frozen=True, slots=True)
class Shared:
    """Values of a field that say more the fewer people have them: `codes` by record, `people` by code, `total` people
    who have any."""

    level: int
    codes: NDArray[np.int32]
    people: NDArray[np.int64]
    total: int


class Scorer:
    """Weights of pairs with term frequencies: to share a rare value says more than to share a common one."""

    def __init__(
        self, table: Comparison, model: Model, shared: Sequence[Sequence[Shared]], *, apart: Apart | None = None
    ) -> None:
        """`shared`: of each field, how many people have each of its values."""
        self.table, self.model, self.shared, self.apart = table, model, shared, apart
        self.terms = [
            [(one.level, one.codes, _term_weights(one, model, field)) for one in of] for field, of in enumerate(shared)
        ]
        self.bars = [
            field for field, one in enumerate(table.fields)
            if SCALES[one.kind].is_hard and model.weights[field, DIFFERENT] <= HARD_WEIGHT
        ]  # fmt: skip
        evidence = [SCALES[one.kind].evidence or one.name for one in table.fields]
        self.evidence = {name: [i for i, one in enumerate(evidence) if one == name] for name in dict.fromkeys(evidence)}

    def of(
        self, levels: Patterns, a: Records, b: Records
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Weight in bits, whether two independent fields agree, whether hard evidence forbids it."""
        each = self.each(levels, a)
        weight = weigh.match_weight(self.model, each, self.model.prior[self.table.stratum(a, b)])
        if self.model.shift is not None:
            moved = weigh.looked_up(self.model.shift, levels)
            each, weight = each + moved, weight + moved.sum(axis=1)
        agrees = each >= AGREES
        fields = np.zeros(len(a), np.int64)
        for of in self.evidence.values():
            fields += agrees[:, of].any(axis=1)
        barred = self._barred(levels)
        if self.apart is not None:
            barred |= self.apart(a, b)
        return weight, fields >= FIELDS_THAT_AGREE, barred

    def each(self, levels: Patterns, a: Records) -> NDArray[np.float64]:
        """(pairs, fields) bits of evidence."""
        each = weigh.looked_up(self.model.weights, levels)
        for field, terms in enumerate(self.terms):
            for level, codes, bits in terms:
                of_level = np.flatnonzero(levels[:, field] == level)
                code = codes[a[of_level]]
                each[of_level, field] = np.where(code >= 0, bits[code], each[of_level, field])
        return each

    def all_of(
        self, codes: NDArray[np.int64], a: NDArray[np.int32], b: NDArray[np.int32]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        """A pattern that even with the rarest values is improbable is weighed once, without them."""
        stratum = self.table.stratum(a, b)
        patterns, place = np.unique(codes << 1 | stratum, return_inverse=True)
        levels, prior = self.table.unpacked(patterns >> 1), self.model.prior[patterns & 1]
        usual = weigh.looked_up(self.model.weights, levels)
        moved = 0.0 if self.model.shift is None else weigh.looked_up(self.model.shift, levels).sum(axis=1)
        weight = (weigh.match_weight(self.model, usual, prior) + moved).astype(np.float32)[place]
        may, barred = np.zeros(len(a), bool), self._barred(levels)[place]
        most = np.log2(prior) + self._most(usual, levels).sum(axis=1) + moved
        likely = np.flatnonzero((most >= FLOOR)[place])
        for start in range(0, len(likely), CHUNK):
            part = likely[start : start + CHUNK]
            weight[part], may[part], barred[part] = self.of(
                levels[place[part]], a[part].astype(np.int64), b[part].astype(np.int64)
            )
        return weight, may, barred

    def _most(self, usual: NDArray[np.float64], levels: Patterns) -> NDArray[np.float64]:
        """`usual` bits of patterns, with the rarest value wherever rarity counts."""
        most = usual.copy()
        for field, terms in enumerate(self.terms):
            for level, _, bits in terms:
                at = levels[:, field] == level
                most[at, field] = np.maximum(most[at, field], bits.max(initial=-weigh.WEIGHT_LIMIT))
        return most

    def _barred(self, levels: Patterns) -> NDArray[np.bool_]:
        return (levels[:, self.bars] == DIFFERENT).any(axis=1)  # type: ignore[no-any-return]


def _people(
    table: Comparison, model: Model, codes: NDArray[np.int64], pairs: tuple[NDArray[np.int32], NDArray[np.int32]]
) -> NDArray[np.int32]:
    """A first guess who is one person, so that a person's own doubles do not make a value common."""
    patterns, of = np.unique(codes, return_inverse=True)
    same, _ = weigh.posterior(model, table.unpacked(patterns), np.zeros(len(patterns), np.int64))
    sure = np.flatnonzero((same >= SURE)[of])
    size = len(table.file)
    graph = coo_array((np.ones(len(sure), np.int8), (pairs[0][sure], pairs[1][sure])), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int32)  # type: ignore[no-any-return]


def count_people(fields: Sequence[Field], person: NDArray[np.int32]) -> list[list[Shared]]:
    """How many people have each value; a person's own doubles count once."""
    return [[_shared(level, codes, person) for level, codes in field.terms] for field in fields]


def _shared(level: int, codes: NDArray[np.int32], person: NDArray[np.int32]) -> Shared:
    told = codes >= 0
    width = int(person.max(initial=0)) + 1
    distinct = np.unique(codes[told].astype(np.int64) * width + person[told])
    people = np.bincount(distinct // width, minlength=int(codes.max(initial=0)) + 1)
    return Shared(level, codes, people, max(len(np.unique(person[told])), 1))


def _term_weights(shared: Shared, model: Model, field: int) -> NDArray[np.float64]:
    """Bits of sharing each value: m over the share of people, apart from this one, who have it."""
    rarest = SCALES[model.kinds[field]].rarest
    share = np.maximum((shared.people - 1 + UNSEEN) / (shared.total + PRIOR_PEOPLE), rarest)
    m = model.m[field, shared.level]
    return np.clip(np.log2(m / np.minimum(share, 1)), -weigh.WEIGHT_LIMIT, weigh.WEIGHT_LIMIT)  # type: ignore[no-any-return]


__all__ = ["Kind", "Linked", "NothingToCompare", "Options", "link"]
