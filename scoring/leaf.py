"""`score`: how likely a predictor thinks a person is."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.rules.fields import Fields, RuleError
from cdp.rules.operators import COMPARISONS
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Outside, Scope
from scoring.models import Predictor


def predictors() -> tuple[tuple[int, str], ...]:
    return tuple(Predictor.objects.order_by("id").values_list("id", "name"))


@dataclass(frozen=True)
class ScoreLeaf(Leaf):
    """People without a score are neither above nor below any value."""

    kind: ClassVar[str] = "score"
    predictor_id: int
    name: str
    op: str
    value: float

    @classmethod
    def parse(cls, fields: Fields) -> "ScoreLeaf":
        fields.only("kind", "id", "op", "value")
        predictor_id = fields.whole("id", least=1, most=2**53)
        name = Predictor.objects.filter(pk=predictor_id).values_list("name", flat=True).first()
        if name is None:
            raise RuleError(fields.at("id"), f"there is no predictor {predictor_id}")
        value = fields.number("value")
        if not 0 <= value <= 1:
            raise RuleError(fields.at("value"), "must be between 0 and 1")
        return cls(predictor_id, name, fields.choice("op", COMPARISONS), float(value))

    def english(self) -> str:
        return f"whose “{self.name}” score is {COMPARISONS[self.op].words} {self.value:g}"

    def members(self, scope: Scope) -> Members:
        symbol = COMPARISONS[self.op].symbol
        return Members(self._select("profile_id", scope, fill(f" and value {symbol} {{value}}", value=self.value)))

    def observed(self, scope: Scope) -> Sql:
        return self._select("profile_id, round(value::numeric, 3)::text", scope, Sql(""))

    def depends(self) -> frozenset[str]:
        return frozenset({f"score:{self.predictor_id}"})

    def outside(self) -> frozenset[Outside]:
        return frozenset({predictors})

    def _select(self, what: str, scope: Scope, tested: Sql) -> Sql:
        return fill(
            f"select {what} from scoring_score where predictor_id = {{id}}{{tested}}{{narrowed}}",
            id=self.predictor_id,
            tested=tested,
            narrowed=scope.narrowed("profile_id"),
        )


def choices() -> list[dict[str, Any]]:
    """What the rule builder offers."""
    return [{"id": pk, "name": name} for pk, name in Predictor.objects.order_by("name").values_list("pk", "name")]
