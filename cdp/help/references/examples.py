"""Examples of each condition: its JSON, and the condition itself where names are looked up that only a database knows.

A test makes what they name and proves that their JSON is read as just these conditions.
"""

from dataclasses import dataclass
from typing import Any

from campaigns.leaf import MessageLeaf
from cdp.analytics.conditions import Condition
from cdp.analytics.definition import Known as Computed
from cdp.analytics.definition import Type
from cdp.analytics.leaf import ComputedLeaf
from cdp.analytics.rfm import RfmLeaf
from cdp.rules.fields import Fields
from cdp.rules.leaves.consent import About, ConsentLeaf
from cdp.rules.limit import Limit
from cdp.rules.spans import UNITS, Span
from cdp.rules.tree import Leaf
from cdp.rules.windows import Rolling
from scoring.cluster.leaf import ClusterLeaf
from scoring.leaf import Known as Predicted
from scoring.leaf import ScoreLeaf
from scoring.models import Predictor
from segments.leaf import OverlapLeaf, SegmentLeaf
from segments.listed_leaf import ListedLeaf

Json = dict[str, Any]

NEWCOMERS, VALUABLE, LAPSED = (1, "Newcomers"), (2, "High value"), (3, "Lapsed")
CAMPAIGN = (12, "Spring sale")
BUYS = Predicted(1, "Buys in 30 days", Predictor.Kind.PURCHASE)
NEXT = Predicted(2, "Next order", Predictor.Kind.NEXT_ORDER)
KINDS = (1, "Kinds of customers")
CLUSTERS = ((2, "Regulars"), (3, "Bargain hunters"))
NEWSLETTER = About("marketing", "newsletter", "Newsletter")
MONEY = Computed(1, "spent", "Spent in all", Type.NUMBER, None, True)
RECENCY, FREQUENCY = (
    Computed(number, f"rfm_{key}", f"{key.capitalize()} band", Type.NUMBER, None, False)
    for number, key in ((2, "recency"), (3, "frequency"))
)


@dataclass(frozen=True)
class Example:
    json: Json
    leaf: Leaf | None = None
    """None where the JSON alone says everything."""


def _last(amount: int, unit: str = "day") -> Json:
    return {"kind": "last", "amount": amount, "unit": unit}


def _span(amount: int, unit: str) -> Span:
    return Span(f"{amount} {unit}s", amount * UNITS[unit])


def _spent_more() -> Example:
    said = {"kind": "computed", "key": "spent", "op": "more_than", "value": 200}
    return Example(said, ComputedLeaf(MONEY, Condition.parse(Fields.of(said, "root"), MONEY)))


