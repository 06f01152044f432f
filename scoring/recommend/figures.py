"""How popular each item is, by itself and within its category, and whether people buy it again."""

from dataclasses import dataclass

import numpy as np

from scoring.recommend.interactions import DAY_S, Did, Floats, Interactions, Ints, decayed, once

HALF_DAYS = 14.0
"""Popular means now: what was looked at a month ago counts a quarter."""
FEWEST_AGAIN = 5
"""So many people must have bought an item again before it is said to run out."""
SHRINK = 5.0


@dataclass(frozen=True)
class Figures:
    """Per item. Shares are of all interest: they sum to 1, and so do those within a category or a brand of it."""

    share: Floats
    in_category: Floats
    in_group: Floats
    people: Ints
    """Who did something with it in the last 28 days."""
    again_share: Floats
    """Of those who bought it, who bought it again; 0 where the data does not show it."""
    again_days: Floats
    """Median time between two purchases of it."""


def figures(rows: Interactions, *, category: Ints, group: Ints, now_s: float) -> Figures:
    """`category` and `group` (category and brand) per item; -1 is none."""
    n_items = len(category)
    _, item, value = once(rows, decayed(rows, now_s=now_s, half_days=HALF_DAYS), n_items=n_items)
    interest = np.bincount(item, weights=value, minlength=n_items).astype(np.float64)
    _, recent, _ = once(late := rows.since(now_s - 28 * DAY_S), late.at_s, n_items=n_items)
    again_share, again_days = _again(rows, n_items=n_items)
    return Figures(
        share=interest / max(interest.sum(), 1e-30),
        in_category=_within(interest, category),
        in_group=_within(interest, group),
        people=np.bincount(recent, minlength=n_items),
        again_share=again_share,
        again_days=again_days,
    )


def _within(interest: Floats, key: Ints) -> Floats:
    sums = np.bincount(key + 1, weights=interest)
    whole = sums[key + 1]
    return np.where((key >= 0) & (whole > 0), interest / np.maximum(whole, 1e-30), 0.0)


def _again(rows: Interactions, *, n_items: int) -> tuple[Floats, Floats]:
    bought = rows.only(rows.did == Did.ORDER)
    key = bought.person * n_items + bought.item
    order = np.lexsort((bought.at_s, key))
    key, at_s = key[order], bought.at_s[order]
    gap_days = np.diff(at_s) / DAY_S
    repeats = (key[1:] == key[:-1]) & (gap_days >= 1.0)
    buyers = np.bincount(np.unique(key) % n_items, minlength=n_items)
    repeaters = np.bincount(np.unique(key[1:][repeats]) % n_items, minlength=n_items)
    item, gaps = key[1:][repeats] % n_items, gap_days[repeats]
    days = np.zeros(n_items)
    by_item = np.lexsort((gaps, item))
    for one, part in zip(*_runs(item[by_item], gaps[by_item]), strict=True):
        days[one] = float(np.median(part))
    share = np.where(repeaters >= FEWEST_AGAIN, repeaters / (buyers + SHRINK), 0.0)
    return share, np.where(share > 0, days, 0.0)


def _runs(item: Ints, gaps: Floats) -> tuple[Ints, list[Floats]]:
    ids, starts = np.unique(item, return_index=True)
    return ids, np.split(gaps, starts[1:]) if len(ids) else []
