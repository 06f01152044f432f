"""Where a person may go next: several simple answers, each a distribution over items. `blend` mixes them.

All are matrices people × items whose rows sum to at most 1; people are the positions of their history.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy import sparse

from scoring.recommend.interactions import DAY_S, Did, Floats, Interactions, Ints, decayed, once
from scoring.recommend.knowledge import TOP_ALL, Knowledge

SESSION_HALF_DAYS = 2.0
TASTE_HALF_DAYS = 60.0
OWN_HALF_DAYS = 7.0
HELD_BACK = 2.0
"""A category counts against so much interest in nothing particular: one view does not make a taste."""
DUE_FROM = 0.6
"""An item that runs out may be shown again from this share of its usual time on."""
DUE_SPREAD = 0.5
"""Standard deviation of the logarithm of times between two purchases."""


class Because(IntEnum):
    """Why an item is in a list."""

    RECENT = 0
    SIMILAR = 1
    TOGETHER = 2
    OWN = 3
    AGAIN = 4
    BRAND = 5
    CATEGORY = 6
    POPULAR = 7


@dataclass(frozen=True)
class Components:
    parts: tuple[sparse.csr_array, ...]
    """By Because, without POPULAR: that is the same for everybody."""
    top: Ints
    """Items that are popular with everybody: candidates in every list."""
    recent: sparse.csr_array
    taste: sparse.csr_array
    bought: sparse.csr_array
    """What was done, people × items, rows summing to 1: by what came last, over months, and of orders alone."""
    items_lately: Floats
    """Per person: different items, those of a month ago counting half. Interest to be expected grows with it."""


def components(history: Interactions, known: Knowledge, *, now_s: float) -> Components:
    """Of the people of `history`, from what they did until now."""
    past = history.until(now_s)
    shape = len(history.people), len(known.catalogue)
    recent = _shares(past, shape, now_s=now_s, half_days=SESSION_HALF_DAYS)
    taste = _shares(past, shape, now_s=now_s, half_days=TASTE_HALF_DAYS)
    bought = _shares(past.only(past.did == Did.ORDER), shape, now_s=now_s, half_days=TASTE_HALF_DAYS)
    by_category, by_group = _affinity(past, known, now_s=now_s)
    parts = (
        recent @ known.leads_to,
        taste @ known.leads_to,
        bought @ known.goes_with,
        _own(past, shape, now_s=now_s),
        _again(past, known, shape, now_s=now_s),
        by_group @ known.by_group,
        by_category @ known.by_category,
    )
    parts = tuple(_canonical(part) for part in parts)
    lately = _items_lately(past, shape, now_s=now_s)
    return Components(parts, known.popular[:TOP_ALL], recent, taste, bought, lately)


def left_out(history: Interactions, known: Knowledge, *, now_s: float, days: float) -> Ints:
    """Keys (person × items + item) of what was bought within the days, but for what runs out and is due."""
    past, n_items = history.until(now_s), len(known.catalogue)
    orders = past.only((past.did == Did.ORDER) & (past.at_s > now_s - days * DAY_S))
    person, item, at_s = once(orders, orders.at_s, n_items=n_items)
    cycle_s = known.figures.again_days[item] * DAY_S
    is_due = (cycle_s > 0) & (now_s - at_s >= DUE_FROM * cycle_s)
    return (person * n_items + item)[~is_due]


def _shares(rows: Interactions, shape: tuple[int, int], *, now_s: float, half_days: float) -> sparse.csr_array:
    person, item, value = once(rows, decayed(rows, now_s=now_s, half_days=half_days), n_items=shape[1])
    return _summing_to_one(person, item, value, shape)


def _summing_to_one(person: Ints, item: Ints, value: Floats, shape: tuple[int, int]) -> sparse.csr_array:
    sums = np.bincount(person, weights=value, minlength=shape[0])
    return sparse.csr_array((value / np.maximum(sums[person], 1e-300), (person, item)), shape=shape)


def _affinity(rows: Interactions, known: Knowledge, *, now_s: float) -> tuple[sparse.csr_array, sparse.csr_array]:
    """People × categories and people × groups: shares of their interest, held back."""
    n_people, n_items = len(rows.people), len(known.catalogue)
    person, item, value = once(rows, decayed(rows, now_s=now_s, half_days=TASTE_HALF_DAYS), n_items=n_items)
    sums = np.bincount(person, weights=value, minlength=n_people) + HELD_BACK
    found = []
    for key, n_keys in (
        (known.catalogue.category, known.by_category.shape[0]),
        (known.catalogue.group, known.by_group.shape[0]),
    ):
        has = key[item] >= 0
        share = (value / sums[person])[has]
        found.append(sparse.csr_array((share, (person[has], key[item][has])), shape=(n_people, n_keys)))
    return found[0], found[1]


def _own(rows: Interactions, shape: tuple[int, int], *, now_s: float) -> sparse.csr_array:
    """Looked at or put into the cart, and not bought since."""
    person, item, ordered_s = once(bought := rows.only(rows.did == Did.ORDER), bought.at_s, n_items=shape[1])
    keys = person * shape[1] + item
    order = np.argsort(keys)
    looked = rows.only(rows.did != Did.ORDER)
    if len(keys):
        key = looked.person * shape[1] + looked.item
        place = np.minimum(np.searchsorted(keys[order], key), len(keys) - 1)
        is_bought = (keys[order][place] == key) & (ordered_s[order][place] >= looked.at_s)
        looked = looked.only(~is_bought)
    return _shares(looked, shape, now_s=now_s, half_days=OWN_HALF_DAYS)


def _again(rows: Interactions, known: Knowledge, shape: tuple[int, int], *, now_s: float) -> sparse.csr_array:
    """Bought before, of a kind that people buy again, by how near its usual time is: log-normal around the median."""
    orders = rows.only((rows.did == Did.ORDER) & (known.figures.again_share[rows.item] > 0))
    person, item, at_s = once(orders, orders.at_s, n_items=shape[1])
    days = np.maximum((now_s - at_s) / DAY_S, 0.5)
    off = np.log(days / np.maximum(known.figures.again_days[item], 0.5)) / DUE_SPREAD
    value = known.figures.again_share[item] * np.exp(-0.5 * off**2)
    sums = np.maximum(np.bincount(person, weights=value, minlength=shape[0]), 1.0)
    return sparse.csr_array((value / sums[person], (person, item)), shape=shape)


def _items_lately(rows: Interactions, shape: tuple[int, int], *, now_s: float) -> Floats:
    faded = np.exp2(-np.maximum(now_s - rows.at_s, 0.0) / (30 * DAY_S))
    person, _, value = once(rows, faded, n_items=shape[1])
    return np.bincount(person, weights=value, minlength=shape[0]).astype(np.float64)


def _canonical(matrix: sparse.csr_array) -> sparse.csr_array:
    made = sparse.csr_array(matrix)
    made.sum_duplicates()
    return made
