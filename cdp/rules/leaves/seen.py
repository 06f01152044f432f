"""`seen`: when a person was first or last seen, by any message of theirs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules.fields import Fields
from cdp.rules.spans import seconds
from cdp.rules.sql import Sql, fill
from cdp.rules.testing import Operand, Test, test_schema
from cdp.rules.tree import Leaf, Own, Scope

WHICH = ("first", "last")
OPS = ("within_last", "before_last", "before", "after", "on", "between_dates")
FACT = "seen"
"""Touched with every message of a person."""


@dataclass(frozen=True)
class SeenLeaf(Leaf):
    kind: ClassVar[str] = "seen"
    which: str
    test: Test

    @classmethod
    def parse(cls, fields: Fields) -> "SeenLeaf":
        fields.only("kind", "which", "op", "value", "to", "amount", "unit")
        fields.choice("op", OPS)
        return cls(fields.choice("which", WHICH), Test.parse(fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"oneOf": test_schema(OPS, which={"enum": list(WHICH)})}

    def english(self) -> str:
        if self.test.span is None:
            return f"for whom the time they were {self.test.english(f'{self.which} seen')}"
        when = "in the last" if self.test.op == "within_last" else "longer ago than the last"
        return f"who were {self.which} seen {when} {self.test.span.words}"

    def members(self, scope: Scope) -> Own:
        operand = Operand(Sql("null"), Sql("null"), at=Sql(self._column))
        return Own(self.test.condition(operand, scope))

    def observed(self, scope: Scope) -> Sql:
        return fill(
            f"select id, {self._column}::text from profiles_profile where true{{narrowed}}",
            narrowed=scope.narrowed("id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({FACT})

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """Of the first time by its index; of the last by the index of its day, for an index on the time itself would
        make every event rewrite all indexes of the person's row."""
        return tuple(self._where(self._between(since - age, scope.now - age), scope) for age in self.test.ages())

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return tuple(
            fill(
                f"select {self._column} + {{age}} from profiles_profile where {self._column} > {{after}}{{narrowed}}",
                age=seconds(age),
                after=scope.now - age,
                narrowed=scope.narrowed("id"),
            )
            for age in self.test.ages()
        )

    @property
    def _column(self) -> str:
        return f"{self.which}_seen_at"

    def _between(self, after: datetime, until: datetime) -> Sql:
        exactly = fill(f"{self._column} > {{after}} and {self._column} <= {{until}}", after=after, until=until)
        if self.which == "first":
            return exactly
        days = {"first": after.astimezone(UTC).date(), "last": until.astimezone(UTC).date()}
        return fill("{exactly} and last_seen_on between {first} and {last}", exactly=exactly, **days)

    def _where(self, condition: Sql, scope: Scope) -> Sql:
        return fill(
            "select id from profiles_profile where {condition}{narrowed}",
            condition=condition,
            narrowed=scope.narrowed("id"),
        )
