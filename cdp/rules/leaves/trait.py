"""`trait`: what is known of a person. "Is not" also holds for those of whom it is not known."""

from dataclasses import dataclass
from typing import ClassVar

from cdp.rules.fields import Fields
from cdp.rules.operators import Test
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Scope


@dataclass(frozen=True)
class TraitLeaf(Leaf):
    kind: ClassVar[str] = "trait"
    test: Test

    @classmethod
    def parse(cls, fields: Fields) -> "TraitLeaf":
        return cls(Test.parse(fields, name_key="name"))

    def english(self) -> str:
        return f"whose {self.test.english()}"

    def members(self, scope: Scope) -> Members:
        return Members(
            fill(
                "select id from profiles_profile where {test}{narrowed}",
                test=self.test.condition("traits"),
                narrowed=_narrowed(scope),
            )
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select id, traits ->> {name} from profiles_profile where traits ->> {name} is not null{narrowed}",
            name=self.test.name,
            narrowed=_narrowed(scope),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"trait:{self.test.name}"})


def _narrowed(scope: Scope) -> Sql:
    return Sql("") if scope.ids is None else Sql(" and id = any(%s)", (list(scope.ids),))
