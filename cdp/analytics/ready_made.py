"""The computed traits that come with the product: made once, by migrating; after that they are there to be changed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdp.analytics.definition import known_of, parse_definition
from cdp.analytics.models import ComputedTrait


@dataclass(frozen=True)
class ReadyMade:
    key: str
    label: str
    description: str
    definition: dict[str, Any] = field(hash=False)


READY_MADE = (
    ReadyMade("recency", "Days since last order", "How long ago a person last ordered.",
              {"kind": "orders", "measure": "days_since_last"}),
    ReadyMade("frequency", "Orders", "How many orders a person placed, cancelled ones not counted.",
              {"kind": "orders", "measure": "count"}),
    ReadyMade("monetary", "Worth of orders", "What a person spent, less what was refunded.",
              {"kind": "orders", "measure": "net"}),
    ReadyMade("average_order_value", "Average order value", "What a person's usual order is worth.",
              {"kind": "orders", "measure": "average"}),
    ReadyMade("order_gap", "Usual gap between orders", "How many days lie between two orders, for those with three.",
              {"kind": "orders", "measure": "usual_gap"}),
    ReadyMade("lifecycle_stage", "Lifecycle stage", "New, active, at risk, lapsed or won back.",
              {"kind": "orders", "measure": "stage"}),
    ReadyMade("days_since_visit", "Days since last visit", "How long ago a person was last seen doing something.",
              {"kind": "visits", "measure": "days_since_last"}),
    ReadyMade("sessions", "Visits", "How often a person came.", {"kind": "visits", "measure": "sessions"}),
    ReadyMade("session_duration", "Mean length of a visit", "In seconds, from its first event to its last.",
              {"kind": "visits", "measure": "mean_duration"}),
    ReadyMade("engagement", "Engagement score", "Points for what a person does, which fade with time.",
              {"kind": "points"}),
    ReadyMade("favourite_category", "Favourite category", "What kind of product a person cares for most.",
              {"kind": "favourite", "by": "category"}),
    ReadyMade("rfm_recency", "RFM: recency band", "1 to 5 among all buyers, 5 having ordered most recently.",
              {"kind": "band", "of": "recency", "best": "low"}),
    ReadyMade("rfm_frequency", "RFM: frequency band", "1 to 5 among all buyers, 5 having ordered most often.",
              {"kind": "band", "of": "frequency"}),
    ReadyMade("rfm_monetary", "RFM: monetary band", "1 to 5 among all buyers, 5 having spent most.",
              {"kind": "band", "of": "monetary"}),
    ReadyMade("rfm", "RFM cell", "Recency, frequency and monetary band, such as 5-4-3.",
              {"kind": "cell", "of": ["rfm_recency", "rfm_frequency", "rfm_monetary"]}),
)  # fmt: skip


def create_missing(*, now: datetime, using: str = "default") -> None:
    """Those that are not there yet, in the order in which they are made of each other."""
    rows = ComputedTrait.objects.using(using)
    known = {row.key: known_of(row) for row in rows.filter(is_removed=False)}
    for one in READY_MADE:
        if one.key not in known:
            found = parse_definition(one.definition, known)
            half_life = found.half_life
            row = rows.create(
                key=one.key, label=one.label, description=one.description, definition=one.definition,
                type=found.type, is_zero_without=found.is_zero_without, is_builtin=True,
                half_life_days=half_life.total_seconds() / 86_400 if half_life else None,
                created_at=now, changed_at=now,
            )  # fmt: skip
            known[one.key] = known_of(row)
