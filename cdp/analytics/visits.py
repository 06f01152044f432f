"""`visits`: a person's events with no gap of more than half an hour between them are one visit.

What others did is no visit of theirs: messages that were sent to them and what the back office says of their orders
are named in `without`. A visit lasts from its first event to its last, so a visit of one event lasts no time.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.analytics.definition import Definition, Facts, KnownTraits, Picked, Type
from cdp.events.ourselves import OF_MACHINES, SCORE_BAND_CHANGED
from cdp.rules.fields import Fields
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope

WITHOUT = (
    "Email Sent",
    "Email Delivered",
    "Email Opened",
    "Email Bounced",
    "Email Marked as Spam",
    "Unsubscribed",
    "Push Notification Received",
    "Push Notification Bounced",
    "SMS Delivered",
    "Order Updated",
    "Order Fulfilled",
    "Order Shipped",
    "Order Refunded",
    "Order Cancelled",
    SCORE_BAND_CHANGED,
    *OF_MACHINES,
)
GAP_MINUTES = 30
MOST_NAMES = 100
WORDS = {
    "sessions": "the number of visits",
    "mean_duration": "the mean length of a visit, in seconds,",
    "last_at": "the time of the last visit",
    "days_since_last": "days since the last visit",
}
TYPES = {"last_at": Type.DATE, "days_since_last": Type.DURATION}
_PICKED = {
    "sessions": "nullif(f.n, 0)",
    "mean_duration": "case when f.n > 0 then round(coalesce(f.seconds, 0) / f.n, 6) end",
    "last_at": "f.last_at",
    "days_since_last": "f.last_at",
}


@dataclass(frozen=True)
class VisitFacts(Facts):
    gap_minutes: int = GAP_MINUTES
    without: tuple[str, ...] = WITHOUT

    def rows(self, scope: Scope) -> Sql:
        return fill(
            "select v.profile_id, count(*) filter (where v.at <= {now} and (v.gap is null or v.gap > {gap})) as n,"
            " extract(epoch from sum(v.gap) filter (where v.at <= {now} and v.gap <= {gap})) as seconds,"
            " max(v.at) filter (where v.at <= {now}) as last_at, min(v.at) filter (where v.at > {now}) as ahead_at"
            " from (select e.profile_id, e.occurred_at as at, e.occurred_at - lag(e.occurred_at) over"
            " (partition by e.profile_id order by e.occurred_at) as gap from events_event e"
            " where e.name <> all({without}::text[]){narrowed}) v group by v.profile_id",
            now=scope.now,
            gap=Sql("make_interval(mins => %s)", (self.gap_minutes,)),
            without=list(self.without),
            narrowed=scope.narrowed("e.profile_id"),
        )


@dataclass(frozen=True)
class VisitDefinition(Definition):
    kind: ClassVar[str] = "visits"
    measure: str
    of_facts: VisitFacts

    @classmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "VisitDefinition":
        gap = fields.whole("gap_minutes", least=1, most=1440) if fields.has("gap_minutes") else GAP_MINUTES
        without = fields.texts("without", most=MOST_NAMES) if fields.has("without") else WITHOUT
        return cls(fields.choice("measure", WORDS), VisitFacts(gap, without))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        names = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": MOST_NAMES}
        return {
            "properties": {
                "measure": {"enum": list(WORDS)},
                "gap_minutes": {"type": "integer", "minimum": 1, "maximum": 1440},
                "without": names,
            },
            "required": ["measure"],
        }

    @property
    def type(self) -> Type:
        return TYPES.get(self.measure, Type.NUMBER)

    @property
    def facts(self) -> VisitFacts:
        return self.of_facts

    @property
    def is_zero_without(self) -> bool:
        return self.measure == "sessions"

    def picked(self, scope: Scope) -> Picked:
        return Picked(Sql(_PICKED[self.measure]), Sql("f.ahead_at"))

    def english(self) -> str:
        silence = f"a visit ends with {self.of_facts.gap_minutes} minutes of silence"
        return f"{WORDS[self.measure]} ({silence}; messages to them and what the shop does with an order are no visits)"

    def follows(self, fact: str) -> bool:
        return fact.startswith("event:") and fact.removeprefix("event:") not in self.of_facts.without
