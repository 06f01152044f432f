"""Tables of features made up, for tests of what learns."""

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, FeatureTable, Unit

NUMERIC = (
    Column("days_since_order", "days since the last order", Unit.DAYS, "ordered {n} ago", "ordered {n} ago"),
    Column("orders", "orders", Unit.COUNT, "ordered {n} times", "ordered {n} times"),
    Column("discount_share", "share bought at a discount", Unit.SHARE, "waits for discounts", "pays full prices"),
)
CATEGORIES = (Column("source", "first source", Unit.CATEGORY, "came by {n}", "came by {n}"),)


def a_table(n: int = 600, *, seed: int = 1) -> tuple[FeatureTable, NDArray[np.float64]]:
    """Some numbers unknown, some words unknown; and whether it happened, which depends on all of them."""
    generator = np.random.default_rng(seed)
    values = np.column_stack([generator.gamma(2, 40, n), generator.poisson(3, n), generator.random(n)]).astype(float)
    values[generator.random(n) < 0.1, 0] = np.nan
    words = generator.choice(np.array(["web", "app", "shop", None], dtype=object), (n, 1), p=[0.5, 0.3, 0.1, 0.1])
    odds = 0.6 * values[:, 1] - 0.02 * np.nan_to_num(values[:, 0], nan=200) - 0.5 + (words[:, 0] == "app")
    happened = (generator.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    return FeatureTable(np.arange(1, n + 1), NUMERIC, values, CATEGORIES, words), happened
