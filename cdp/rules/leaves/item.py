"""`item`: did something with an item, a category or a brand of the catalogue, in a single-item event or in a line of
an order. Each such event or line counts once; a quantity counts as often as it says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules.fields import Fields, RuleError
from cdp.rules.limit import Limit, limit_schema
from cdp.rules.spans import seconds
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Scope
from cdp.rules.windows import EVER, WINDOW_SCHEMA, Range, Window, parse_window

BY = {"item": "{a}.item_id = any({values})"} | {
    by: f"{{a}}.item_id in (select i.id from events_item i where i.{by} = any({{values}}))"
    for by in ("category", "brand")
}
MEASURES = {
    "times": "count(*)",
    "quantity": "sum(r.quantity)",
    "value": "coalesce(sum(r.value), 0)",
    "items": "count(distinct r.item_id)",
}
MOST_VALUES = 500
_LINES = (
    "select {a}.profile_id, {a}.item_id, {a}.occurred_at, {a}.message_id, {a}.source_id, {quantity} as quantity,"
    " {a}.value from {table} {a}"
)
# An order with lines may name an item of its own as well; its lines say more.
_SINGLE = (
    "not exists (select 1 from events_eventitem l where l.profile_id = e.profile_id"
    " and l.occurred_at = e.occurred_at and l.message_id = e.message_id and l.source_id = e.source_id)"
)


@dataclass(frozen=True)
class ItemLeaf(Leaf):
    kind: ClassVar[str] = "item"
    name: str
    by: str
    values: tuple[str, ...]
    measure: str
    limit: Limit
    window: Window

    @classmethod
    def parse(cls, fields: Fields) -> "ItemLeaf":
        fields.only("kind", "name", "by", "values", "measure", "op", "value", "to", "window")
        window = parse_window(fields.inner("window")) if fields.has("window") else EVER
        if window.is_own:
            raise RuleError(fields.at("window.zone"), "items are counted in the deployment's time zone")
        return cls(
            name=fields.text("name"),
            by=fields.choice("by", BY),
            values=fields.texts("values", most=MOST_VALUES),
            measure=fields.choice("measure", MEASURES) if fields.has("measure") else "times",
            limit=Limit.parse(fields) if fields.has("op") else Limit(),
            window=window,
        )

    @classmethod
    def schema(cls) -> dict[str, Any]:
        text = {"type": "string", "minLength": 1}
        return {
            "properties": {
                "name": text,
                "by": {"enum": list(BY)},
                "values": {"type": "array", "items": text, "minItems": 1, "maxItems": MOST_VALUES},
                "measure": {"enum": list(MEASURES)},
                "window": WINDOW_SCHEMA,
                **limit_schema(),
            },
            "required": ["name", "by", "values"],
        }

    def english(self) -> str:
        of = f"{self.name} with the {self.by} {' or '.join(f'“{one}”' for one in self.values)}"
        if self.measure == "times" and self.limit.is_never():
            return f"who did not do {of} {self.window.words}"
        if self.measure == "times" and self.limit.is_once():
            return f"who did {of} {self.window.words}"
        units = {"times": "times", "quantity": "pieces", "value": "in value", "items": "different items"}
        return f"who did {of}: {self.limit.english()} {units[self.measure]} {self.window.words}"

    def members(self, scope: Scope) -> Members:
        is_complement = self.limit.holds_for_zero()
        lines = self._lines(self.window.range(scope.now, scope.zone), scope)
        if self.measure == "times" and (self.limit.is_once() or self.limit.is_never()):
            return Members(fill("select r.profile_id from ({lines}) r", lines=lines), is_complement)
        return Members(
            fill(
                "select r.profile_id from ({lines}) r group by r.profile_id having "
                + ("not ({having})" if is_complement else "{having}"),
                lines=lines,
                having=self.limit.condition(Sql(MEASURES[self.measure])),
            ),
            is_complement,
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            f"select r.profile_id, ({MEASURES[self.measure]})::text from ({{lines}}) r group by r.profile_id",
            lines=self._lines(self.window.range(scope.now, scope.zone), scope),
        )

    def behind(self, scope: Scope) -> Sql:
        return fill(
            "select distinct r.profile_id, r.occurred_at, r.message_id, r.source_id from ({lines}) r",
            lines=self._lines(self.window.range(scope.now, scope.zone), scope),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"event:{self.name}"} | ({"catalogue"} if self.by != "item" else set()))

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        return tuple(
            fill("select r.profile_id from ({lines}) r", lines=self._lines(one, scope))
            for one in self.window.passed(since, scope.now, scope.zone)
        )

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        jumps = self.window.boundaries(scope.now, scope.zone)
        edges = [
            fill(
                "select r.occurred_at + {age} from ({lines}) r where r.occurred_at > {after}",
                age=seconds(age),
                lines=self._lines(None, scope),
                after=scope.now - age,
            )
            for age in self.window.ages()
        ]
        return (*edges, *([Sql("select unnest(%s::timestamptz[])", (jumps,))] if jumps else []))

    def _lines(self, times: Range | None, scope: Scope) -> Sql:
        """Both tables have an index that begins with what is asked for."""
        lines = self._of("events_eventitem", "t", "t.quantity", times, scope)
        single = self._of("events_event", "e", "1::numeric", times, scope)
        return fill(f"{{lines}} union all {{single}} and {_SINGLE}", lines=lines, single=single)

    def _of(self, table: str, alias: str, quantity: str, times: Range | None, scope: Scope) -> Sql:
        a = Sql(alias)
        after, until = times or (None, None)
        return fill(
            f"{_LINES} where {{a}}.name = {{name}}{{after}}{{until}} and {BY[self.by]}{{narrowed}}",
            a=a,
            quantity=Sql(quantity),
            table=Sql(table),
            name=self.name,
            after=Sql("") if after is None else fill(" and {a}.occurred_at > {after}", a=a, after=after),
            until=Sql("") if until is None else fill(" and {a}.occurred_at <= {until}", a=a, until=until),
            values=list(self.values),
            narrowed=scope.narrowed(f"{alias}.profile_id"),
        )
