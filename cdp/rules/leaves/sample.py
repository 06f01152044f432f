"""`sample`: a random share of people that stays the same. Another seed draws another share."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Own, Scope

WHOLE = 2**32
_DRAWN = "('x' || left(md5({seed} || ':' || uuid::text), 8))::bit(32)::bigint"
"""The first 32 bits of MD5 of seed and uuid: the same on every machine and version, unlike the database's hashes."""


@dataclass(frozen=True)
class SampleLeaf(Leaf):
    """(from, to] of 100: two samples with one seed and ranges apart share nobody."""

    kind: ClassVar[str] = "sample"
    first: float
    last: float
    seed: str

    @classmethod
    def parse(cls, fields: Fields) -> "SampleLeaf":
        fields.only("kind", "from", "to", "seed")
        first, last = fields.number("from") if fields.has("from") else 0, fields.number("to")
        if not 0 <= first < last <= 100:
            raise RuleError(fields.at("to"), "from and to must be percentages, the first smaller than the second")
        return cls(first, last, fields.text("seed"))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        percent = {"type": "number", "minimum": 0, "maximum": 100}
        return {
            "properties": {"from": percent, "to": percent, "seed": {"type": "string", "minLength": 1}},
            "required": ["to", "seed"],
        }

    def english(self) -> str:
        share = f"{self.last - self.first:g} %"
        from_to = "" if self.first == 0 else f" (from {self.first:g} to {self.last:g})"
        return f"who are among a random {share}{from_to} drawn as “{self.seed}”"

    def members(self, scope: Scope) -> Own:
        low, high = _bound(self.first), _bound(self.last)
        return Own(fill("{drawn} >= {low} and {drawn} < {high}", drawn=self._drawn(), low=low, high=high))

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select id, 'drew ' || round({drawn} * 100.0 / {whole}, 2)::text"
            " from profiles_profile where true{narrowed}",
            drawn=self._drawn(),
            whole=WHOLE,
            narrowed=scope.narrowed("id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset()

    def _drawn(self) -> Sql:
        return fill(_DRAWN, seed=self.seed)


def _bound(percent: float) -> int:
    return round(percent * WHOLE / 100)
