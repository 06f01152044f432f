"""`item`: did something with an item, a category or a brand of the catalogue, in a single-item event or in a line of
an order. Each such event or line counts once; a quantity counts as often as it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules import stretches, zones
from cdp.rules.fields import Fields
from cdp.rules.limit import Limit, limit_schema
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Scope
from cdp.rules.windows import EVER, Window, parse_window

BY = {"item": "{a}.item_id = any({values})"} | {
    by: f"{{a}}.item_id in (select i.id from events_item i where i.{by} = any({{values}}))"
    for by in ("category", "brand")
}
# Of given people the lines are found by person, and not by all items of a category.
BY_PERSON = {by: f"({sql}) is true" for by, sql in BY.items()}
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
TABLES = {"t": ("events_eventitem", "t.quantity"), "e": ("events_event", "1::numeric")}
"""By alias: where lines and single items stand, and how many each is."""
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
                "window": {"$ref": "#/$defs/window"},
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
        lines = self._counting(scope)
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
            lines=self._counting(scope),
        )

    def behind(self, scope: Scope) -> Sql:
        return fill(
            "select distinct r.profile_id, r.occurred_at, r.message_id, r.source_id from ({lines}) r",
            lines=self._counting(scope),
        )

    def depends(self) -> frozenset[str]:
        names = {f"event:{self.name}"} | ({"catalogue"} if self.by != "item" else set())
        return frozenset(names | ({f"trait:{zones.TRAIT}"} if self.window.is_own else set()))

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        passed = zip(*(stretches.passed(self.window, since, scope, alias) for alias in TABLES), strict=True)
        return tuple(
            fill(
                "select r.profile_id from ({lines}) r", lines=self._lines(dict(zip(TABLES, times, strict=True)), scope)
            )
            for times in passed
        )

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        lines = self._lines(dict.fromkeys(TABLES, Sql("true")), scope)
        return stretches.moments(self.window, scope, own, fill("select r.occurred_at from ({lines}) r", lines=lines))

    def reads(self, scope: Scope) -> Mapping[str, datetime | None]:
        return {self.name: self._after(scope)}

    def _after(self, scope: Scope) -> datetime | None:
        return None if self.window.is_own else self.window.range(scope.now, scope.zone)[0]

    def _counting(self, scope: Scope) -> Sql:
        return self._lines({alias: stretches.within(self.window, scope, alias) for alias in TABLES}, scope)

    def _lines(self, times: Mapping[str, Sql], scope: Scope) -> Sql:
        """Both tables have an index that begins with what is asked for. `times`: a condition for each of them."""
        lines, single = (self._of(alias, times[alias], scope) for alias in TABLES)
        return fill(f"{{lines}} union all {{single}} and {_SINGLE}", lines=lines, single=single)

    def _of(self, alias: str, times: Sql, scope: Scope) -> Sql:
        table, quantity = TABLES[alias]
        by = (BY if scope.ids is None else BY_PERSON)[self.by]
        return fill(
            f"{_LINES}{{joined}} where {{a}}.name = {{name}} and {{times}} and {by}{{narrowed}}",
            a=Sql(alias),
            quantity=Sql(quantity),
            table=scope.events(self.name, self._after(scope)) if alias == "e" else Sql(table),
            joined=stretches.joined_person(alias, needed=self.window.is_own),
            name=self.name,
            times=times,
            values=list(self.values),
            narrowed=scope.narrowed(f"{alias}.profile_id"),
        )
