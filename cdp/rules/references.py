"""What of an event a rule looks at: any property, or one of the columns that are kept for the usual ones."""

from dataclasses import dataclass
from typing import Any

from cdp.rules.fields import Fields, RuleError
from cdp.rules.operators import NUMBER, OPERATORS, PATTERN, RANGE, TEXT, TEXTS
from cdp.rules.sql import Sql, fill
from cdp.rules.testing import EVENT_KEYS, OTHERS, Operand, Test, test_schema
from cdp.rules.tree import Scope

_CLOCK = "({e}.occurred_at at time zone {zone})"
COLUMNS = {
    "item": "{e}.item_id",
    "value": "{e}.value",
    "category": "nullif({e}i.category, '')",
    "brand": "nullif({e}i.brand, '')",
    "date": f"to_char({_CLOCK}, 'YYYY-MM-DD')",
    "month": f"extract(month from {_CLOCK})::int",
    "day": f"extract(day from {_CLOCK})::int",
    "weekday": f"extract(isodow from {_CLOCK})::int",
    "hour": f"extract(hour from {_CLOCK})::int",
}
"""`{e}` is the alias of the events, `{e}i` of the catalogue's item that an event is about; the last five are when it
happened in the deployment's time zone."""
NUMBERS = ("value", "month", "day", "weekday", "hour")
CATALOGUE = ("category", "brand")
_TEXTUAL = ((TEXT,), (TEXTS,), (PATTERN,))
RELATIVE = ("within_last", "within_next", "before_last", "after_next")
FIXED = tuple(key for key in OPERATORS if key not in RELATIVE)


@dataclass(frozen=True)
class Reference:
    key: str = ""
    """The property's name, where it is one."""
    column: str = ""

    @classmethod
    def parse(cls, fields: Fields) -> "Reference":
        """Of an object that has `property` or `column` among its own."""
        if fields.has("column"):
            if fields.has("property"):
                raise RuleError(fields.at("property"), "give a property or a column, not both")
            return cls(column=fields.choice("column", COLUMNS))
        return cls(key=fields.text("property"))

    @property
    def name(self) -> str:
        return self.key or self.column

    @property
    def needs_catalogue(self) -> bool:
        return self.column in CATALOGUE

    def operand(self, alias: str, scope: Scope) -> Operand:
        if self.column:
            column = fill(COLUMNS[self.column], e=Sql(alias), zone=str(scope.zone))
            return Operand(t=column, j=column, is_column=True, is_number=self.column in NUMBERS)
        name = (self.key,)
        return Operand(Sql(f"({alias}.properties ->> %s)", name), Sql(f"({alias}.properties -> %s)", name))

    def number(self, alias: str, scope: Scope) -> Sql:
        """Null where it is no number."""
        operand = self.operand(alias, scope)
        if self.column:
            return operand.t
        return fill("(case when jsonb_typeof({j}) = 'number' then ({t})::numeric end)", j=operand.j, t=operand.t)

    def distinct(self, alias: str, scope: Scope) -> Sql:
        operand = self.operand(alias, scope)
        return operand.t if self.column else fill("nullif({j}, 'null'::jsonb)", j=operand.j)


@dataclass(frozen=True)
class Filter:
    """A condition that an event must meet to count."""

    of: Reference
    test: Test

    @classmethod
    def parse(cls, fields: Fields) -> "Filter":
        fields.only("kind", "property", "column", *EVENT_KEYS)
        found = cls(Reference.parse(fields), Test.parse(fields))
        suits(found.of, found.test, fields)
        return found

    def english(self) -> str:
        return self.test.english(self.of.name)

    def condition(self, alias: str, scope: Scope) -> Sql:
        return self.test.condition(self.of.operand(alias, scope), scope, other_operand(self.test, alias))

    def traits(self) -> frozenset[str]:
        """Facts about the person that it compares with."""
        other = self.test.other
        return frozenset({f"trait:{other.name}"} if other is not None and other.is_trait else ())


def other_operand(test: Test, alias: str) -> Operand | None:
    """What the test compares with besides a value, of the event `alias` and its person `{alias}z`."""
    if test.other is None:
        return None
    where, name = (f"{alias}z.traits" if test.other.is_trait else f"{alias}.properties"), (test.other.name,)
    return Operand(Sql(f"({where} ->> %s)", name), Sql(f"({where} -> %s)", name))


def suits(of: Reference, test: Test, fields: Fields) -> None:
    """Raises RuleError where the operator is not for what it is asked of."""
    found = OPERATORS[test.op]
    if test.op in RELATIVE:
        raise RuleError(fields.at("op"), "compares with the clock: for an event, say when in its window instead")
    if not of.column:
        return
    base = OPERATORS[found.opposite] if found.opposite else found
    if not base.column:
        raise RuleError(fields.at("op"), f"“{found.words}” is not for the column {of.column}")
    values = test.value if isinstance(test.value, tuple) else () if test.value is None else (test.value,)
    is_number = of.column in NUMBERS
    wanted: type | tuple[type, ...] = (int, float) if is_number else str
    if any(isinstance(one, bool) or not isinstance(one, wanted) for one in values):
        raise RuleError(fields.at("value"), f"must be {'a number' if is_number else 'text'}: {of.column} is")
    if not is_number and NUMBER in base.takes and TEXT not in base.takes:
        raise RuleError(fields.at("op"), f"“{found.words}” is not for text")
    if is_number and base.takes in _TEXTUAL:
        raise RuleError(fields.at("op"), f"“{found.words}” is not for a number")


def filter_schema() -> dict[str, Any]:
    names = {"type": "string", "minLength": 1}
    textual = [
        key for key in _for_columns() if TEXT in (takes := OPERATORS[key].takes) or {NUMBER, RANGE}.isdisjoint(takes)
    ]
    numeric = [key for key in _for_columns() if OPERATORS[key].takes not in _TEXTUAL]
    return {
        "anyOf": [
            *test_schema(FIXED, others=OTHERS, property=names),
            *test_schema(textual, others=OTHERS, column={"enum": [one for one in COLUMNS if one not in NUMBERS]}),
            *test_schema(numeric, others=OTHERS, column={"enum": list(NUMBERS)}),
        ]
    }


def reference_schema() -> dict[str, Any]:
    return {
        "oneOf": [
            {"type": "object", "properties": {key: value}, "required": [key], "additionalProperties": False}
            for key, value in (("property", {"type": "string"}), ("column", {"enum": list(COLUMNS)}))
        ]
    }


def _for_columns() -> tuple[str, ...]:
    return tuple(key for key, one in OPERATORS.items() if (OPERATORS[one.opposite] if one.opposite else one).column)
