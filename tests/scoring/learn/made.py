"""A made-up shop of BG/NBD buyers, as windows of the past without a database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.cold import NewcomerRates
from scoring.columns import Column, FeatureTable, Unit
from scoring.training.lesson import About
from scoring.training.windows import Window

START = datetime(2024, 2, 10, tzinfo=UTC)
Numbers = NDArray[np.float64]
UNITS = {"orders": Unit.COUNT, "order_days": Unit.COUNT, "mean_order": Unit.MONEY, "revenue_90d": Unit.MONEY}
NAMES = ("orders", "order_days", "recency_days", "customer_days", "mean_order", "revenue_90d", "orders_90d")
COLUMNS = tuple(Column(name, name, UNITS.get(name, Unit.DAYS), "{n}", "{n}") for name in NAMES)


@dataclass(frozen=True)
class Orders:
    """One entry each, by person and then time, in days since START."""

    person: NDArray[np.int64]
    at: Numbers
    worth: Numbers


def bgnbd_orders(
    people: int, *, parameters: Sequence[float] = (0.8, 60.0, 0.8, 2.5), seed: int = 1, until: float = 630.0
) -> Orders:
    """r, α, a, b, and nobody leaves after the first; worth by Gamma-Gamma with p = 6, q = 4, γ = 15. The first
    orders are of 400 days."""
    generator = np.random.default_rng(seed)
    r, alpha, a, b = parameters
    found: list[tuple[int, float, float]] = []
    for person in range(1, people + 1):
        rate, leaves = generator.gamma(r, 1 / alpha), generator.beta(a, b)
        nu = generator.gamma(4.0, 1 / 15.0)
        first = at = generator.random() * 400
        while at < until:
            found.append((person, at, generator.gamma(6.0, 1 / nu)))
            if at > first and generator.random() < leaves:
                break
            at += generator.exponential(1 / rate)
    person, at, worth = zip(*found, strict=True)
    return Orders(np.array(person), np.array(at), np.array(worth))


@dataclass
class Shop:
    """Fails where it is asked about a window that ends after `over`: a leak."""

    orders: Orders
    days: int = 90
    over: datetime | None = None
    is_amount: bool = False
    asked: list[datetime] = field(default_factory=list)
    first_at: datetime | None = START

    def __post_init__(self) -> None:
        self.about = About(self.days, "recency_days", "order_days", is_of_orders=True, is_amount=self.is_amount)

    def known(self, moment: datetime) -> FeatureTable:
        now = (moment - START) / timedelta(days=1)
        past = self.orders.at <= now
        person, at, worth = self.orders.person[past], self.orders.at[past], self.orders.worth[past]
        ids, starts, n = np.unique(person, return_index=True, return_counts=True)
        if not len(ids):
            return FeatureTable(ids, COLUMNS, np.empty((0, len(COLUMNS))))
        recent = at > now - 90
        values = [
            n,
            [len(np.unique(np.floor(part))) for part in np.split(at, starts[1:])],
            now - np.maximum.reduceat(at, starts),
            now - np.minimum.reduceat(at, starts),
            np.add.reduceat(worth, starts) / n,
            np.add.reduceat(worth * recent, starts),
            np.add.reduceat(recent.astype(float), starts),
        ]
        return FeatureTable(ids, COLUMNS, np.column_stack(values).astype(np.float64))

    def window(self, moment: datetime) -> Window:
        self.asked.append(moment)
        assert self.over is None or moment + timedelta(days=self.days) <= self.over, "looks into the future"
        table = self.known(moment)
        now = (moment - START) / timedelta(days=1)
        came = (self.orders.at > now) & (self.orders.at <= now + self.days)
        weights = self.orders.worth[came] if self.is_amount else None
        most = int(self.orders.person.max()) + 1
        spent = np.bincount(self.orders.person[came], weights=weights, minlength=most)[table.profile_ids]
        return Window(moment, table, spent.astype(np.float64) if self.is_amount else (spent > 0).astype(np.float64))

    def newcomers(self, windows: Sequence[Window]) -> NewcomerRates:
        return NewcomerRates(0.1)
