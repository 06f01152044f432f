"""`orders`: what a person's orders come to, net of what was given back, and the stage of their life as a customer.

An order counts unless it was cancelled, from the time it was placed. Its worth is its total less its refunds; a refund
of an order that nobody reported is money that went out and counts too.

**Stages.** With *g* the person's usual gap between orders, *s* the time since the last one, *risk* = 2 and *lapse* = 4:

- `lapsed`: s ≥ lapse · g
- `at risk`: lapse · g > s ≥ risk · g
- `won back`: s < risk · g, and the last order ended a silence of at least lapse · g' (g' being the usual gap before it)
- `new`: s < risk · g and it is the only order
- `active`: s < risk · g otherwise

The usual gap is the mean time between orders of those who have at least three, taken for no less than 7 days and no
more than 180; of everybody else `gap_days`. Who never ordered has no stage.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.analytics.definition import Definition, Facts, KnownTraits, Picked, Type, positive
from cdp.rules.fields import Fields, RuleError
from cdp.rules.leaves.interval import LEAST_EVENTS
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope

EVENTS = tuple(f"event:Order {verb}" for verb in ("Completed", "Updated", "Refunded", "Cancelled"))
WORDS = {
    "count": "the number of orders",
    "net": "the worth of all orders, net of refunds",
    "average": "the average worth of an order, net of refunds",
    "first_at": "the time of the first order",
    "last_at": "the time of the last order",
    "days_since_first": "days since the first order",
    "days_since_last": "days since the last order",
    "usual_gap": "usual days between orders",
    "stage": "the stage as a customer (new, active, at risk, lapsed, won back)",
}
TYPES = {
    "first_at": Type.DATE,
    "last_at": Type.DATE,
    "days_since_first": Type.DURATION,
    "days_since_last": Type.DURATION,
    "stage": Type.TEXT,
}
GAP_DAYS, RISK, LAPSE = 45.0, 2.0, 4.0
LEAST_GAP_S, MOST_GAP_S = 7 * 86_400, 180 * 86_400
_COUNTS = "o.ordered_at <= {now} and not o.is_cancelled"


@dataclass(frozen=True)
class OrderFacts(Facts):
    def rows(self, scope: Scope) -> Sql:
        return fill(
            f"select o.profile_id, count(*) filter (where {_COUNTS}) as n,"
            " sum(o.total - o.refunded) filter (where not o.is_cancelled"
            " and (o.ordered_at is null or o.ordered_at <= {now})) as net,"
            f" min(o.ordered_at) filter (where {_COUNTS}) as first_at,"
            f" max(o.ordered_at) filter (where {_COUNTS}) as last_at,"
            f" (array_agg(o.ordered_at order by o.ordered_at desc) filter (where {_COUNTS}))[2] as before_at,"
            " min(o.ordered_at) filter (where o.ordered_at > {now}) as ahead_at"
            " from events_order o where true{narrowed} group by o.profile_id",
            now=scope.now,
            narrowed=scope.narrowed("o.profile_id"),
        )


@dataclass(frozen=True)
class OrderDefinition(Definition):
    kind: ClassVar[str] = "orders"
    measure: str
    gap_days: float = GAP_DAYS
    risk: float = RISK
    lapse: float = LAPSE

    @classmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "OrderDefinition":
        measure = fields.choice("measure", WORDS)
        if measure != "stage":
            for key in ("gap_days", "risk", "lapse"):
                if fields.has(key):
                    raise RuleError(fields.at(key), "is only for the stage")
            return cls(measure)
        gap_days = positive(fields, "gap_days", most=1000) if fields.has("gap_days") else GAP_DAYS
        risk = positive(fields, "risk", most=100) if fields.has("risk") else RISK
        lapse = positive(fields, "lapse", most=100) if fields.has("lapse") else LAPSE
        if lapse <= risk:
            raise RuleError(fields.at("lapse"), f"must be more than {risk:g}: people lapse after they were at risk")
        return cls(measure, gap_days, risk, lapse)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        number = {"type": "number", "exclusiveMinimum": 0}
        return {
            "properties": {
                "measure": {"enum": list(WORDS)},
                "gap_days": {**number, "maximum": 1000},
                "risk": {**number, "maximum": 100},
                "lapse": {**number, "maximum": 100},
            },
            "required": ["measure"],
        }

    @property
    def type(self) -> Type:
        return TYPES.get(self.measure, Type.NUMBER)

    @property
    def facts(self) -> OrderFacts:
        return OrderFacts()

    @property
    def is_zero_without(self) -> bool:
        return self.measure in ("count", "net")

    def picked(self, scope: Scope) -> Picked:
        ahead = Sql("f.ahead_at")
        if self.measure == "stage":
            return self._stage(scope)
        return Picked(Sql(_PICKED[self.measure]), ahead)

    def english(self) -> str:
        if self.measure != "stage":
            return WORDS[self.measure]
        return (
            f"{WORDS['stage']}: at risk after {self.risk:g}, lapsed after {self.lapse:g} times the usual gap between"
            f" orders, which is {self.gap_days:g} days for those with fewer than {LEAST_EVENTS} orders"
        )

    def follows(self, fact: str) -> bool:
        return fact in EVENTS

    def _stage(self, scope: Scope) -> Picked:
        gap, before = self._gap("f.n", "f.last_at"), self._gap("f.n - 1", "f.before_at")
        risk, lapse = (fill("(f.last_at + {gap} * {times})", gap=gap, times=one) for one in (self.risk, self.lapse))
        stage = fill(
            "case when f.n = 0 then null when {now} >= {lapse} then 'lapsed' when {now} >= {risk} then 'at risk'"
            " when f.last_at - f.before_at >= {before} * {times} then 'won back'"
            " when f.n = 1 then 'new' else 'active' end",
            now=scope.now,
            lapse=lapse,
            risk=risk,
            before=before,
            times=self.lapse,
        )
        due = fill(
            "least(f.ahead_at, case when {now} < {risk} then {risk} when {now} < {lapse} then {lapse} end)",
            now=scope.now,
            risk=risk,
            lapse=lapse,
        )
        return Picked(stage, due)

    def _gap(self, n: str, last: str) -> Sql:
        """An interval. `n` and `last` are expressions of this module."""
        return fill(
            f"make_interval(secs => case when {n} >= {{least}} and {last} > f.first_at then least(greatest("
            f"(extract(epoch from {last} - f.first_at) / ({n} - 1))::float8, {{low}}), {{high}}) else {{usual}} end)",
            least=LEAST_EVENTS,
            low=float(LEAST_GAP_S),
            high=float(MOST_GAP_S),
            usual=self.gap_days * 86_400,
        )


_PICKED = {
    "count": "nullif(f.n, 0)",
    "net": "nullif(f.net, 0)",
    "average": "case when f.n > 0 then round(f.net / f.n, 4) end",
    "first_at": "f.first_at",
    "last_at": "f.last_at",
    "days_since_first": "f.first_at",
    "days_since_last": "f.last_at",
    "usual_gap": f"case when f.n >= {LEAST_EVENTS} and f.last_at > f.first_at then"
    " round(extract(epoch from f.last_at - f.first_at) / 86400 / (f.n - 1), 9) end",
}
