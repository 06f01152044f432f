"""`percentile` and `top`: the largest or smallest of a number, compared with a published cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules.cuts import CountCut, CutLeaf, ShareCut, WantedCut
from cdp.rules.fields import Fields, RuleError
from cdp.rules.numbers import Number, number_schema, parse_number
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Members, Outside, Scope

SIDES = ("top", "bottom")
MOST_PEOPLE = 10_000_000


class _Comparing(CutLeaf):
    """Those without the number are in neither end."""

    cut: WantedCut

    def english(self) -> str:
        return f"who are in {self.cut.english()} {self.cut.number.english()}"

    def members(self, scope: Scope) -> Members:
        return Members(
            fill(
                f"select n.profile_id from ({{rows}}) n where n.number {self.cut.reaches()} {{cut}}",
                rows=self.cut.number.rows(scope),
                cut=self.cut.value_in(scope).value,
            )
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select n.profile_id, n.number::text || ', the cut is at ' || coalesce({cut}::text, 'nothing')"
            " from ({rows}) n",
            rows=self.cut.number.rows(scope),
            cut=self.cut.value_in(scope).value,
        )

    def behind(self, scope: Scope) -> Sql | None:
        return self.cut.number.behind(scope)

    def reads(self, scope: Scope) -> Mapping[str, datetime | None]:
        return self.cut.number.reads(scope)

    def depends(self) -> frozenset[str]:
        return self.cut.number.depends() | {f"cut:{self.cut.key}"}

    def outside(self) -> frozenset[Outside]:
        return self.cut.number.outside()

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """Of the number; the cut itself only moves when one is published."""
        return self.cut.number.crossings(since, scope)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return self.cut.number.moments(scope, own)


@dataclass(frozen=True)
class PercentileLeaf(_Comparing):
    kind: ClassVar[str] = "percentile"
    cut: WantedCut

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return _schema(percent={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100})

    @classmethod
    def parse(cls, fields: Fields) -> "PercentileLeaf":
        fields.only("kind", "of", "side", "percent")
        percent = fields.number("percent")
        if not 0 < percent < 100:
            raise RuleError(fields.at("percent"), "must be more than 0 and less than 100")
        return cls(ShareCut(*_number_and_side(fields), float(percent)))


@dataclass(frozen=True)
class TopLeaf(_Comparing):
    kind: ClassVar[str] = "top"
    cut: WantedCut

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return _schema(count={"type": "integer", "minimum": 1, "maximum": MOST_PEOPLE})

    @classmethod
    def parse(cls, fields: Fields) -> "TopLeaf":
        fields.only("kind", "of", "side", "count")
        count = fields.whole("count", least=1, most=MOST_PEOPLE)
        return cls(CountCut(*_number_and_side(fields), count))


def _number_and_side(fields: Fields) -> tuple[Number, bool]:
    is_top = fields.choice("side", SIDES) == "top" if fields.has("side") else True
    return parse_number(fields.inner("of")), is_top


def _schema(**size: Any) -> dict[str, Any]:
    return {"properties": {"of": number_schema(), "side": {"enum": list(SIDES)}, **size}, "required": ["of", *size]}
