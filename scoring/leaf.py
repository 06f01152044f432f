"""`score`: how likely a predictor thinks a person is."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.rules.fields import Fields, RuleError
from cdp.rules.numbers import Number
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
        predictor_id, name = _predictor(fields)
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


@dataclass(frozen=True)
class ScoreNumber(Number):
    """A predictor's score, for percentiles and pictures of how it is spread."""

    kind: ClassVar[str] = "score"
    predictor_id: int
    name: str

    @classmethod
    def parse(cls, fields: Fields) -> "ScoreNumber":
        return cls(*_predictor(fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"id": {"type": "integer", "minimum": 1}}

    def english(self) -> str:
        return f"“{self.name}” score"

    def rows(self, scope: Scope) -> Sql:
        return fill(
            "select s.profile_id, s.value::numeric as number from scoring_score s"
            " where s.predictor_id = {id}{narrowed}",
            id=self.predictor_id,
            narrowed=scope.narrowed("s.profile_id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"score:{self.predictor_id}"})


def _predictor(fields: Fields) -> tuple[int, str]:
    predictor_id = fields.whole("id", least=1, most=2**53)
    name = Predictor.objects.filter(pk=predictor_id).values_list("name", flat=True).first()
    if name is None:
        raise RuleError(fields.at("id"), f"there is no predictor {predictor_id}")
    return predictor_id, name


def choices() -> list[dict[str, Any]]:
    """What the rule builder offers."""
    return [{"id": pk, "name": name} for pk, name in Predictor.objects.order_by("name").values_list("pk", "name")]
