"""Numbers per person that a rule can name and a cut can be taken of. Apps above register their own kinds."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules import states
from cdp.rules.fields import Fields, RuleError
from cdp.rules.happenings import Happening, happening_schema
from cdp.rules.references import Reference, reference_schema
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Outside, Scope

VALUE = Reference(column="value")
MEASURES = {
    "count": "count(*)",
    "sum": "coalesce(sum({n}), 0)",
    "avg": "avg({n})",
    "min": "min({n})",
    "max": "max({n})",
    "distinct": "count(distinct {d})",
}
KEPT = {"sum": "s.sum", "avg": "(s.sum / nullif(s.valued, 0))"}
"""The same of the value, of the columns of the state `s` per person and event."""
ZERO_WITHOUT = ("count", "sum", "distinct")
"""Measures that are 0 for people without any such event; the others have no value then."""


class Number(ABC):
    kind: ClassVar[str]

    @classmethod
    @abstractmethod
    def parse(cls, fields: Fields) -> "Number": ...

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {}

    @abstractmethod
    def english(self) -> str:
        """A noun with what it is of: "number of Order Completed in the last week"."""

    @abstractmethod
    def rows(self, scope: Scope) -> Sql:
        """Selects (profile_id, number) of the people who have it, each once; the number is never null."""

    def behind(self, scope: Scope) -> Sql | None:
        """As of a leaf."""
        return None

    def reads(self, scope: Scope) -> Mapping[str, datetime | None]:
        """As of a leaf."""
        return {}

    @abstractmethod
    def depends(self) -> frozenset[str]: ...

    def outside(self) -> frozenset[Outside]:
        """As of a leaf."""
        return frozenset()

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        return ()

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return ()


@dataclass(frozen=True)
class EventNumber(Number):
    """A measure over a person's events."""

    kind: ClassVar[str] = "event"
    of: Happening
    measure: str = "count"
    what: Reference = VALUE

    @classmethod
    def parse(cls, fields: Fields) -> "EventNumber":
        """Of an object that has `name`, `measure`, `of`, `window` and `where` among its own."""
        measure = fields.choice("measure", MEASURES) if fields.has("measure") else "count"
        what = parse_what(fields)
        if fields.has("of") and measure == "count":
            raise RuleError(fields.at("of"), "is not for a count; count what is distinct instead")
        if measure != "distinct" and what.column not in ("", "value"):
            raise RuleError(fields.at("of"), f"{what.column} is nothing to measure; count how many are distinct")
        return cls(Happening.parse(fields, (what,)), measure, what)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {**happening_schema(), "measure": {"enum": list(MEASURES)}, "of": reference_schema()}

    def english(self) -> str:
        words = {"count": "number", "sum": "sum", "avg": "average", "min": "smallest", "max": "largest"}
        what = f"number of different {self.what.name}" if self.measure == "distinct" else words[self.measure]
        of = f" {self.what.name}" if self.measure not in ("count", "distinct") else ""
        return f"{what}{of} of {self.of.english()} {self.of.window.words}"

    def number(self, scope: Scope) -> Sql:
        return fill(MEASURES[self.measure], n=self.what.number("e", scope), d=self.what.distinct("e", scope))

    def kept(self) -> Sql | None:
        """The same as a column of the state `s` per person and event, if that has it."""
        if self.measure == "count":
            return Sql("s.n")
        return Sql(KEPT[self.measure]) if self.measure in KEPT and self.what == VALUE else None

    def rows(self, scope: Scope) -> Sql:
        column, times = self.kept(), self.of.kept_range(scope)
        if column is None or times is None:
            return self._read(self.of.rows(scope), scope)
        unsure = states.unsure(self.of.name, times, scope)
        return fill(
            "select s.profile_id, {number} as number {states} and {number} is not null union all {read}",
            number=column,
            states=states.contained(self.of.name, times, scope),
            read=self._read(self.of.rows(scope, among=unsure), scope),
        )

    def _read(self, rows: Sql, scope: Scope) -> Sql:
        return fill(
            "select e.profile_id, {number} as number {rows} group by e.profile_id having {number} is not null",
            number=self.number(scope),
            rows=rows,
        )

    def behind(self, scope: Scope) -> Sql:
        return self.of.behind(scope)

    def reads(self, scope: Scope) -> Mapping[str, datetime | None]:
        is_kept = self.kept() is not None and self.of.kept_range(scope) is not None
        return {} if is_kept else {self.of.name: self.of.after(scope)}

    def depends(self) -> frozenset[str]:
        return self.of.depends()

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        return self.of.crossings(since, scope)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return self.of.moments(scope, own)


@dataclass(frozen=True)
class TraitNumber(Number):
    """A trait of those of whom it is known as a number."""

    kind: ClassVar[str] = "trait"
    name: str

    @classmethod
    def parse(cls, fields: Fields) -> "TraitNumber":
        return cls(fields.text("name"))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"name": {"type": "string", "minLength": 1}}

    def english(self) -> str:
        return self.name

    def rows(self, scope: Scope) -> Sql:
        return fill(
            "select p.id as profile_id, (case when jsonb_typeof(p.traits -> {name}) = 'number'"
            " then (p.traits ->> {name})::numeric end) as number from profiles_profile p"
            " where p.merged_into is null and jsonb_typeof(p.traits -> {name}) = 'number'{narrowed}",
            name=self.name,
            narrowed=scope.narrowed("p.id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"trait:{self.name}"})


_kinds: dict[str, type[Number]] = {}


def register_number(number: type[Number]) -> type[Number]:
    _kinds[number.kind] = number
    return number


def number_kinds() -> Mapping[str, type[Number]]:
    return MappingProxyType(_kinds)


def parse_number(fields: Fields) -> Number:
    found = _kinds[fields.choice("kind", _kinds)]
    fields.only("kind", *found.schema())
    return found.parse(fields)


def number_schema() -> dict[str, Any]:
    return {
        "oneOf": [
            {
                "type": "object",
                "properties": {"kind": {"const": kind}, **found.schema()},
                "required": ["kind", *(key for key in ("name", "id") if key in found.schema())],
                "additionalProperties": False,
            }
            for kind, found in _kinds.items()
        ]
    }


def parse_what(fields: Fields) -> Reference:
    if not fields.has("of"):
        return VALUE
    inner = fields.inner("of")
    inner.only("property", "column")
    return Reference.parse(inner)
