"""What the features are about, which ones a clustering begins with, and which ready-made choices there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.cluster.habits import ACTIVE, COLUMNS, MONTHS, PACE, VIEWS, WITHOUT_ORDER
from scoring.columns import Column, FeatureTable
from scoring.features import Wanted, columns

LEAST_DAYS = 8
"""Days with a visit or an order in a year: with fewer, too little is known of a person to say what kind they are."""


@dataclass(frozen=True)
class Theme:
    key: str
    label: str
    features: tuple[str, ...]


THEMES = (
    Theme(
        "orders",
        "Ordering",
        (PACE, "orders_365d", "orders", "order_days", "orders_180d", "orders_90d", "orders_30d", "orders_trend"),
    ),
    Theme(
        "money",
        "Money spent",
        ("revenue_365d", "revenue", "revenue_90d", "mean_order", "last_order", "largest_order"),
    ),
    Theme("discounts", "Discounts", ("discount_share",)),
    Theme("returns", "Giving back", ("refund_share",)),
    Theme(
        "browsing",
        "Visiting and looking around",
        (
            ACTIVE,
            VIEWS,
            WITHOUT_ORDER,
            "visits_90d",
            "visits_30d",
            "visits_without_order_90d",
            "browsing_minutes_90d",
            "visit_minutes",
            "views_90d",
            "views_30d",
            "views_7d",
            "carts_90d",
            "carts_30d",
            "carts_7d",
            "checkouts_90d",
            "checkouts_30d",
            "checkouts_7d",
            "events_90d",
            "events_30d",
            "activity_trend",
        ),
    ),
    Theme(
        "recency",
        "How long ago",
        ("recency_days", "quiet_days", "views_recency_days", "carts_recency_days", "checkouts_recency_days"),
    ),
    Theme(
        "rhythm",
        "Rhythm of orders",
        ("mean_gap_days", "last_gap_days", "gap_spread_days", "overdue", "order_span_days"),
    ),
    Theme("tenure", "How long they are known", ("tenure_days", "customer_days", MONTHS)),
    Theme(
        "basket",
        "What is in the basket",
        ("items_per_order", "lines_per_order", "categories_bought", "categories_viewed_90d"),
    ),
    Theme(
        "messages",
        "Reading messages",
        (
            "open_share_90d",
            "opened_90d",
            "opened_30d",
            "clicked_90d",
            "clicked_30d",
            "delivered_90d",
            "delivered_30d",
            "open_recency_days",
            "click_recency_days",
        ),
    ),
    Theme("hours", "When they come", ("evening_share", "night_share", "weekend_share")),
)
OTHER = "Other"
THEME_OF = {name: theme.key for theme in THEMES for name in theme.features}
EVIDENCE = {
    PACE: MONTHS,
    "discount_share": "orders",
    "refund_share": "orders",
    VIEWS: ACTIVE,
    WITHOUT_ORDER: ACTIVE,
    "open_share_90d": "delivered_90d",
    "evening_share": "visits_90d",
    "night_share": "visits_90d",
    "weekend_share": "visits_90d",
}
"""What a share or a pace rests on: one that rests on little is drawn towards everybody's, for one order with a coupon
makes no habit."""


@dataclass(frozen=True)
class Preset:
    key: str
    label: str
    hint: str
    features: tuple[str, ...]


PRESETS = (
    Preset(
        "habits",
        "Ways to shop",
        "how often they order, with or without discounts, how much they look around",
        (PACE, "discount_share", ACTIVE, VIEWS),
    ),
    Preset(
        "value",
        "Value and freshness",
        "recency, frequency and money: the classic three",
        ("recency_days", "orders_365d", "revenue_365d"),
    ),
    Preset(
        "life",
        "Stages of life as a customer",
        "how long they are known, how lately they came, whether they come more or less",
        ("tenure_days", "quiet_days", "orders", "orders_90d"),
    ),
    Preset(
        "reading",
        "Messages and hours",
        "whether they read what is sent, and when they come",
        ("open_share_90d", "clicked_90d", "evening_share", "weekend_share"),
    ),
)
DEFAULT = PRESETS[0]


def offered() -> dict[str, Column]:
    """All that can be chosen."""
    return {column.name: column for column in (*columns(Wanted()), *COLUMNS) if not column.is_category}


def grouped() -> list[tuple[str, list[Column]]]:
    """The same by theme, as the page shows it."""
    known = offered()
    found = [(theme.label, [known[name] for name in theme.features if name in known]) for theme in THEMES]
    others = [column for name, column in known.items() if name not in THEME_OF]
    return [*found, *([(OTHER, others)] if others else [])]


def is_known_enough(table: FeatureTable, *, least_days: int) -> NDArray[np.bool_]:
    """Whether enough is known of each person."""
    found: NDArray[np.bool_] = table.column(ACTIVE) >= least_days
    return found


def said(names: Sequence[str]) -> list[str]:
    known = offered()
    return [known[name].says for name in names if name in known]
