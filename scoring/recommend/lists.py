"""The lists of people, made now from what they did until now."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from scoring.item_models import Recommending
from scoring.recommend.blend import Asked, Listed, Weights, rank
from scoring.recommend.components import Because, components, left_out
from scoring.recommend.interactions import Did, Interactions, once, seconds
from scoring.recommend.knowledge import Knowledge
from scoring.recommend.reading import coded, of_people

KEPT = 12
"""Entries kept per person: more than is shown, since some will be out of stock."""


class Why(StrEnum):
    SIMILAR = "similar"
    TOGETHER = "together"
    OWN = "own"
    AGAIN = "again"
    BRAND = "brand"
    CATEGORY = "category"
    POPULAR = "popular"
    NEW = "new"
    VIEWED = "viewed"


WHY = {
    Because.RECENT: Why.SIMILAR,
    Because.SIMILAR: Why.SIMILAR,
    Because.TOGETHER: Why.TOGETHER,
    Because.OWN: Why.OWN,
    Because.AGAIN: Why.AGAIN,
    Because.BRAND: Why.BRAND,
    Because.CATEGORY: Why.CATEGORY,
    Because.POPULAR: Why.POPULAR,
}
Rows = Sequence[tuple[int, str, int, float]]
"""(profile id, item id, what was done, when in seconds)"""


class Entry(NamedTuple):
    item_id: str
    confidence: float
    why: str
    source: str | None = None
    """The item of the person's own that led to it."""
    did: int | None = None
    """The most that the person did with that, or with the item itself: Did."""


@dataclass(frozen=True)
class Wish:
    """What lists are asked for. `allowed` says of item ids which may be shown."""

    weights: Weights
    left_out_days: float
    most: int = KEPT
    allowed: Callable[[Sequence[str]], set[str]] | None = None
    leaves_out_seen: bool = False


def lists_of(
    profile_ids: Sequence[int], wish: Wish, *, known: Callable[[set[str]], Knowledge], now: datetime
) -> dict[int, list[Entry]]:
    """By profile id; people without a history are missing. `known` gives what is known about some items."""
    return lists_from(of_people(profile_ids, until=now), wish, known=known, now=now)


def lists_from(
    rows: Rows, wish: Wish, *, known: Callable[[set[str]], Knowledge], now: datetime
) -> dict[int, list[Entry]]:
    knowledge = known({item for _, item, _, _ in rows})
    ids = knowledge.catalogue.ids
    history = coded(rows, {item: place for place, item in enumerate(ids)})
    if not len(history):
        return {}
    now_s = seconds(now)
    found = components(history, knowledge, now_s=now_s)
    may = set(ids) if wish.allowed is None else wish.allowed(ids)
    out = left_out(history, knowledge, now_s=now_s, days=wish.left_out_days)
    if wish.leaves_out_seen:
        out = np.union1d(out, history.person * len(ids) + history.item)
    asked = Asked(np.array([item in may for item in ids], dtype=bool), out, wish.most)
    return _entries(rank(found, knowledge, wish.weights, asked), history, ids)


def weights_of(kept: dict[str, object]) -> Weights:
    """As the latest run learned them; the defaults before the first."""
    if not kept:
        return Weights()
    return Weights(**{**kept, "mix": tuple(tuple(mix) for mix in kept["mix"])})  # type: ignore[arg-type, attr-defined]


def as_kept(weights: Weights) -> dict[str, object]:
    return asdict(weights)


def usual(recommending: Recommending) -> Wish:
    return Wish(weights_of(recommending.weights), recommending.leaves_out_bought_days)


def _entries(listed: Listed, history: Interactions, ids: Sequence[str]) -> dict[int, list[Entry]]:
    n_items = len(ids)
    person, item, did = once(history, history.did.astype(np.float64), n_items=n_items)
    most = dict(zip((person * n_items + item).tolist(), did.astype(int).tolist(), strict=True))
    found: dict[int, list[Entry]] = {}
    people = history.people.tolist()
    columns = (listed.person, listed.item, listed.confidence.round(4), listed.because, listed.source)
    for who, what, confidence, because, source in zip(*(column.tolist() for column in columns), strict=True):
        why = WHY[Because(because)]
        of = source if source >= 0 else what
        entry = Entry(
            ids[what],
            confidence,
            why.value,
            ids[source] if source >= 0 else None,
            most.get(who * n_items + of) if source >= 0 or why in (Why.OWN, Why.AGAIN) else None,
        )
        found.setdefault(people[who], []).append(entry)
    return found


def latest_views(rows: Rows, *, but_bought: bool) -> dict[int, list[Entry]]:
    """What each person looked at or put into the cart, newest first, each item once."""
    bought_at: dict[tuple[int, str], float] = {}
    looked_at: dict[tuple[int, str], tuple[float, int]] = {}
    for who, item, did, at_s in rows:
        if did == Did.ORDER:
            bought_at[who, item] = max(at_s, bought_at.get((who, item), at_s))
        else:
            known = looked_at.get((who, item), (at_s, did))
            looked_at[who, item] = max(known[0], at_s), max(known[1], did)
    found: dict[int, list[Entry]] = {}
    for (who, item), (at_s, did) in sorted(looked_at.items(), key=lambda one: (-one[1][0], one[0])):
        if not (but_bought and bought_at.get((who, item), -1.0) >= at_s):
            found.setdefault(who, []).append(Entry(item, 1.0, Why.VIEWED.value, None, did))
    return found
