"""`event`: how often a person did something in a window, how much in all, or what the first or last one was like."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules import states
from cdp.rules.fields import Fields
from cdp.rules.leaves.ends import EndLeaf
from cdp.rules.limit import Limit, limit_schema
from cdp.rules.numbers import MEASURES, ZERO_WITHOUT, EventNumber
from cdp.rules.sql import Sql, fill
from cdp.rules.states import Decided
from cdp.rules.tree import Counted, Leaf, Members, Scope

ENDS = ("first", "last")


@dataclass(frozen=True)
class EventLeaf(Leaf):
    kind: ClassVar[str] = "event"
    number: EventNumber
    limit: Limit

    @classmethod
    def parse(cls, fields: Fields) -> Leaf:
        if fields.has("measure") and fields.value("measure") in ENDS:
            return EndLeaf.parse(fields)
        fields.only("kind", "name", "measure", "of", "op", "value", "to", "window", "where")
        if fields.has("measure"):
            fields.choice("measure", (*MEASURES, *ENDS))
        return cls(EventNumber.parse(fields), Limit.parse(fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "oneOf": [
                {
                    "properties": {**EventNumber.schema(), **limit_schema()},
                    "required": ["name", "op"],
                },
                EndLeaf.schema(),
            ]
        }

    def english(self) -> str:
        of, words = self.number.of, self.limit.english()
        what, when = of.english(), of.window.words
        if self.number.measure == "count":
            if self.limit.is_never():
                return f"who did not do {what} {when}"
            if self.limit.is_once():
                return f"who did {what} {when}"
            return f"who did {what} {words} {'time' if self.limit.value == 1 else 'times'} {when}"
        if self.number.measure == "sum" and self.number.what.column:
            return f"whose {what} sum up to {words} {when}"
        if self.number.measure == "distinct":
            return f"who did {what} with {words} different {self.number.what.name} {when}"
        return f"whose {self.number.english()} is {words}"

    def members(self, scope: Scope) -> Members:
        """Those without any such event are in no group of it: where zero satisfies, select who does not."""
        is_complement = self.number.measure in ZERO_WITHOUT and self.limit.holds_for_zero()
        is_once = self.number.measure == "count" and (self.limit.is_once() or self.limit.is_never())
        known = self._known(scope, is_complement=is_complement, is_once=is_once)
        if known is None:
            return Members(self._read(self.number.of.rows(scope), scope, is_complement, is_once), is_complement)
        if known.unsure is None:
            return Members(known.sql, is_complement)
        rows = self.number.of.rows(scope, among=known.unsure)
        read = self._read(rows, scope, is_complement, is_once)
        return Members(fill("{known} union all {read}", known=known.sql, read=read), is_complement)

    def counted(self, scope: Scope) -> Counted | None:
        of, measure = self.number.of, self.number.measure
        is_complement = measure in ZERO_WITHOUT and self.limit.holds_for_zero()
        if is_complement or (of.kept_range(scope) is not None and self.number.kept() is not None):
            return None
        return Counted(of.rows(scope), self._held(self.number.number(scope), is_complement=False))

    def _known(self, scope: Scope, *, is_complement: bool, is_once: bool) -> Decided | None:
        """What the state of each person and event already says."""
        of, times = self.number.of, self.number.of.kept_range(scope)
        column = self.number.kept()
        if times is None or column is None:
            return None
        if is_once:
            return states.did(of.name, times, scope)
        return states.counted(of.name, times, scope, holds=self._held(column, is_complement))

    def _read(self, rows: Sql, scope: Scope, is_complement: bool, is_once: bool) -> Sql:
        if is_once:
            return fill("select e.profile_id {rows}", rows=rows)
        having = self._held(self.number.number(scope), is_complement)
        return fill("select e.profile_id {rows} group by e.profile_id having {having}", rows=rows, having=having)

    def _held(self, number: Sql, is_complement: bool) -> Sql:
        return fill("not ({held})" if is_complement else "{held}", held=self.limit.condition(number))

    def reads(self, scope: Scope) -> Mapping[str, datetime | None]:
        return self.number.reads(scope)

    def observed(self, scope: Scope) -> Sql:
        return fill("select n.profile_id, n.number::text from ({rows}) n", rows=self.number.rows(scope))

    def behind(self, scope: Scope) -> Sql:
        return self.number.behind(scope)

    def depends(self) -> frozenset[str]:
        return self.number.depends()

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        return self.number.crossings(since, scope)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return self.number.moments(scope, own)
