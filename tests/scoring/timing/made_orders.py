"""Made people with a known way of ordering, and what is known of them as of a day."""

import numpy as np

from scoring.columns import Numbers
from scoring.estimators.next_order import Renewals

Life = Numbers
"""One person's orders: days, ascending."""


def lives(
    n: int, *, seed: int, leaving: tuple[float, float] = (1, 3), habit: float = 0.5, noise: float = 0.45
) -> list[Life]:
    """Gaps are log-normal with a median near 30 days of one's own; after each order some leave for good."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        orders = [generator.uniform(0, 650)]
        centre, leaves = generator.normal(3.4, habit), generator.beta(*leaving)
        while generator.random() > leaves and orders[-1] < 3000:
            orders.append(orders[-1] + np.exp(generator.normal(centre, noise)))
        made.append(np.array(orders))
    return made


def known_at(day: float, people: list[Life]) -> tuple[Renewals, Numbers]:
    """Of those with an order by then; and the days until their next one, infinite of those who left."""
    known, truth = [], []
    for orders in people:
        past, future = orders[orders <= day], orders[orders > day]
        if len(past):
            logs = np.log(np.diff(past))
            known.append((len(logs), logs.sum(), (logs**2).sum(), day - past[-1]))
            truth.append(future[0] - day if len(future) else np.inf)
    return Renewals(*np.array(known, dtype=np.float64).T), np.array(truth)


def seen_within(days: float, truth: Numbers) -> Numbers:
    return np.where(truth <= days, truth, np.nan)
