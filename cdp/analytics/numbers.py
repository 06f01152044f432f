"""Computed traits where the rule language takes a number per person: for cuts, percentiles and bands."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from cdp.analytics.definition import Known, Type
from cdp.analytics.load import known_trait, traits_now
from cdp.rules.fields import Fields, RuleError
from cdp.rules.numbers import Number
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Outside, Scope

EXPRESSIONS = {
    Type.NUMBER: "v.number",
    Type.DURATION: "-extract(epoch from v.at)",
    Type.DATE: "extract(epoch from v.at)",
}
"""In an order that time does not change: the longest ago is the largest, and a decaying score is compared by its e."""


@dataclass(frozen=True)
class ComputedNumber(Number):
    kind: ClassVar[str] = "computed"
    key: str
    trait: Known = field(repr=False, compare=False)
    """Not part of what a cut is called."""

    @classmethod
    def of(cls, trait: Known) -> "ComputedNumber":
        return cls(trait.key, trait)

    @classmethod
    def parse(cls, fields: Fields) -> "ComputedNumber":
        trait = known_trait(fields)
        if trait.type not in EXPRESSIONS:
            raise RuleError(fields.at("key"), f"“{trait.label}” is no number")
        return cls.of(trait)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"key": {"type": "string", "minLength": 1}}

    def english(self) -> str:
        return f"“{self.trait.label}”"

    def rows(self, scope: Scope) -> Sql:
        return fill(
            f"select v.profile_id, {EXPRESSIONS[self.trait.type]} as number from analytics_computedvalue v"
            f" where v.trait_id = {{id}} and v.{self.trait.column} is not null{{narrowed}}",
            id=self.trait.id,
            narrowed=scope.narrowed("v.profile_id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"computed:{self.key}"})

    def outside(self) -> frozenset[Outside]:
        return frozenset({traits_now})
