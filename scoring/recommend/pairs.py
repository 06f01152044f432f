"""Which items go with which: counted over baskets, damped where there is little to count.

Item-to-item collaborative filtering (Sarwar et al., WWW 2001) on implicit feedback (Hu, Koren and Volinsky,
ICDM 2008), with inverse user frequency (Breese, Heckerman and Kadie, UAI 1998) and significance weighting
(Herlocker et al., SIGIR 1999).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from scoring.recommend.interactions import DAY_S, Did, Floats, Interactions, Ints, decayed, once

SHRINK = 10.0
"""So many people must stand behind a pair for half of its strength to count."""
FEWEST = 2
"""A pair that one person alone made says nothing."""
KEPT = 50
"""Neighbours kept per item."""
HALF_DAYS = 90.0
MOST_PER_PERSON = 200
"""Items of one person that count, latest first: a robot that viewed everything makes no pairs of everything."""
NEXT_DAYS = 90.0
"""What is bought within so many days after an order is bought afterwards."""
DECIMALS = 4
"""As kept in the table: lists made at once and lists made from the table are the same."""
BLOCK_BYTES = 200_000_000
"""Of the largest intermediate result."""


@dataclass(frozen=True)
class Pairs:
    """Both n_items × n_items: how strongly the item of the column goes with that of the row, 0 to 1; and the number
    of people (for orders: of orders) behind it."""

    strength: sparse.csr_array
    behind: sparse.csr_array


def similar(rows: Interactions, *, n_items: int, now_s: float) -> Pairs:
    """Items that the same people are interested in. Of people who looked at much, each item says less."""
    person, item, value = once(rows, decayed(rows, now_s=now_s, half_days=HALF_DAYS), n_items=n_items)
    person, item, value = _latest(person, item, value)
    count = np.bincount(person, minlength=len(rows.people))
    damping = 1.0 / np.sqrt(1.0 + np.log(np.maximum(count, 1)))
    baskets = _matrix(person, item, np.sqrt(value) * damping[person], (len(rows.people), n_items))
    return count_pairs(baskets, baskets)


def together(rows: Interactions, *, n_items: int) -> Pairs:
    """Items of the same orders."""
    baskets, _, _ = _orders(rows, n_items=n_items)
    return count_pairs(baskets, baskets)


def afterwards(rows: Interactions, *, category: Ints, n_items: int) -> Pairs:
    """Items of another category in the next order, within `NEXT_DAYS`."""
    baskets, person, at_s = _orders(rows, n_items=n_items)
    follows = (person[1:] == person[:-1]) & (at_s[1:] - at_s[:-1] <= NEXT_DAYS * DAY_S)
    first = np.flatnonzero(follows)
    return count_pairs(baskets[first], baskets[first + 1], apart=category)


def count_pairs(left: sparse.csr_array, right: sparse.csr_array, *, apart: Ints | None = None) -> Pairs:
    """Row by row, items of `left` with items of `right`; both non-negative, of one shape (baskets × items).

    strength_ij = cosine of the two columns × n / (n + SHRINK), n being the baskets that hold both. Pairs are left out
    that come about no more often than chance would have it (lift ≤ 1: what everybody buys goes with nothing), and with
    `apart` those within one category.
    """
    n_items = left.shape[1]
    left_has, right_has = _ones(left), _ones(right)
    norms = _norms(left), _norms(right)
    counts = np.asarray(left_has.sum(axis=0)).ravel(), np.asarray(right_has.sum(axis=0)).ravel()
    by_item, by_item_has = sparse.csr_array(left.T), sparse.csr_array(left_has.T)
    step = max(1, min(n_items, BLOCK_BYTES // (24 * max(n_items, 1))))
    parts = []
    for start in range(0, n_items, step):
        block = slice(start, min(start + step, n_items))
        n, dots = by_item_has[block] @ right_has, by_item[block] @ right
        n.sort_indices()
        dots.sort_indices()
        # Both count the same cells; so nothing is looked up.
        row, column, both, dot = rows_of(n) + start, n.indices, n.data, dots.data
        keep = (both >= FEWEST) & (row != column) & (both * left.shape[0] > counts[0][row] * counts[1][column])
        if apart is not None:
            keep &= apart[row] != apart[column]
        row, column, both, dot = row[keep], column[keep], both[keep], dot[keep]
        strength = np.minimum(dot / (norms[0][row] * norms[1][column]), 1.0) * both / (both + SHRINK)
        best = strongest(row, strength, KEPT)
        parts.append((row[best], column[best], np.round(strength[best], DECIMALS), both[best]))
    row, column, strength, both = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    shape = (n_items, n_items)
    return Pairs(_matrix(row, column, strength, shape), _matrix(row, column, both, shape))


def rows_of(matrix: sparse.csr_array) -> Ints:
    """The row of each stored value."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def strongest(row: Ints, value: Floats, most: int) -> Ints:
    """Positions of the `most` greatest values of each row, best first; of equal ones the earlier."""
    order = np.lexsort((-value, row))
    return order[place_within(row[order]) < most]


def place_within(key: Ints) -> Ints:
    """0, 1, 2 … within each run of equal keys."""
    n = len(key)
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if n else np.zeros(0, dtype=np.int64)
    return np.arange(n) - np.repeat(starts, np.diff(np.r_[starts, n]))


def _latest(person: Ints, item: Ints, value: Floats) -> tuple[Ints, Ints, Floats]:
    kept = strongest(person, value, MOST_PER_PERSON)
    return person[kept], item[kept], value[kept]


def _orders(rows: Interactions, *, n_items: int) -> tuple[sparse.csr_array, Ints, Floats]:
    """Orders × items, one where the order holds the item, by person and time; and whose and when each was."""
    bought = rows.only(rows.did == Did.ORDER)
    if not len(bought):
        return _matrix(bought.person, bought.item, bought.at_s, (0, n_items)), bought.person, bought.at_s
    begins = np.r_[True, (bought.person[1:] != bought.person[:-1]) | (bought.at_s[1:] != bought.at_s[:-1])]
    order = np.cumsum(begins) - 1
    baskets = _matrix(order, bought.item, np.ones(len(bought)), (int(order[-1]) + 1, n_items))
    return _ones(baskets), bought.person[begins], bought.at_s[begins]


def _matrix(row: Ints, column: Ints, value: NDArray[np.generic], shape: tuple[int, int]) -> sparse.csr_array:
    made = sparse.csr_array((value.astype(np.float32), (row, column)), shape=shape)
    made.sum_duplicates()
    return made


def _ones(matrix: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array((np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)


def _norms(matrix: sparse.csr_array) -> Floats:
    squares = np.asarray(matrix.multiply(matrix).sum(axis=0), dtype=np.float64).ravel()
    return np.sqrt(np.maximum(squares, 1e-30))
