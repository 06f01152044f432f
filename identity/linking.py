"""Linking the records of a table: block, compare, weigh, group. Deterministic; the order of the rows does not count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
AGREES, FIELDS_THAT_AGREE = 3.0, 2
"""A field agrees if it speaks for one person with so many bits (8 to 1); so many must before anything is merged."""


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
    a, b = candidate_pairs(block_keys.rules(of), size=size)
    options.tell(f"{len(a):,} pairs to compare")
    codes = table.packed(a, b)
    universe = table.universe()
    start = weigh.shipped([field.kind for field in table.fields], universe)
    if not len(a):
        none = np.empty(0)
        return Linked(np.arange(size, dtype=np.int32), a, b, none.astype(np.float32), none > 0, start, table.fields)
    model = weigh.learn(start, candidates=table.counted(codes, a, b), sample=table.sample(size), universe=universe)
    options.tell("weights learned")
    shared = count_people(table.fields, _people(table, model, codes, (a, b)))
    model = options.correct(model, table.fields)
    scorer = Scorer(table, model, shared, apart=options.apart)
    weight, may_merge, barred = scorer.all_of(codes, a, b)
    line = np.log2(options.link / (1 - options.link))

    def judge(one: Records, two: Records) -> cluster.Pairs:
        bits, may, bar = scorer.of(table.levels(one, two), one, two)
        return cluster.Pairs(one, two, bits, may & (bits >= line), bar)

    strong = np.flatnonzero((weight >= line) & may_merge)
    chosen = cluster.Pairs(
        a[strong].astype(np.int64), b[strong].astype(np.int64), weight[strong].astype(np.float64),
        np.ones(len(strong), bool), barred[strong],
    )  # fmt: skip
    group = cluster.groups(chosen, size=size, judge=judge, largest=options.largest)
    return Linked(group, a, b, weight, may_merge & ~barred, model, table.fields, scorer, of)


class Comparison:
    """All comparers of a table side by side. A pair's levels are packed into one number, four bits a field."""

    def __init__(self, parts: Sequence[Comparer], file: NDArray[np.int8]) -> None:
        self.parts = parts[:12]
        self.fields = [field for part in self.parts for field in part.fields]
        self.file = file

    def levels(self, a: Records, b: Records) -> Patterns:
        """(pairs, fields)"""
        return np.stack([levels for part in self.parts for levels in part.levels(a, b)], axis=1)

    def packed(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int64]:
        out = np.empty(len(a), np.int64)
        for start in range(0, len(a), CHUNK):
            part = slice(start, start + CHUNK)
            levels = self.levels(a[part].astype(np.int64), b[part].astype(np.int64))
            out[part] = _pack(levels)
        return out

    def unpacked(self, codes: NDArray[np.int64]) -> Patterns:
        return np.stack([(codes >> 4 * field) & 15 for field in range(len(self.fields))], axis=1).astype(np.uint8)

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
        barred = np.zeros(len(a), bool)
        for field in self.bars:
            barred |= levels[:, field] == DIFFERENT
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
        weight, may, barred = np.empty(len(a), np.float32), np.empty(len(a), bool), np.empty(len(a), bool)
        for start in range(0, len(a), CHUNK):
            part = slice(start, start + CHUNK)
            weight[part], may[part], barred[part] = self.of(
                self.table.unpacked(codes[part]), a[part].astype(np.int64), b[part].astype(np.int64)
            )
        return weight, may, barred


def _pack(levels: Patterns) -> NDArray[np.int64]:
    out = np.zeros(len(levels), np.int64)
    for field in range(levels.shape[1]):
        out |= levels[:, field].astype(np.int64) << 4 * field
    return out


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
