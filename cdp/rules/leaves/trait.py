"""`trait`: what is known of a person. Negative operators also hold for those of whom it is not known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules.days import instant
from cdp.rules.fields import Fields
from cdp.rules.spans import seconds
from cdp.rules.sql import Sql, fill
from cdp.rules.testing import KEYS, Operand, Test, test_schema
from cdp.rules.tree import Leaf, Own, Scope


@dataclass(frozen=True)
class TraitLeaf(Leaf):
    kind: ClassVar[str] = "trait"
    name: str
    test: Test

    @classmethod
    def parse(cls, fields: Fields) -> "TraitLeaf":
        fields.only("kind", "name", *KEYS)
        return cls(fields.text("name"), Test.parse(fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        variants = test_schema(others=("trait",), name={"type": "string", "minLength": 1})
        return {"oneOf": [{key: one[key] for key in ("properties", "required")} for one in variants]}

    def english(self) -> str:
        return f"whose {self.test.english(self.name)}"

    def members(self, scope: Scope) -> Own:
        other = None if self.test.other is None else _operand(self.test.other.name)
        return Own(self.test.condition(_operand(self.name), scope, other))

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select id, traits ->> {name} from profiles_profile where traits ->> {name} is not null{narrowed}",
            name=self.name,
            narrowed=scope.narrowed("id"),
        )

    def depends(self) -> frozenset[str]:
        names = (self.name, *([self.test.other.name] if self.test.other else []))
        return frozenset(f"trait:{name}" for name in names)

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """By a range scan once the trait's date has an index: see indexes.py."""
        return tuple(
            self._where(
                fill(
                    "{at} > {after} and {at} <= {until}",
                    at=self.instant_in(scope.zone),
                    after=since - age,
                    until=scope.now - age,
                ),
                scope,
            )
            for age in self.test.ages()
        )

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return tuple(
            fill(
                "select {at} + {age} from profiles_profile where {at} > {after}{narrowed}",
                at=self.instant_in(scope.zone),
                age=seconds(age),
                after=scope.now - age,
                narrowed=scope.narrowed("id"),
            )
            for age in self.test.ages()
        )

    def instant_in(self, zone: ZoneInfo) -> Sql:
        return instant(self._text(), zone)

    def _text(self) -> Sql:
        return _operand(self.name).t

    def _where(self, condition: Sql, scope: Scope) -> Sql:
        return fill(
            "select id from profiles_profile where {condition}{narrowed}",
            condition=condition,
            narrowed=scope.narrowed("id"),
        )


def _operand(name: str) -> Operand:
    return Operand(t=Sql("(traits ->> %s)", (name,)), j=Sql("(traits -> %s)", (name,)))
