"""What a plain analyst would compute about each person from the demo shop's messages alone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdp.connectors.demo.shop import Size, Told, tell
from cdp.connectors.demo.voice import Fact

UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = 700


@lru_cache(maxsize=4)
def told(people: int = PEOPLE, seed: int = 1) -> tuple[Told, ...]:
    return tuple(tell(Size(people, seed, UNTIL)))


@dataclass
class Behaviour:
    """Of one person, from the messages before a moment."""

    counts: Counter[str] = field(default_factory=Counter)
    spent: float = 0.0
    coupons: int = 0
    orders_at: list[datetime] = field(default_factory=list)
    visit_days: set[Any] = field(default_factory=set)
    first_at: datetime | None = None

    @property
    def orders(self) -> int:
        return len(self.orders_at)


def behaviour(facts: Iterable[Fact], *, before: datetime) -> Behaviour:
    found = Behaviour()
    for at, source, message in facts:
        if at >= before:
            break
        found.first_at = found.first_at or at
        name = message.get("event", message["type"])
        found.counts[name] += 1
        if source == "web":
            found.visit_days.add(at.date())
        if name == "Order Completed":
            found.orders_at.append(at)
            found.spent += message["properties"]["total"]
            found.coupons += "coupon" in message["properties"]
    return found


def rfm(one: Behaviour, *, at: datetime) -> list[float]:
    """Recency, frequency, money and tenure: what the simplest models have."""
    last = one.orders_at[-1] if one.orders_at else one.first_at or at
    tenure = min(365.0, (at - (one.first_at or at)) / timedelta(days=1))
    return [(at - last) / timedelta(days=1), one.orders, float(np.log1p(one.spent)), tenure]


def style(one: Behaviour) -> list[float]:
    """How somebody shops rather than how much: for clusters."""
    visits, orders = len(one.visit_days), one.orders
    return [
        float(np.log1p(orders)),
        (one.coupons + 0.3) / (orders + 1),
        float(np.log1p(visits)),
        one.counts["Product Viewed"] / (visits + 1),
        (visits - orders) / (visits + orders + 1),
    ]


def table(rows: Iterable[list[float]]) -> NDArray[np.float64]:
    return np.array(list(rows), dtype=np.float64)
