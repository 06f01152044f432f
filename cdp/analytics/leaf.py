"""`computed`: the value of a computed trait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.analytics.conditions import KEYS, OPS, Condition
from cdp.analytics.definition import Known, Type
from cdp.analytics.load import known_trait, traits_now
from cdp.analytics.points import half_lives
from cdp.rules.fields import Fields
from cdp.rules.sql import Sql, fill
from cdp.rules.testing import test_schema
from cdp.rules.tree import Leaf, Members, Outside, Scope


@dataclass(frozen=True)
class ComputedLeaf(Leaf):
    kind: ClassVar[str] = "computed"
    trait: Known
    condition: Condition

    @classmethod
    def parse(cls, fields: Fields) -> "ComputedLeaf":
        fields.only("kind", "key", *KEYS)
        trait = known_trait(fields)
        return cls(trait, Condition.parse(fields, trait))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        operators = dict.fromkeys(op for ops in OPS.values() for op in ops)
        variants = test_schema(operators, key={"type": "string", "minLength": 1})
        return {"oneOf": [{key: one[key] for key in ("properties", "required")} for one in variants]}

    def english(self) -> str:
        days = " days" if self.trait.type is Type.DURATION and self.condition.test.value is not None else ""
        return f"whose {self.condition.test.english(f'“{self.trait.label}”')}{days}"

    def members(self, scope: Scope) -> Members:
        """Those without a value have 0 of what is counted; where 0 satisfies, select who does not."""
        base = self.condition.base
        held = base.sql(scope)
        if base.holds_for_zero():
            others = self._where(fill("{known} and not ({held})", known=self._has_value(), held=held), scope)
            return Members(others, is_complement=not self.condition.is_negation)
        return Members(self._where(held, scope), is_complement=self.condition.is_negation)

    def observed(self, scope: Scope) -> Sql:
        return self._select(fill("v.profile_id, {seen}", seen=self._seen(scope.now)), self._has_value(), scope)

    def depends(self) -> frozenset[str]:
        return frozenset({f"computed:{self.trait.key}"})

    def outside(self) -> frozenset[Outside]:
        return frozenset({traits_now})

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        return tuple(self._where(one, scope) for one in self.condition.base.crossed(since, scope))

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        """Of the value as it stands; what the value will be is not foretold."""
        return tuple(self._select(one, self._has_value(), scope) for one in self.condition.base.moments())

    def _seen(self, now: datetime) -> Sql:
        if self.trait.type is Type.DURATION:
            return fill("round(extract(epoch from {now} - v.at) / 86400, 1)::text || ' days'", now=now)
        if self.trait.half_life:
            return fill(
                "round(power(2::float8, greatest(v.number::float8 - {halves}, -1000))::numeric, 2)::text",
                halves=half_lives(now, self.trait.half_life),
            )
        if self.trait.type is Type.NUMBER:
            return Sql("trim_scale(round(v.number, 4))::text")
        return Sql(f"v.{self.trait.column}::text")

    def _has_value(self) -> Sql:
        return Sql(f"v.{self.trait.column} is not null")

    def _where(self, condition: Sql, scope: Scope) -> Sql:
        return self._select(Sql("v.profile_id"), condition, scope)

    def _select(self, what: Sql, condition: Sql, scope: Scope) -> Sql:
        return fill(
            "select {what} from analytics_computedvalue v where v.trait_id = {id} and {condition}{narrowed}",
            what=what,
            id=self.trait.id,
            condition=condition,
            narrowed=scope.narrowed("v.profile_id"),
        )
