"""`score`: what a predictor thinks of a person: the value, the band it stands in, when the next order is expected."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules import spans
from cdp.rules.fields import Fields, RuleError
from cdp.rules.limit import Limit
from cdp.rules.numbers import Number
from cdp.rules.operators import COMPARISONS
from cdp.rules.spans import Span, parse_span, seconds
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Outside, Scope
from scoring.models import Band, Predictor

Kind = Predictor.Kind
IN_BAND, EXPECTED, OVERDUE = "in_band", "expected_within", "overdue"
LIMITS = (*COMPARISONS, "between")
OPS = (*LIMITS, IN_BAND, EXPECTED, OVERDUE)
NOUNS = {Kind.VALUE.value: "expected spending by", Kind.NEXT_ORDER.value: "days until the next order by"}
"""What the value is, where it is no probability."""
ID = {"type": "integer", "minimum": 1, "maximum": 2**53}
BANDS = tuple(Band.values)


@dataclass(frozen=True)
class Known:
    """A predictor as a rule names it."""

    id: int
    name: str
    kind: str

    @property
    def english(self) -> str:
        noun = NOUNS.get(self.kind)
        return f"{noun} “{self.name}”" if noun else f"“{self.name}” score"

    @property
    def is_probability(self) -> bool:
        return self.kind not in NOUNS


def predictors() -> tuple[tuple[int, str, str], ...]:
    """Those that rules can name."""
    return tuple(Predictor.objects.filter(archived_at=None).order_by("id").values_list("id", "name", "kind"))


@dataclass(frozen=True)
class ScoreLeaf(Leaf):
    """People without a score are neither above nor below any value, in no band, and not expected."""

    kind: ClassVar[str] = "score"
    predictor: Known
    op: str
    limit: Limit | None = None
    bands: tuple[str, ...] = ()
    span: Span | None = None

    @classmethod
    def parse(cls, fields: Fields) -> "ScoreLeaf":
        op, predictor = fields.choice("op", OPS), known(fields)
        if op in LIMITS:
            fields.only("kind", "id", "op", "value", *(["to"] if op == "between" else []))
            return cls(predictor, op, limit=_limit(fields, predictor))
        if op == IN_BAND:
            fields.only("kind", "id", "op", "bands")
            return cls(predictor, op, bands=_bands(fields))
        fields.only("kind", "id", "op", "amount", "unit")
        if predictor.kind != Kind.NEXT_ORDER:
            raise RuleError(fields.at("op"), "is for predictors of the next order only")
        return cls(predictor, op, span=parse_span(fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        bands = {"type": "array", "items": {"enum": list(BANDS)}, "minItems": 1, "maxItems": 3, "uniqueItems": True}
        number = {"type": "number"}
        return {
            "oneOf": [
                _variant(list(COMPARISONS), value=number),
                _variant(["between"], value=number, to=number),
                _variant([IN_BAND], bands=bands),
                _variant([EXPECTED, OVERDUE], **spans.SCHEMA),
            ]
        }

    def english(self) -> str:
        if self.limit is not None:
            return f"whose {self.predictor.english} is {self.limit.english()}"
        if self.span is None:
            return f"whose “{self.predictor.name}” band is {' or '.join(self.bands)}"
        if self.op == EXPECTED:
            return f"who are expected to order in the next {self.span.words} by “{self.predictor.name}”"
        return f"whose order was expected before the last {self.span.words} by “{self.predictor.name}”"

    def members(self, scope: Scope) -> Members:
        return Members(self._select(Sql("s.profile_id"), self._holding(scope.now), scope))

    def observed(self, scope: Scope) -> Sql:
        if self.span is not None:
            return self._select(Sql("s.profile_id, 'expected ' || s.expected_at::text"), self._dated(), scope)
        seen = "s.band" if self.op == IN_BAND else "round(s.value::numeric, 3)::text"
        return self._select(Sql(f"s.profile_id, {seen}"), Sql("true"), scope)

    def depends(self) -> frozenset[str]:
        return frozenset({f"score:{self.predictor.id}"})

    def outside(self) -> frozenset[Outside]:
        return frozenset({predictors})

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """By the index of expected orders: those at whose time an edge of the window passed."""
        return tuple(
            self._select(Sql("s.profile_id"), self._between(since - age, scope.now - age), scope) for age in self._ages
        )

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return tuple(
            self._select(fill("s.expected_at + {age}", age=seconds(age)), self._dated(), scope) for age in self._ages
        )

    @property
    def _ages(self) -> tuple[Any, ...]:
        """How old the expected time is when the answer flips; negative before it."""
        if self.span is None:
            return ()
        return (-self.span.length, 0 * self.span.length) if self.op == EXPECTED else (self.span.length,)

    def _holding(self, now: datetime) -> Sql:
        if self.limit is not None:
            return self.limit.condition(Sql("s.value"))
        if self.span is None:
            return Sql("s.band = any(%s)", (list(self.bands),))
        if self.op == EXPECTED:
            return self._between(now, now + self.span.length)
        return fill("s.expected_at <= {edge}", edge=now - self.span.length)

    @staticmethod
    def _between(after: datetime, until: datetime) -> Sql:
        return fill("s.expected_at > {after} and s.expected_at <= {until}", after=after, until=until)

    @staticmethod
    def _dated() -> Sql:
        return Sql("s.expected_at is not null")

    def _select(self, what: Sql, condition: Sql, scope: Scope) -> Sql:
        return fill(
            "select {what} from scoring_score s where s.predictor_id = {id} and {condition}{narrowed}",
            what=what,
            id=self.predictor.id,
            condition=condition,
            narrowed=scope.narrowed("s.profile_id"),
        )


@dataclass(frozen=True)
class ScoreNumber(Number):
    """A predictor's score, for percentiles and pictures of how it is spread."""

    kind: ClassVar[str] = "score"
    predictor_id: int
    name: str

    @classmethod
    def parse(cls, fields: Fields) -> "ScoreNumber":
        found = known(fields)
        return cls(found.id, found.name)

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

    def outside(self) -> frozenset[Outside]:
        return frozenset({predictors})


