"""What the builder of definitions offers: what the data has, and how each kind and measure is called."""

from typing import Any

from django.db.models import Sum

from cdp.analytics import events, favourite, orders, points, visits
from cdp.analytics.definition import Type
from cdp.analytics.models import ComputedTrait
from cdp.events.models import EventProperty, EventVolume
from cdp.rules.operators import OPERATORS
from cdp.rules.references import COLUMNS, FIXED
from cdp.rules.values import wanted

MOST = 300
KINDS = {
    "events": "Something about their events",
    "orders": "Something about their orders",
    "visits": "Something about their visits",
    "points": "A score that fades with time",
    "favourite": "What they like most",
    "band": "A band from 1 to 5 among all people",
    "cell": "Several bands in one word",
}
EVENT_MEASURES = {
    "count": "how many",
    "sum": "the sum",
    "avg": "the average",
    "min": "the smallest",
    "max": "the largest",
    "distinct": "how many different",
    "first": "what the first one said",
    "last": "what the last one said",
    "most_frequent": "the most frequent",
    "list": "a list of the different",
    "days_since_last": "days since the last",
    "days_since_first": "days since the first",
    "first_at": "when the first was",
    "last_at": "when the last was",
    "usual_gap": "usual days between them",
}
VALUELESS = [key for key in FIXED if not OPERATORS[key].takes]


def words() -> dict[str, Any]:
    names = EventVolume.objects.values("name").annotate(total=Sum("n")).order_by("-total")[:MOST]
    rows = EventProperty.objects.values("name", "property", "type").annotate(total=Sum("n")).order_by("-total")
    numbers = ComputedTrait.objects.filter(is_on=True, is_removed=False, type__in=(Type.NUMBER, Type.DURATION))
    return {
        "kinds": KINDS,
        "measures": {"events": EVENT_MEASURES, "orders": orders.WORDS, "visits": visits.WORDS},
        "events": [[row["name"], row["total"]] for row in names],
        "properties": [[row["name"], row["property"], row["type"]] for row in rows[: 5 * MOST]],
        "columns": list(COLUMNS),
        "operators": [
            [key, OPERATORS[key].words, "number" if "number" in OPERATORS[key].takes else "text"]
            for key in FIXED
            if wanted(OPERATORS[key]) in ((), ("value",)) and not set(OPERATORS[key].takes) & NO_FIELD
        ],
        "valueless": VALUELESS,
        "traits": [[key, label] for key, label in numbers.order_by("label").values_list("key", "label")],
        "defaults": {
            "weights": {"points": points.WEIGHTS, "favourite": favourite.WEIGHTS},
            "half_life_days": points.HALF_LIFE_DAYS,
            "without": list(visits.WITHOUT),
            "gap_minutes": visits.GAP_MINUTES,
            "stage": {"gap_days": orders.GAP_DAYS, "risk": orders.RISK, "lapse": orders.LAPSE},
            "most": events.LISTED,
        },
    }


NO_FIELD = {"list", "list of texts", "list of months", "list of days of the month", "pattern"}
"""What the small builder has no field for; such filters can be written over the API."""
