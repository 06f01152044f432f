"""`event` with the measure `first` or `last`: what the first or last such event in the window was like.

Of several events at the same time the order of their message ids decides. People without any are neither in nor,
with a negative operator, in either.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules.fields import Fields
from cdp.rules.happenings import Happening, happening_schema
from cdp.rules.numbers import parse_what
from cdp.rules.references import FIXED, Filter, Reference, other_operand, reference_schema, suits
from cdp.rules.sql import Sql, fill
from cdp.rules.testing import EVENT_KEYS, OTHERS, Operand, Test, test_schema
from cdp.rules.tree import Leaf, Members, Scope


@dataclass(frozen=True)
class EndLeaf(Leaf):
    kind: ClassVar[str] = "event"
    of: Happening
    is_last: bool
    what: Reference
    test: Test

    @classmethod
    def parse(cls, fields: Fields) -> "EndLeaf":
        fields.only("kind", "name", "measure", "of", "window", "where", *EVENT_KEYS)
        what, test = parse_what(fields), Test.parse(fields)
        suits(what, test, fields)
        is_last = fields.choice("measure", ("first", "last")) == "last"
        return cls(Happening.parse(fields, (what,), compared=(Filter(what, test),)), is_last, what, test)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        measure = {"enum": ["first", "last"]}
        variants = test_schema(FIXED, others=OTHERS, **happening_schema(), measure=measure, of=reference_schema())
        for one in variants:
            one["required"] = ["name", "measure", *[key for key in one["required"] if key in EVENT_KEYS]]
            del one["additionalProperties"]
        return {"anyOf": variants}

    def english(self) -> str:
        end = "last" if self.is_last else "first"
        return (
            f"whose {end} {self.of.english()} {self.of.window.words} is one whose {self.test.english(self.what.name)}"
        )

    def members(self, scope: Scope) -> Members:
        return Members(
            fill(
                "select e.profile_id {rows} group by e.profile_id having {held}",
                rows=self.of.ends(scope, is_last=self.is_last),
                held=self.test.condition(self._end(scope), scope, self._other()),
            )
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select e.profile_id, ({value})::text {rows} group by e.profile_id",
            value=self._end(scope).t,
            rows=self.of.rows(scope),
        )

    def behind(self, scope: Scope) -> Sql:
        """The one event that is asked."""
        way = "desc" if self.is_last else "asc"
        return fill(
            "select distinct on (e.profile_id) e.profile_id, e.occurred_at, e.message_id, e.source_id {rows}"
            f" order by e.profile_id, e.occurred_at {way}, e.message_id {way}, e.source_id {way}",
            rows=self.of.rows(scope),
        )

    def depends(self) -> frozenset[str]:
        return self.of.depends()

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        return self.of.crossings(since, scope)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return self.of.moments(scope, own)

    def _end(self, scope: Scope) -> Operand:
        found = self.what.operand("e", scope)
        if found.is_column:
            picked = self._picked(found.t)
            return Operand(t=picked, j=picked, is_column=True, is_number=found.is_number)
        return _of_json(self._picked(found.j))

    def _other(self) -> Operand | None:
        found = other_operand(self.test, "e")
        return None if found is None else _of_json(self._picked(found.j))

    def _picked(self, value: Sql) -> Sql:
        way = "desc" if self.is_last else "asc"
        return fill(
            f"(array_agg({{value}} order by e.occurred_at {way}, e.message_id {way}, e.source_id {way}))[1]",
            value=value,
        )


def _of_json(picked: Sql) -> Operand:
    return Operand(t=fill("({picked} #>> '{}')", picked=picked), j=picked)
