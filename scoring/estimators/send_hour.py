"""At which hour a person is active: own counts, shrunk to the group's habit, and the group's to everybody's.

Counts of a person's activity by hour are multinomial with shares that are Dirichlet(c · the group's shares) across
people: counts are Dirichlet-multinomial (T. Minka, Estimating a Dirichlet distribution, 2000). The concentration c
maximises their likelihood: empirical Bayes. A person of whom n is known so has the share n / (c + n) of own habit. The
same holds one floor up, of groups within everybody. What happened at ten tells of nine and eleven too: own counts are
smoothed around the clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from scoring.columns import Numbers

HOURS = 24
KERNEL = (0.06, 0.24, 0.4, 0.24, 0.06)
"""Of the hours two before to two after: a normal curve with a standard deviation of one hour."""
FEWEST_OF_GROUP = 20
"""People; smaller groups are everybody's."""
ROUNDS = 4
"""Means and concentrations depend on each other; after four rounds the third digit stands."""


@dataclass(frozen=True)
class Habits:
    """What is known before a person's own activity is looked at."""

    everybody: Numbers
    """(24,) shares that add up to 1."""
    groups: dict[str, Numbers]
    concentration: float
    """As many own activities weigh as much as the group."""

    def prior(self, names: Sequence[str]) -> Numbers:
        """(people, 24): the group's shares; everybody's where the group is not known."""
        return np.array([self.groups.get(name, self.everybody) for name in names]).reshape(-1, HOURS)

    def shares(self, counts: Numbers, names: Sequence[str]) -> Numbers:
        """(people, 24): the posterior mean of each person's shares."""
        own = counts.sum(axis=1, keepdims=True)
        found: Numbers = (self.concentration * self.prior(names) + smoothed(counts)) / (self.concentration + own)
        return found

    def own_share(self, counts: Numbers) -> Numbers:
        own = counts.sum(axis=1)
        found: Numbers = own / (self.concentration + own)
        return found

    def facts(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "everybody": self.everybody.round(5).tolist(),
            "groups": {name: shares.round(5).tolist() for name, shares in self.groups.items()},
            "concentration": self.concentration,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        groups = {str(name): np.array(shares, dtype=np.float64) for name, shares in facts["groups"].items()}
        return cls(np.array(facts["everybody"], dtype=np.float64), groups, float(facts["concentration"]))


def fit_habits(counts: Numbers, names: Sequence[str]) -> Habits:
    """`counts`: (people, 24), weighted, of people with some. `names`: each one's group, empty where not known."""
    if not counts.sum() > 0:
        return Habits(np.full(HOURS, 1 / HOURS), {}, 1.0)
    places, groups = _groups(names)
    everybody, concentration = smoothed(_mean(counts, 1.0)), 10.0
    prior = np.tile(everybody, (len(groups), 1))
    for _ in range(ROUNDS):
        weighed = counts / (concentration + counts.sum(axis=1, keepdims=True))
        everybody = smoothed(_mean(counts, concentration))
        of_groups = np.zeros((len(groups), HOURS))
        np.add.at(of_groups, places, weighed)
        pull = _concentration(of_groups, np.tile(everybody, (len(groups), 1)))
        prior = pull * everybody + smoothed(of_groups)
        prior /= prior.sum(axis=1, keepdims=True)
        concentration = _concentration(counts, prior[places])
    kept = {name: prior[index] for index, name in enumerate(groups) if name}
    return Habits(everybody, kept, concentration)


def smoothed(counts: Numbers) -> Numbers:
    """Around the clock: 23 and 0 are neighbours. Sums stay."""
    reach = len(KERNEL) // 2
    shifts = range(-reach, reach + 1)
    parts = [part * np.roll(counts, shift, axis=-1) for shift, part in zip(shifts, KERNEL, strict=True)]
    found: Numbers = np.sum(parts, axis=0)
    return found


def best(shares: Numbers, window: tuple[int, int] = (0, HOURS)) -> NDArray[np.int64]:
    """(people,): the hour of most activity from the first hour of the window until before the last."""
    found: NDArray[np.int64] = np.where(hours_in(window), shares, -1.0).argmax(axis=-1)
    return found


def hours_in(window: tuple[int, int]) -> NDArray[np.bool_]:
    """(24,): (8, 21) is from 8:00 to 20:59; (22, 6) goes past midnight. ValueError where no hour is meant."""
    first, last = window
    if not (0 <= first < HOURS and 0 < last <= HOURS and first != last):
        raise ValueError(f"No window of hours: {first} to {last}.")
    hours = np.arange(HOURS)
    found: NDArray[np.bool_] = (hours >= first) & (hours < last) if first < last else (hours >= first) | (hours < last)
    return found


def explored(shares: Numbers, window: tuple[int, int], generator: np.random.Generator) -> NDArray[np.int64]:
    """(people,): drawn half by what is known and half by chance, so that no hour goes untried for good."""
    allowed = hours_in(window)
    drawn = np.where(allowed, shares, 0.0)
    total = drawn.sum(axis=-1, keepdims=True)
    known = np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0)
    mixed = np.where(total > 0, 0.5 * known, 0.0) + np.where(total > 0, 0.5, 1.0) * allowed / allowed.sum()
    at = generator.random((len(shares), 1))
    found: NDArray[np.int64] = np.minimum((mixed.cumsum(axis=-1) <= at).sum(axis=-1), HOURS - 1)
    return found


def _mean(counts: Numbers, concentration: float) -> Numbers:
    """Who is known a hundred times as well does not count a hundredfold."""
    summed = (counts / (concentration + counts.sum(axis=1, keepdims=True))).sum(axis=0)
    found: Numbers = summed / summed.sum()
    return found


def _groups(names: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Each one's place among the groups; the first, nameless, takes those of small groups."""
    known, counts = np.unique(np.array([name for name in names if name], dtype=str), return_counts=True)
    groups = ["", *(str(name) for name in known[counts >= FEWEST_OF_GROUP])]
    place = {name: index for index, name in enumerate(groups)}
    return np.array([place.get(name, 0) for name in names], dtype=np.int64), groups


def _concentration(counts: Numbers, prior: Numbers) -> float:
    """Maximum likelihood of c, each row of counts being Dirichlet-multinomial(c · prior). Between 0.1 and 1,000."""
    own = counts.sum(axis=1)
    # Hours nobody is ever active at have no share to be surprised by.
    prior = np.maximum(prior, 1e-6)

    def unlikely(log_c: float) -> float:
        c = np.exp(log_c)
        each = gammaln(counts + c * prior) - gammaln(c * prior)
        return -float((gammaln(c) - gammaln(c + own) + each.sum(axis=1)).sum())

    found = minimize_scalar(unlikely, bounds=(np.log(0.1), np.log(1000.0)), method="bounded")
    return float(np.exp(found.x))
