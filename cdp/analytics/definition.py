"""What a computed trait is made of. Each kind is a module that registers itself here.

A definition names the *facts* it is picked from: one row per person, read by one SQL statement that can be narrowed to
ids. Definitions that share their facts share the statement, for everybody as for the people of one batch of events.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from cdp.analytics.models import ComputedTrait
from cdp.rules.cuts import WantedCut
from cdp.rules.fields import Fields, RuleError
from cdp.rules.references import filter_schema
from cdp.rules.sql import Sql
from cdp.rules.tree import Scope
from cdp.rules.windows import WINDOW_SCHEMA

Type = ComputedTrait.Type
COLUMNS = {Type.NUMBER: "number", Type.TEXT: "text", Type.DATE: "at", Type.DURATION: "at", Type.LIST: "list"}
CASTS = {"number": "numeric", "text": "text", "at": "timestamptz", "list": "jsonb"}
NOTHING = Sql("null::timestamptz")


@dataclass(frozen=True)
class Known:
    """A computed trait as others name it."""

    id: int
    key: str
    label: str
    type: Type
    half_life: timedelta | None = None
    is_zero_without: bool = False

    @property
    def column(self) -> str:
        return COLUMNS[self.type]


KnownTraits = Mapping[str, Known]


class Facts(ABC):
    """One row per person with a `profile_id`, each once. Equal facts are read once."""

    @abstractmethod
    def rows(self, scope: Scope) -> Sql: ...


@dataclass(frozen=True)
class Picked:
    """SQL over a row `f` of the facts: the value in its type, and when it may change by time alone."""

    value: Sql
    due: Sql = NOTHING


class Definition(ABC):
    kind: ClassVar[str]

    @classmethod
    @abstractmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "Definition":
        """RuleError names what is wrong. `known`: the traits it may be made of."""

    @classmethod
    @abstractmethod
    def schema(cls) -> dict[str, Any]:
        """JSON Schema of the members besides `kind`: `properties` and `required`."""

    @property
    @abstractmethod
    def type(self) -> Type: ...

    @property
    @abstractmethod
    def facts(self) -> Facts: ...

    @abstractmethod
    def picked(self, scope: Scope) -> Picked: ...

    @abstractmethod
    def english(self) -> str:
        """A noun phrase: what the value is."""

    @abstractmethod
    def follows(self, fact: str) -> bool:
        """Whether a change of this fact (`event:…`, `computed:…`, `catalogue`) may change a value."""

    @property
    def is_zero_without(self) -> bool:
        """Whether people without a value have 0; else nothing is known of them."""
        return False

    @property
    def half_life(self) -> timedelta | None:
        """Set where the number decays: see points.py."""
        return None

    @property
    def parents(self) -> frozenset[str]:
        """Keys of the computed traits it is made of."""
        return frozenset()

    def cuts(self) -> tuple[WantedCut, ...]:
        """The published boundaries it compares with."""
        return ()


_kinds: dict[str, type[Definition]] = {}


def register_definition(kind: type[Definition]) -> type[Definition]:
    _kinds[kind.kind] = kind
    return kind


def kinds() -> Mapping[str, type[Definition]]:
    return _kinds


def parse_definition(data: object, known: KnownTraits) -> Definition:
    """Raises RuleError with the place, such as `definition.window.amount`."""
    fields = Fields.of(data, "definition")
    found = _kinds[fields.choice("kind", _kinds)]
    fields.only("kind", *found.schema()["properties"])
    return found.parse(fields, known)


def definition_schema() -> dict[str, Any]:
    """What it accepts is well formed; `parse_definition` also refuses what makes no sense."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Definition of a computed trait",
        "oneOf": [
            {
                "type": "object",
                "properties": {"kind": {"const": kind}, **found.schema()["properties"]},
                "required": ["kind", *found.schema()["required"]],
                "additionalProperties": False,
            }
            for kind, found in _kinds.items()
        ],
        "$defs": {"window": WINDOW_SCHEMA, "filter": filter_schema()},
    }


def known_of(trait: ComputedTrait) -> Known:
    """From the row alone, so that one trait can be named although its definition cannot be read any more."""
    half_life = timedelta(days=trait.half_life_days) if trait.half_life_days else None
    return Known(trait.pk, trait.key, trait.label, Type(trait.type), half_life, trait.is_zero_without)


def positive(fields: Fields, key: str, *, most: float) -> float:
    number = fields.number(key)
    if not 0 < number <= most:
        raise RuleError(fields.at(key), f"must be more than 0 and at most {most:,}")
    return float(number)
