"""How keen a person is on each day of the year, and what follows for the future: the truth models look for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate

from cdp.connectors.demo.people import Person
from cdp.connectors.demo.season import DAYS, busyness

FADES_IN_DAYS = 18.0
"""Time constant with which the interest of those who drift away fades."""
MAIL_FADES_BEFORE_DAYS = 30
"""Mails go unopened before orders fail to come."""


@dataclass(frozen=True)
class Year:
    """The year of behaviour that ends at `until`."""

    until: datetime

    @property
    def since(self) -> datetime:
        return self.until - timedelta(days=DAYS)

    @cached_property
    def days(self) -> tuple[date, ...]:
        first = self.since.date()
        return tuple(first + timedelta(days=index) for index in range(DAYS + 1))

    @cached_property
    def busyness(self) -> tuple[float, ...]:
        return tuple(map(busyness, self.days))


def interest(person: Person, on: date, *, ahead_days: float = 0) -> float:
    """1 while active, 0 before the first visit, fading after the drift began (`ahead_days` earlier)."""
    if on < person.joined_at.date():
        return 0.0
    if person.drifts_at is None:
        return 1.0
    gone = (on - person.drifts_at.date()).days + ahead_days
    return 1.0 if gone <= 0 else math.exp(-gone / FADES_IN_DAYS)


def keenness(person: Person, year: Year) -> list[float]:
    """Running sums over the year's days of interest times season; the last is the year's active days."""
    return list(accumulate(_weighed(person, year.days, year.busyness)))


def _weighed(person: Person, days: Sequence[date], weights: Sequence[float]) -> Sequence[float]:
    """Interest times season. Most people are simply there: for them nothing is computed."""
    if person.drifts_at is None and person.joined_at.date() <= days[0]:
        return weights
    return [interest(person, on) * weight for on, weight in zip(days, weights, strict=True)]


@lru_cache(maxsize=8)
def _ahead(first: date, days: int) -> tuple[tuple[date, ...], tuple[float, ...]]:
    ahead = tuple(first + timedelta(days=index) for index in range(days))
    return ahead, tuple(map(busyness, ahead))


def expected_orders(person: Person, *, after: datetime, days: int) -> float:
    """Mean number of orders in the days after that moment."""
    return person.taste.pace / DAYS * sum(_weighed(person, *_ahead(after.date() + timedelta(days=1), days)))


def buys_within(person: Person, *, after: datetime, days: int) -> float:
    """Probability of at least one order: orders come as a Poisson process."""
    return 1 - math.exp(-expected_orders(person, after=after, days=days))
