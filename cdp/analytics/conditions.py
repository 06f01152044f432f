"""What a rule asks of a computed trait, by its type: the condition on the typed column, and how time moves it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cdp.analytics.definition import Known, Type
from cdp.analytics.points import EPOCH, stored
from cdp.rules.fields import Fields, RuleError
from cdp.rules.operators import OPERATORS
from cdp.rules.spans import seconds
from cdp.rules.sql import Sql, fill, join
from cdp.rules.testing import Operand, Test
from cdp.rules.tree import Scope

_SET = ("is_set", "is_not_set")
_NUMBERS = ("more_than", "at_least", "less_than", "at_most", "between")
_TEXTS = (
    "is", "is_not", "one_of", "none_of", "contains", "not_contains", "starts_with", "not_starts_with",
    "ends_with", "not_ends_with", "contains_any", "contains_none", "matches", "not_matches",
)  # fmt: skip
_DATES = ("before", "after", "on", "between_dates", "within_last", "within_next", "before_last", "after_next")
_LISTS = (
    "has_any", "has_all", "has_none", "has_not_all", "entry_contains", "no_entry_contains", "has_exactly",
    "longer_than", "shorter_than",
)  # fmt: skip
OPS = {
    Type.NUMBER: (*_NUMBERS, "is", "is_not", *_SET),
    Type.DURATION: (*_NUMBERS, *_SET),
    Type.TEXT: (*_TEXTS, *_SET),
    Type.DATE: (*_DATES, *_SET),
    Type.LIST: (*_LISTS, *_SET),
}
KEYS = ("op", "value", "to", "amount", "unit")
MOVING = _NUMBERS
"""What a number that moves with the clock can be compared by: never that it is exactly so much."""
MOST_DAYS = 20 * 365
HALF = timedelta(milliseconds=1)
"""Added to the moment at which a score passes a threshold, which is known to less than that."""


@dataclass(frozen=True)
class Condition:
    trait: Known
    test: Test

    @classmethod
    def parse(cls, fields: Fields, trait: Known) -> "Condition":
        """Of an object that has the keys of a test among its own."""
        op = fields.choice("op", OPERATORS)
        allowed = (*MOVING, *_SET) if trait.half_life else OPS[trait.type]
        if op not in allowed:
            said = ", ".join(allowed)
            raise RuleError(fields.at("op"), f"“{trait.label}” is a {_kind(trait)}; for it there are {said}")
        found = cls(trait, Test.parse(fields))
        found._check(fields)
        return found

    def _check(self, fields: Fields) -> None:
        values = self.test.value if isinstance(self.test.value, tuple) else (self.test.value,)
        wanted: dict[Type, type | tuple[type, ...]] = {Type.NUMBER: (int, float), Type.TEXT: str}
        kind = wanted.get(self.trait.type)
        for value in values:
            if value is not None and kind and (isinstance(value, bool) or not isinstance(value, kind)):
                raise RuleError(fields.at("value"), f"must be a {_kind(self.trait)}: “{self.trait.label}” is one")
        if self.trait.type is Type.DURATION and any(not 0 <= n <= MOST_DAYS for n in self._numbers()):
            raise RuleError(fields.at("value"), f"must be from 0 to {MOST_DAYS:,} days")

    @property
    def base(self) -> "Condition":
        """Itself, or what it is the negation of."""
        opposite = OPERATORS[self.test.op].opposite
        if not opposite:
            return self
        test = self.test
        return Condition(self.trait, Test(opposite, test.value, test.to, test.dates, test.span))

    @property
    def is_negation(self) -> bool:
        return bool(OPERATORS[self.test.op].opposite)

    def holds_for_zero(self) -> bool:
        """Whether it holds for people who have 0 because they have no value."""
        if not self.trait.is_zero_without:
            return False
        if self.test.op == "is_set":
            return True
        low = next(iter(self._numbers()))
        tests = {
            "more_than": low < 0,
            "at_least": low <= 0,
            "less_than": low > 0,
            "at_most": low >= 0,
            "between": low <= 0 <= (self.test.to or 0),
            "is": low == 0,
        }
        return tests[self.test.op]

    def sql(self, scope: Scope) -> Sql:
        """Of a row `v` of the values; of one that has no value it is not true."""
        if self.test.op == "is_set":
            return Sql(f"v.{self.trait.column} is not null")
        if self.trait.type is Type.DURATION:
            return self._since(scope.now)
        if self.trait.type is Type.DATE:
            return self._date(scope)
        if self.trait.half_life:
            return self._score(scope.now)
        column = Sql(f"v.{self.trait.column}")
        is_list = self.trait.type is Type.LIST
        return self.test.condition(Operand(t=column, j=column, is_column=not is_list), scope)

    def crossed(self, since: datetime, scope: Scope) -> list[Sql]:
        """Ranges of the column that hold whoever flips in (since, scope.now]."""
        if self.trait.type is Type.DURATION:
            days = [timedelta(days=n) for n in self._numbers()]
            return [fill("v.at >= {a} and v.at <= {b}", a=since - one, b=scope.now - one) for one in days]
        if self.trait.type is Type.DATE:
            ages = self.test.ages()
            return [fill("v.at > {a} and v.at <= {b}", a=since - one, b=scope.now - one) for one in ages]
        if self.trait.half_life:
            thresholds = [one for one in self._numbers() if one > 0]
            return [
                fill("v.number >= {a} and v.number <= {b}", a=self._e(one, since), b=self._e(one, scope.now))
                for one in thresholds
            ]
        return []

    def moments(self) -> list[Sql]:
        """When a row's answer may flip."""
        if self.trait.type is Type.DURATION:
            exact = [fill("v.at + {age}", age=seconds(timedelta(days=n))) for n in self._numbers()]
            return [*exact, *(fill("{at} + interval '1 microsecond'", at=one) for one in exact)]
        if self.trait.type is Type.DATE:
            return [fill("v.at + {age}", age=seconds(age)) for age in self.test.ages()]
        if self.trait.half_life:
            hours = self.trait.half_life.total_seconds()
            return [
                fill(
                    "{epoch}::timestamptz + make_interval(secs => ((v.number - {e}) * {half})::float8) + {margin}",
                    epoch=EPOCH,
                    e=self._e(one, EPOCH),
                    half=Decimal(repr(hours)),
                    margin=seconds(HALF),
                )
                for one in self._numbers()
                if one > 0
            ]
        return []

    def _numbers(self) -> list[float]:
        found = (self.test.value, self.test.to)
        return [float(one) for one in found if isinstance(one, int | float) and not isinstance(one, bool)]

    def _since(self, now: datetime) -> Sql:
        """n days ago or longer is at or before that moment."""
        then = [now - timedelta(days=n) for n in self._numbers()]
        signs = {"more_than": "<", "at_least": "<=", "less_than": ">", "at_most": ">="}
        if self.test.op == "between":
            return fill("v.at <= {near} and v.at >= {far}", near=then[0], far=then[1])
        return fill(f"v.at {signs[self.test.op]} {{then}}", then=then[0])

    def _score(self, now: datetime) -> Sql:
        signs = {"more_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}
        if self.test.op == "between":
            low, high = self._numbers()
            parts = [self._reaches(">=", low, now), self._reaches("<=", high, now)]
            return join(" and ", parts)
        return self._reaches(signs[self.test.op], self._numbers()[0], now)

    def _reaches(self, sign: str, score: float, now: datetime) -> Sql:
        """Whoever has a value has a score above 0."""
        if score <= 0:
            return Sql("v.number is not null" if sign in (">", ">=") else "false")
        return fill(f"v.number {sign} {{e}}", e=self._e(score, now))

    def _e(self, score: float, now: datetime) -> Decimal:
        assert self.trait.half_life is not None
        return stored(score, now=now, half_life=self.trait.half_life)

    def _date(self, scope: Scope) -> Sql:
        low: Any
        high: Any
        if self.test.span is not None:
            ahead = self.test.op in ("within_next", "after_next")
            low, high = (scope.now, scope.now + self.test.span.length) if ahead else (
                scope.now - self.test.span.length, scope.now)  # fmt: skip
        else:
            low, high = self.test.dates[0].start(scope.zone), self.test.dates[-1].end(scope.zone)
        return fill(OPERATORS[self.test.op].sql, at=Sql("v.at"), low=low, high=high)


def _kind(trait: Known) -> str:
    if trait.half_life:
        return "score that fades"
    return {Type.DURATION: "number of days since", Type.LIST: "list"}.get(trait.type, trait.type.value)
