"""`points`: a score that each event raises and time halves.

With weights w_i, times t_i and the half-life h the score at time t is

    s(t) = Σ w_i · 2^(-(t - t_i)/h) = 2^(-t/h) · Σ w_i · 2^(t_i/h),      t_i ≤ t.

The sum does not depend on t. So what is stored is

    e = log2(Σ w_i · 2^(t_i/h)),      times in half-lives since 2000-01-01,

which only events change, never the clock; and s(t) = 2^(e - t/h). Hence s(t) ≥ x exactly if e ≥ log2(x) + t/h: a range
scan on e, whose threshold moves with the clock by 1 per half-life, and whoever has e between two thresholds crossed in
between. Equal scores now are equal e, so percentiles and bands of e are those of the score and never go stale.

For the arithmetic any other origin r does: e = r/h + log2(Σ w_i · 2^((t_i - r)/h)). With r = now the powers are at most
1 and cannot overflow. An event older than 1,000 half-lives counts as if it were exactly that old (2^-1000), as smaller
numbers do not exist. e is rounded to 9 digits, so that the order in which the database adds does not show.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from cdp.analytics.definition import Definition, Facts, KnownTraits, Picked, Type, positive
from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
DIGITS = 9
HALF_LIFE_DAYS = 14.0
WEIGHTS = {
    "Page Viewed": 1,
    "Screen Viewed": 1,
    "Product Viewed": 2,
    "Product List Viewed": 1,
    "Products Searched": 2,
    "Product Clicked": 2,
    "Product Added to Wishlist": 4,
    "Product Added": 5,
    "Cart Viewed": 3,
    "Checkout Started": 8,
    "Order Completed": 20,
    "Product Reviewed": 10,
    "Email Opened": 1,
    "Email Link Clicked": 4,
    "Push Notification Tapped": 3,
    "Signed Up": 5,
    "Signed In": 1,
}
MOST_NAMES = 100
MOST_POINTS = 1_000_000


def half_lives(at: datetime, half_life: timedelta) -> float:
    """Since the epoch."""
    return (at - EPOCH) / half_life


def stored(score: float, *, now: datetime, half_life: timedelta) -> Decimal:
    """The e that is worth so much now; `score` is more than 0."""
    return Decimal(repr(round(math.log2(score) + half_lives(now, half_life), DIGITS)))


def score(e: Decimal, *, now: datetime, half_life: timedelta) -> float:
    return float(2.0 ** max(float(e) - half_lives(now, half_life), -1000))


@dataclass(frozen=True)
class PointFacts(Facts):
    weights: tuple[tuple[str, float], ...]
    half_life: timedelta

    def rows(self, scope: Scope) -> Sql:
        names, weights = [name for name, _ in self.weights], [weight for _, weight in self.weights]
        return fill(
            "select e.profile_id, {now_halves} + ln(sum(w.weight * power(2::float8, greatest(-1000,"
            " date_part('epoch', e.occurred_at - {now}) / {half_life}))) filter (where e.occurred_at <= {now}))"
            " / ln(2::float8) as e, min(e.occurred_at) filter (where e.occurred_at > {now}) as ahead_at"
            " from events_event e join unnest({names}::text[], {weights}::float8[]) w (name, weight)"
            " on w.name = e.name where true{narrowed} group by e.profile_id",
            now_halves=half_lives(scope.now, self.half_life),
            now=scope.now,
            half_life=self.half_life.total_seconds(),
            names=names,
            weights=weights,
            narrowed=scope.narrowed("e.profile_id"),
        )


@dataclass(frozen=True)
class PointDefinition(Definition):
    kind: ClassVar[str] = "points"
    of_facts: PointFacts

    @classmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "PointDefinition":
        days = positive(fields, "half_life_days", most=3650) if fields.has("half_life_days") else HALF_LIFE_DAYS
        if days < 1:
            raise RuleError(fields.at("half_life_days"), "must be at least 1")
        weights = parse_weights(fields) if fields.has("weights") else tuple(WEIGHTS.items())
        return cls(PointFacts(weights, timedelta(days=days)))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "properties": {
                "weights": weights_schema(),
                "half_life_days": {"type": "number", "minimum": 1, "maximum": 3650},
            },
            "required": [],
        }

    @property
    def type(self) -> Type:
        return Type.NUMBER

    @property
    def facts(self) -> PointFacts:
        return self.of_facts

    @property
    def is_zero_without(self) -> bool:
        return True

    @property
    def half_life(self) -> timedelta:
        return self.of_facts.half_life

    def picked(self, scope: Scope) -> Picked:
        return Picked(Sql(f"round(f.e::numeric, {DIGITS})"), Sql("f.ahead_at"))

    def english(self) -> str:
        ranked = sorted(self.of_facts.weights, key=lambda one: -one[1])
        said = ", ".join(f"{name} {weight:g}" for name, weight in ranked[:4])
        more = f" and {len(ranked) - 4} more" if len(ranked) > 4 else ""
        days = self.of_facts.half_life / timedelta(days=1)
        return f"points for what they did ({said}{more}), of which half are gone after {days:g} days"

    def follows(self, fact: str) -> bool:
        return fact.startswith("event:") and fact.removeprefix("event:") in dict(self.of_facts.weights)


def parse_weights(fields: Fields) -> tuple[tuple[str, float], ...]:
    inner = fields.inner("weights")
    if not 1 <= len(inner.data) <= MOST_NAMES:
        raise RuleError(inner.place, f"must name 1 to {MOST_NAMES} events")
    for name in inner.data:
        Fields({"name": name}, inner.place).text("name")
    return tuple((str(name), positive(inner, name, most=MOST_POINTS)) for name in inner.data)


def weights_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_POINTS},
        "minProperties": 1,
        "maxProperties": MOST_NAMES,
    }
