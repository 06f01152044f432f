"""`event`: how often a person did something in a window, or for how much in all."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from cdp.rules.fields import Fields
from cdp.rules.operators import COMPARISONS, Test
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Leaf, Members, Scope
from cdp.rules.windows import EVER, Window, parse_window

MEASURES = {"count": "count(*)", "sum": "coalesce(sum(value), 0)"}


@dataclass(frozen=True)
class EventLeaf(Leaf):
    kind: ClassVar[str] = "event"
    name: str
    measure: str = "count"
    op: str = "at_least"
    value: float = 1
    window: Window = EVER
    where: tuple[Test, ...] = field(default=())

    @classmethod
    def parse(cls, fields: Fields) -> "EventLeaf":
        fields.only("kind", "name", "measure", "op", "value", "window", "where")
        filters = fields.items("where", most=20) if fields.has("where") else []
        return cls(
            name=fields.text("name"),
            measure=fields.choice("measure", MEASURES) if fields.has("measure") else "count",
            op=fields.choice("op", COMPARISONS),
            value=fields.number("value"),
            window=parse_window(fields.inner("window")) if fields.has("window") else EVER,
            where=tuple(Test.parse(one, name_key="property") for one in filters),
        )

    def english(self) -> str:
        what = self.name
        if self.where:
            what += f" (where {' and '.join(test.english() for test in self.where)})"
        words = f"{COMPARISONS[self.op].words} {self.value:,}"
        if self.measure == "sum":
            return f"whose {what} sum up to {words} {self.window.words}"
        if self._is_never():
            return f"who did not do {what} {self.window.words}"
        if self._is_once():
            return f"who did {what} {self.window.words}"
        return f"who did {what} {words} {'time' if self.value == 1 else 'times'} {self.window.words}"

    def members(self, scope: Scope) -> Members:
        """Those without any such event are in no group of it: where zero satisfies, select who does not."""
        comparison = COMPARISONS[self.op]
        is_complement = comparison.holds(0, self.value)
        if self._is_once() or self._is_never():
            return Members(fill("select profile_id {events}", events=self._events(scope)), is_complement)
        having = fill(f"{MEASURES[self.measure]} {comparison.symbol} {{value}}", value=Decimal(str(self.value)))
        return Members(
            fill(
                "select profile_id {events} group by profile_id having "
                + ("not ({having})" if is_complement else "{having}"),
                events=self._events(scope),
                having=having,
            ),
            is_complement,
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            f"select profile_id, {MEASURES[self.measure]}::text {{events}} group by profile_id",
            events=self._events(scope),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"event:{self.name}"})

    def crossings(self, since: datetime, until: datetime) -> tuple[Sql, ...]:
        """An event flips an answer when it reaches an edge of the window: a range scan per edge."""
        return tuple(
            fill(
                "select profile_id {events}",
                events=self._between(since - age, until - age, Scope(now=until)),
            )
            for age in self.window.edges()
        )

    def _events(self, scope: Scope) -> Sql:
        return self._between(*self.window.bounds(scope.now), scope)

    def _between(self, after: datetime | None, until: datetime, scope: Scope) -> Sql:
        conditions = [Sql("name = %s", (self.name,)), Sql("occurred_at <= %s", (until,))]
        if after is not None:
            conditions.append(Sql("occurred_at > %s", (after,)))
        if scope.ids is not None:
            conditions.append(Sql("profile_id = any(%s)", (list(scope.ids),)))
        conditions += [test.condition("properties") for test in self.where]
        return fill("from events_event where {all}", all=join(" and ", conditions))

    def _is_once(self) -> bool:
        return self.measure == "count" and (self.op, self.value) in (("at_least", 1), ("more_than", 0))

    def _is_never(self) -> bool:
        return self.measure == "count" and (self.op, self.value) in (
            ("exactly", 0),
            ("at_most", 0),
            ("less_than", 1),
        )
