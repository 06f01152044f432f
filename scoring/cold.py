"""People of whom hardly more than their first event is known: the rates of newcomers like them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
STRENGTH = 50.0
"""People: a group of so many is believed half, and its larger group the other half (beta-binomial)."""


class Newcomer(NamedTuple):
    first_event: str
    source: str
    has_email: bool


Group = tuple[object, ...]


@dataclass(frozen=True)
class NewcomerRates:
    """From everybody over first event and source to e-mail, each group is drawn towards the one around it."""

    overall: float
    by_group: dict[Group, float] = field(default_factory=dict)

    def rates(self, people: Sequence[Newcomer]) -> Numbers:
        """(people,), of the narrowest group known."""
        return np.array([self._rate(person) for person in people], dtype=np.float64)

    def _rate(self, person: Newcomer) -> float:
        for depth in (3, 2, 1):
            found = self.by_group.get(tuple(person)[:depth])
            if found is not None:
                return found
        return self.overall

    def facts(self) -> dict[str, Any]:
        return {"overall": self.overall, "groups": [[list(group), rate] for group, rate in self.by_group.items()]}

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> Self:
        return cls(float(facts["overall"]), {tuple(group): float(rate) for group, rate in facts["groups"]})


def newcomer_rates(people: Sequence[Newcomer], happened: Numbers, *, prior: float) -> NewcomerRates:
    """`prior`: the rate of everybody, which newcomers' own is drawn to where there are few."""
    overall = (float(happened.sum()) + STRENGTH * prior) / (len(people) + STRENGTH)
    found: dict[Group, float] = {}
    for depth in (1, 2, 3):
        counts: dict[Group, list[float]] = {}
        for person, did in zip(people, happened.tolist(), strict=True):
            count = counts.setdefault(tuple(person)[:depth], [0.0, 0.0])
            count[0] += did
            count[1] += 1
        for group, (did, n) in sorted(counts.items()):
            around = found.get(group[:-1], overall)
            found[group] = (did + STRENGTH * around) / (n + STRENGTH)
    return NewcomerRates(overall, found)
