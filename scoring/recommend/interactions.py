"""Who did what with which item, as plain arrays: what everything about items is learned from."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

DAY_S = 86_400.0
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Did(IntEnum):
    VIEW = 0
    CART = 1
    ORDER = 2


EVENTS = {
    "Product Viewed": Did.VIEW,
    "Product Clicked": Did.VIEW,
    "Product Added": Did.CART,
    "Product Added to Wishlist": Did.CART,
    "Order Completed": Did.ORDER,
}
"""By the names of Segment's e-commerce spec."""
WEIGHTS = np.array([1.0, 2.0, 4.0])
"""What a view, a cart and an order say about interest, relative to each other."""


@dataclass(frozen=True)
class Interactions:
    """One row per event and item, sorted by person, then time. `person` and `item` are positions, not ids."""

    person: Ints
    item: Ints
    did: Ints
    at_s: Floats
    """Seconds since 1970."""
    people: Ints
    """Profile id of each position."""

    def __len__(self) -> int:
        return len(self.person)

    def only(self, chosen: NDArray[np.bool_]) -> "Interactions":
        """The chosen rows; positions stay what they are."""
        return replace(
            self, person=self.person[chosen], item=self.item[chosen], did=self.did[chosen], at_s=self.at_s[chosen]
        )

    def until(self, moment_s: float) -> "Interactions":
        """What had happened at that moment, and nothing later."""
        return self.only(self.at_s <= moment_s)

    def since(self, moment_s: float) -> "Interactions":
        return self.only(self.at_s > moment_s)


def interactions(profile_ids: Ints, item: Ints, did: Ints, at_s: Floats) -> Interactions:
    """From unsorted rows with profile ids."""
    order = np.lexsort((item, at_s, profile_ids))
    people, person = np.unique(profile_ids, return_inverse=True)
    return Interactions(
        person=person.astype(np.int64)[order], item=item[order], did=did[order], at_s=at_s[order], people=people
    )


def once(rows: Interactions, value: Floats, *, n_items: int) -> tuple[Ints, Ints, Floats]:
    """(person, item, greatest value), each pair once."""
    key = rows.person * n_items + rows.item
    order = np.lexsort((-value, key))
    first = np.ones(len(order), dtype=bool)
    first[1:] = key[order][1:] != key[order][:-1]
    chosen = order[first]
    return rows.person[chosen], rows.item[chosen], value[chosen]


def decayed(rows: Interactions, *, now_s: float, half_days: float) -> Floats:
    """What each row still says: its weight, halved every `half_days`."""
    return WEIGHTS[rows.did] * np.exp2(-np.maximum(now_s - rows.at_s, 0.0) / (half_days * DAY_S))


def seconds(moment: datetime) -> float:
    return moment.timestamp()


def of_people(rows: Interactions, chosen: Ints) -> Interactions:
    """Of the chosen positions alone, numbered anew in the same order."""
    numbers = np.full(len(rows.people), -1, dtype=np.int64)
    numbers[chosen] = np.arange(len(chosen))
    kept = rows.only(numbers[rows.person] >= 0)
    return replace(kept, person=numbers[kept.person], people=rows.people[chosen])