def known(fields: Fields) -> Known:
    """The predictor that an object names by `id`. Raises RuleError."""
    predictor_id = fields.whole("id", least=1, most=2**53)
    found = Predictor.objects.filter(pk=predictor_id, archived_at=None).values_list("id", "name", "kind").first()
    if found is None:
        raise RuleError(fields.at("id"), f"there is no predictor {predictor_id}, or it is archived")
    return Known(*found)


def choices() -> list[dict[str, Any]]:
    """What the rule builder offers."""
    rows = Predictor.objects.filter(archived_at=None).select_related("active").order_by("name")
    return [{"id": one.pk, "name": one.name, "kind": one.kind, "note": _note(one)} for one in rows]


def _note(predictor: Predictor) -> str:
    return predictor.get_kind_display() if predictor.active_id else "has no scores yet"


def _limit(fields: Fields, predictor: Known) -> Limit:
    limit = Limit.parse(fields)
    for key, value in (("value", limit.value), ("to", limit.to)):
        if predictor.is_probability and value is not None and not 0 <= value <= 1:
            raise RuleError(fields.at(key), "must be between 0 and 1")
    return limit


def _bands(fields: Fields) -> tuple[str, ...]:
    said = fields.texts("bands", most=len(BANDS))
    for index, one in enumerate(said):
        if one not in BANDS or one in said[:index]:
            raise RuleError(fields.at(f"bands[{index}]"), f"must be one of {', '.join(BANDS)}, each once")
    return said


def _variant(ops: list[str], **members: Any) -> dict[str, Any]:
    return {"properties": {"id": ID, "op": {"enum": ops}, **members}, "required": ["id", "op", *members]}
