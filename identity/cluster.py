"""From pairs to groups: who are one person, given all pairs of a neighbourhood and not one link alone.

Records joined by links form components. Within each, groups grow by average linkage over *all* its pairs (Sokal &
Michener 1958, UPGMA), those that contradict included: two groups become one only if a link joins them, no hard
evidence forbids it, and their pairs speak for it on average. So a single weak bridge between two dense groups breaks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Records = NDArray[np.int64]
Floats = NDArray[np.float64]
CLIP = 12.0
"""Bits beyond which a pair does not speak louder in an average."""
LARGEST_MATRIX = 150
"""Components beyond are first split at ever stronger links: all pairs of so many records would have to be compared."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs with weight in bits (0: as likely as not), whether they may be merged by themselves, and whether hard
    evidence forbids it."""

    a: Records
    b: Records
    weight: Floats
    is_link: NDArray[np.bool_]
    is_barred: NDArray[np.bool_]


Judge = Callable[[Records, Records], Pairs]
"""Weighs any pairs, also those that blocking did not find."""


def groups(pairs: Pairs, *, size: int, judge: Judge, largest: int) -> NDArray[np.int32]:
    """Group number of each of `size` records: the lowest index of its members. `largest` caps a group."""
    group = np.arange(size, dtype=np.int32)
    keep = pairs.is_link & ~pairs.is_barred
    a, b, weight = pairs.a[keep], pairs.b[keep], pairs.weight[keep]
    simple: list[Records] = []
    complex_ones: list[Records] = []
    for members in components(a, b, weight, size=size):
        (simple if len(members) == 2 else complex_ones).append(members)
    if simple:
        twos = np.array(simple)
        group[twos[:, 1]] = twos[:, 0]
    for batch in _batches(complex_ones):
        _group(batch, group, judge=judge, largest=largest)
    return group


def _group(batch: list[Records], group: NDArray[np.int32], *, judge: Judge, largest: int) -> None:
    """Most components hold together in all their pairs and need no more than a look."""
    whole = judge(*_all_pairs(batch))
    counts = np.array([len(members) * (len(members) - 1) // 2 for members in batch])
    ends = np.cumsum(counts)
    agree = np.logical_and.reduceat((whole.weight > 0) & ~whole.is_barred, ends - counts)
    for members, end, count, is_one in zip(batch, ends.tolist(), counts.tolist(), agree.tolist(), strict=True):
        if is_one and len(members) <= largest:
            group[members] = members[0]
            continue
        part = slice(end - count, end)
        for found in average_linkage(
            len(members), whole.weight[part], whole.is_link[part], whole.is_barred[part], largest=largest
        ):
            group[members[found]] = members[found[0]]


def components(a: Records, b: Records, weight: Floats, *, size: int, most: int = LARGEST_MATRIX) -> Iterator[Records]:
    """Members, ascending, of each component of two or more. Too large ones fall apart at their weaker links; a
    component that holds together even by its strongest is cut along the order of its records."""
    if not len(a):
        return
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    sizes = np.bincount(label, minlength=count)
    order = np.argsort(label, kind="stable")
    ends = np.cumsum(sizes)
    for one in np.flatnonzero(sizes > 1):
        members = order[ends[one] - sizes[one] : ends[one]].astype(np.int64)
        if len(members) <= most:
            yield members
        else:
            yield from _split(members, label[a] == one, (a, b, weight), most)


def _split(
    members: Records, inside: NDArray[np.bool_], edges: tuple[Records, Records, Floats], most: int
) -> Iterator[Records]:
    a, b, weight = edges[0][inside], edges[1][inside], edges[2][inside]
    strong = weight > np.median(weight)
    if not strong.any():
        yield from (members[i : i + most] for i in range(0, len(members), most) if len(members[i : i + most]) > 1)
        return
    one, two = np.searchsorted(members, a[strong]), np.searchsorted(members, b[strong])
    for part in components(one, two, weight[strong], size=len(members), most=most):
        yield members[part]


def _batches(components_: list[Records], most_pairs: int = 500_000) -> Iterator[list[Records]]:
    batch: list[Records] = []
    pairs = 0
    for members in components_:
        batch.append(members)
        pairs += len(members) ** 2 // 2
        if pairs > most_pairs:
            yield batch
            batch, pairs = [], 0
    if batch:
        yield batch


def _all_pairs(batch: list[Records]) -> tuple[Records, Records]:
    corners = {size: np.triu_indices(size, 1) for size in {len(members) for members in batch}}
    a = [members[corners[len(members)][0]] for members in batch]
    b = [members[corners[len(members)][1]] for members in batch]
    return np.concatenate(a), np.concatenate(b)


def average_linkage(
    size: int, weight: Floats, is_link: NDArray[np.bool_], is_barred: NDArray[np.bool_], *, largest: int
) -> list[list[int]]:
    """Groups of 0…size-1, each ascending. The arrays hold the upper triangle of the pairs, row by row.

    Of groups equally near, those with the lowest members join first."""
    upper = np.triu_indices(size, 1)
    total, links, barred = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size))
    for matrix, values in ((total, np.clip(weight, -CLIP, CLIP)), (links, is_link), (barred, is_barred)):
        matrix[upper] = values
        matrix += matrix.T
    members = [[i] for i in range(size)]
    count = np.ones(size)
    if barred.sum() == 0 and (weight > 0).all() and size <= largest:
        return [list(range(size))]
    while True:
        many = np.outer(count, count)
        mean = np.where((links > 0) & (barred == 0) & (count[:, None] + count <= largest), total / many, -np.inf)
        np.fill_diagonal(mean, -np.inf)
        i, j = divmod(int(mean.argmax()), size)
        if mean[i, j] <= 0:
            return sorted(sorted(group) for group in members if group)
        i, j = min(i, j), max(i, j)
        for matrix in (total, links, barred):
            matrix[i] += matrix[j]
            matrix[:, i] += matrix[:, j]
            matrix[j] = matrix[:, j] = 0
        count[i] += count[j]
        count[j] = 1
        members[i] += members[j]
        members[j] = []