ORDERED: Json = {"kind": "event", "name": "Order Completed"}
SHOES = {"column": "category", "op": "is", "value": "shoes"}
BIRTHDAY = {"kind": "anniversary", "name": "birthday", "op": "within_next", "days": 7, "zone": "own"}
EXAMPLES: dict[str, tuple[Example, ...]] = {
    "trait": (
        Example({"kind": "trait", "name": "city", "op": "one_of", "value": ["Rome", "Oslo"]}),
        Example({"kind": "trait", "name": "contract_ends", "op": "within_next", "amount": 30, "unit": "day"}),
        Example({"kind": "trait", "name": "billing_city", "op": "is_not", "trait": "city"}),
    ),
    "event": (
        Example({"kind": "event", "name": "Product Viewed", "op": "at_least", "value": 1, "window": _last(7)}),
        Example({**ORDERED, "measure": "sum", "op": "more_than", "value": 200, "window": _last(15)}),
        Example({**ORDERED, "op": "zero", "window": _last(90)}),
        Example({**ORDERED, "op": "at_least", "value": 1, "where": [SHOES]}),
        Example({**ORDERED, "measure": "last", "of": {"property": "shipping"}, "op": "is", "value": "express"}),
    ),
    "sequence": (
        Example(
            {
                "kind": "sequence",
                "window": _last(30),
                "steps": [
                    {"name": "Product Added"},
                    {"name": "Order Completed", "did": False, "within": {"amount": 24, "unit": "hour"}},
                ],
            }
        ),
    ),
    "item": (
        Example({"kind": "item", "name": "Product Viewed", "by": "item", "values": ["mug"], "window": _last(7)}),
        Example(
            {
                "kind": "item", "name": "Order Completed", "by": "category", "values": ["shoes"],
                "measure": "quantity", "op": "at_least", "value": 3, "window": _last(6, "month"),
            }
        ),
    ),
    "anniversary": (Example(BIRTHDAY),),
    "interval": (Example({"kind": "interval", "name": "Order Completed", "times": 1.5}),),
    "sample": (Example({"kind": "sample", "seed": "spring test", "from": 0, "to": 10}),),
    "percentile": (
        Example({"kind": "percentile", "side": "top", "percent": 10, "of": {**ORDERED, "measure": "avg"}}),
    ),
    "top": (Example({"kind": "top", "count": 1000, "of": {"kind": "trait", "name": "points"}}),),
    "seen": (
        Example({"kind": "seen", "which": "first", "op": "within_last", "amount": 7, "unit": "day"}),
        Example({"kind": "seen", "which": "last", "op": "before_last", "amount": 90, "unit": "day"}),
    ),
    "consent": (
        Example({"kind": "consent", "op": "granted", "topic": "newsletter"}, ConsentLeaf("granted", NEWSLETTER)),
        Example(
            {"kind": "consent", "op": "reachable", "channel": "email", "topic": "newsletter"},
            ConsentLeaf("reachable", NEWSLETTER, "email"),
        ),
        Example({"kind": "consent", "op": "suppressed", "channel": "email"}),
    ),
    "computed": (_spent_more(),),
    "rfm": (
        Example({"kind": "rfm", "recency": [4, 5], "frequency": [5]}, RfmLeaf(((RECENCY, (4, 5)), (FREQUENCY, (5,))))),
    ),
    "segment": (
        Example({"kind": "segment", "id": 1, "op": "not_in"}, SegmentLeaf(*NEWCOMERS, "not_in")),
        Example(
            {"kind": "segment", "id": 1, "op": "entered_within", "amount": 7, "unit": "day"},
            SegmentLeaf(*NEWCOMERS, "entered_within", _span(7, "day")),
        ),
    ),
    "overlap": (
        Example(
            {"kind": "overlap", "segments": [1, 2, 3], "op": "at_least", "value": 2},
            OverlapLeaf((NEWCOMERS, VALUABLE, LAPSED), Limit("at_least", 2)),
        ),
    ),
    "listed": (Example({"kind": "listed", "id": 4}, ListedLeaf(4)),),
    "message": (
        Example(
            {"kind": "message", "op": "clicked", "campaign": 12, "window": _last(14)},
            MessageLeaf("clicked", Rolling("in the last 14 days", 14 * UNITS["day"]), *CAMPAIGN),
        ),
        Example({"kind": "message", "op": "not_opened", "window": _last(90)}),
    ),
    "score": (
        Example(
            {"kind": "score", "id": 1, "op": "at_least", "value": 0.8},
            ScoreLeaf(BUYS, "at_least", limit=Limit("at_least", 0.8)),
        ),
        Example(
            {"kind": "score", "id": 1, "op": "in_band", "bands": ["high", "medium"]},
            ScoreLeaf(BUYS, "in_band", bands=("high", "medium")),
        ),
        Example(
            {"kind": "score", "id": 2, "op": "expected_within", "amount": 30, "unit": "day"},
            ScoreLeaf(NEXT, "expected_within", span=_span(30, "day")),
        ),
    ),
    "cluster": (Example({"kind": "cluster", "id": 1, "in": [2, 3]}, ClusterLeaf(*KINDS, CLUSTERS)),),
}  # fmt: skip

WINDOWS: tuple[Json, ...] = (
    {"kind": "ever"},
    _last(7),
    {"kind": "between", "from": 7, "to": 30, "unit": "day"},
    {"kind": "before", "amount": 30, "unit": "day"},
    {"kind": "next", "amount": 3, "unit": "day"},
    {"kind": "dates", "from": "2026-01-01", "to": "2026-01-31"},
    {"kind": "calendar", "amount": 1, "unit": "week", "zone": "own"},
)
