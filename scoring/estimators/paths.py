"""TreeSHAP over leaves: how much each column moves the answer, averaged over the orders in which columns are told.

Lundberg et al., “From local explanations to global understanding with explainable AI for trees”, Nature Machine
Intelligence 2 (2020), 56–67 (path-dependent: who does not tell a column goes both ways, by the people learned from).

A leaf of value v, with path columns D, o_j = 1 if the person's value fits all of the leaf's bounds on column j, and
z_j the share of people learned from who went that way, adds to column i

    v · (o_i - z_i) · Σ_{S ⊆ D∖i} |S|! (|D|-|S|-1)! / |D|! · Π_{j∈S} o_j · Π_{j∉S∪i} z_j .

The weights are ∫₀¹ tˢ (1-t)^(d-1-s) dt, so the sum is ∫₀¹ Π_{j≠i} (o_j t + z_j (1-t)) dt: a polynomial, for which
Gauss–Legendre quadrature is exact.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from scoring.estimators.trees import Trees

Numbers = NDArray[np.float64]
CELLS = 2_000_000
"""Numbers held at once: people × leaves × columns of a path."""
NONE = -1


@dataclass(frozen=True)
class Paths:
    """Of L leaves and paths of at most D different columns; where a path is shorter, `column` is NONE."""

    value: Numbers
    """(L,)"""
    column: NDArray[np.int64]
    """(L, D), and so all below."""
    above: Numbers
    until: Numbers
    """A value v fits where above < v <= until."""
    fits_unknown: NDArray[np.bool_]
    share: Numbers
    """z: of the people who came to the splits on this column, how many went on to the leaf; 1 where there is none."""
    base: float
    """The mean of the trees over the people learned from."""
    columns: int

    def shares(self, seen: Numbers) -> tuple[float, Numbers]:
        """The mean, and (n, columns as trees see them) what each adds to it."""
        found = np.zeros((len(seen), self.columns))
        if not self.column.size:
            return self.base, found
        rows = max(1, CELLS // self.column.size)
        for start in range(0, len(seen), rows):
            part = slice(start, start + rows)
            found[part] = self._some(seen[part])
        return self.base, found

    def _some(self, seen: Numbers) -> Numbers:
        values = seen[:, np.maximum(self.column, 0)]
        fits = (values > self.above) & (values <= self.until) | (np.isnan(values) & self.fits_unknown)
        fits = (fits | (self.column == NONE)).astype(np.float64)
        nodes, weights = np.polynomial.legendre.leggauss(self.column.shape[1] // 2 + 1)
        total = np.zeros_like(fits)
        for t, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            factors = fits * t + self.share * (1 - t)
            total += weight * factors.prod(axis=2, keepdims=True) / factors
        total *= (fits - self.share) * self.value[:, None]
        summed: Numbers = (self._spread @ total.reshape(len(seen), -1).T).T
        return summed

    @property
    def _spread(self) -> csr_matrix:
        """(columns, L · D): adds up what belongs to the same column."""
        flat = self.column.ravel()
        where = np.flatnonzero(flat != NONE)
        return csr_matrix((np.ones(len(where)), (flat[where], where)), shape=(self.columns, len(flat)))


@dataclass
class _Bound:
    above: float = -np.inf
    until: float = np.inf
    fits_unknown: bool = True
    share: float = 1.0


def paths_of(trees: "Trees") -> Paths:
    """Splits on the same column are one, with the narrowest bounds and the product of their shares."""
    leaves: list[tuple[int, dict[int, _Bound]]] = []
    waiting: list[tuple[int, dict[int, _Bound]]] = [(int(root), {}) for root in trees.roots]
    while waiting:
        node, path = waiting.pop()
        if trees.left[node] < 0:
            leaves.append((node, path))
            continue
        for child, is_left in ((int(trees.left[node]), True), (int(trees.right[node]), False)):
            waiting.append((child, {**path, int(trees.feature[node]): _split(trees, node, child, path, is_left)}))
    return _table(trees, leaves)


def _split(trees: "Trees", node: int, child: int, path: dict[int, _Bound], is_left: bool) -> _Bound:
    was = path.get(int(trees.feature[node]), _Bound())
    threshold = float(trees.threshold[node])
    return _Bound(
        above=was.above if is_left else max(was.above, threshold),
        until=min(was.until, threshold) if is_left else was.until,
        fits_unknown=was.fits_unknown and bool(trees.is_left_if_unknown[node]) == is_left,
        share=was.share * float(trees.cover[child] / trees.cover[node]),
    )


def _table(trees: "Trees", leaves: list[tuple[int, dict[int, _Bound]]]) -> Paths:
    most = max((len(path) for _, path in leaves), default=0)
    shape = (len(leaves), most)
    column, share = np.full(shape, NONE, dtype=np.int64), np.ones(shape)
    above, until, unknown = np.full(shape, -np.inf), np.full(shape, np.inf), np.ones(shape, dtype=np.bool_)
    base = 0.0
    for row, (node, path) in enumerate(leaves):
        for place, (feature, bound) in enumerate(path.items()):
            column[row, place], share[row, place] = feature, bound.share
            above[row, place], until[row, place] = bound.above, bound.until
            unknown[row, place] = bound.fits_unknown
        base += float(trees.value[node]) * float(np.prod([bound.share for bound in path.values()]))
    values = np.array([trees.value[node] for node, _ in leaves])
    return Paths(values, column, above, until, unknown, share, base, len(trees.owner))
