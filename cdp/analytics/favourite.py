"""`favourite`: the category, brand or item that a person cared for most, by points for what they did with each.

Events about one item count by their item, orders by their product lines. Of equal ones the latest, then by name.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.analytics.definition import Definition, Facts, KnownTraits, Picked, Type
from cdp.analytics.points import parse_weights, weights_schema
from cdp.rules.fields import Fields
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope

BY = {"category": "nullif(i.category, '')", "brand": "nullif(i.brand, '')", "item": "h.item_id"}
WEIGHTS = {"Product Viewed": 1, "Product Added": 3, "Order Completed": 5}


@dataclass(frozen=True)
class FavouriteFacts(Facts):
    by: str
    weights: tuple[tuple[str, float], ...]

    def rows(self, scope: Scope) -> Sql:
        joined = "" if self.by == "item" else " join events_item i on i.id = h.item_id"
        return fill(
            "select distinct on (g.profile_id) g.profile_id, g.value, g.points,"
            " min(g.ahead_at) over (partition by g.profile_id) as ahead_at from ("
            f"select h.profile_id, {BY[self.by]} as value,"
            " sum(w.weight) filter (where h.occurred_at <= {now}) as points,"
            " max(h.occurred_at) filter (where h.occurred_at <= {now}) as last_at,"
            " min(h.occurred_at) filter (where h.occurred_at > {now}) as ahead_at"
            " from ({happened}) h join unnest({names}::text[], {weights}::numeric[]) w (name, weight)"
            f" on w.name = h.name{joined} where {BY[self.by]} is not null group by 1, 2) g"
            ' order by g.profile_id, g.points desc nulls last, g.last_at desc nulls last, g.value collate "C"',
            happened=self._happened(scope),
            now=scope.now,
            names=[name for name, _ in self.weights],
            weights=[weight for _, weight in self.weights],
        )

    def _happened(self, scope: Scope) -> Sql:
        """Of all names: the join with the weights leaves those that count. Asked for by name, the planner reads
        everybody's events of it instead of these people's (three times the work for 1,000 of 20,000)."""
        return fill(
            "select e.profile_id, e.name, e.item_id, e.occurred_at from events_event e"
            " where e.item_id is not null{of_events}"
            " union all select l.profile_id, l.name, l.item_id, l.occurred_at from events_eventitem l"
            " where true{of_lines}",
            of_events=scope.narrowed("e.profile_id"),
            of_lines=scope.narrowed("l.profile_id"),
        )


@dataclass(frozen=True)
class FavouriteDefinition(Definition):
    kind: ClassVar[str] = "favourite"
    of_facts: FavouriteFacts

    @classmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "FavouriteDefinition":
        weights = parse_weights(fields) if fields.has("weights") else tuple(WEIGHTS.items())
        return cls(FavouriteFacts(fields.choice("by", BY), weights))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"properties": {"by": {"enum": list(BY)}, "weights": weights_schema()}, "required": ["by"]}

    @property
    def type(self) -> Type:
        return Type.TEXT

    @property
    def facts(self) -> FavouriteFacts:
        return self.of_facts

    def picked(self, scope: Scope) -> Picked:
        """Someone whose every such event lies ahead has none yet."""
        return Picked(Sql("case when f.points is not null then f.value end"), Sql("f.ahead_at"))

    def english(self) -> str:
        said = ", ".join(f"{name} {weight:g}" for name, weight in self.of_facts.weights)
        return f"the {self.of_facts.by} with the most points for what they did with it ({said})"

    def follows(self, fact: str) -> bool:
        if fact == "catalogue":
            return self.of_facts.by != "item"
        return fact.startswith("event:") and fact.removeprefix("event:") in dict(self.of_facts.weights)
