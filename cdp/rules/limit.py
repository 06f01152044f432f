"""A number per person compared with the rule's."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cdp.rules.fields import Fields, RuleError
from cdp.rules.operators import COMPARISONS
from cdp.rules.sql import Sql, fill

OPS = (*COMPARISONS, "between", "zero")


@dataclass(frozen=True)
class Limit:
    op: str = "at_least"
    value: float = 1
    to: float | None = None

    @classmethod
    def parse(cls, fields: Fields) -> "Limit":
        op = fields.choice("op", OPS)
        for key in ("value",) * (op == "zero") + ("to",) * (op != "between"):
            if fields.has(key):
                raise RuleError(fields.at(key), f"is not for “{op}”")
        if op == "zero":
            return cls("exactly", 0)
        low = fields.number("value")
        if op != "between":
            return cls(op, low)
        high = fields.number("to")
        if low > high:
            raise RuleError(fields.at("to"), f"must be at least {low}")
        return cls(op, low, high)

    def english(self) -> str:
        if self.to is not None:
            return f"between {self.value:,} and {self.to:,}"
        return f"{COMPARISONS[self.op].words} {self.value:,}"

    def condition(self, number: Sql) -> Sql:
        low = Decimal(str(self.value))
        if self.to is not None:
            return fill("{n} between {low} and {high}", n=number, low=low, high=Decimal(str(self.to)))
        return fill(f"{{n}} {COMPARISONS[self.op].symbol} {{low}}", n=number, low=low)

    def holds_for_zero(self) -> bool:
        if self.to is not None:
            return self.value <= 0 <= self.to
        return COMPARISONS[self.op].holds(0, self.value)

    def is_once(self) -> bool:
        return (self.op, self.value) in (("at_least", 1), ("more_than", 0))

    def is_never(self) -> bool:
        return (self.op, self.value) in (("exactly", 0), ("at_most", 0), ("less_than", 1))


def limit_schema() -> dict[str, Any]:
    return {"op": {"enum": list(OPS)}, "value": {"type": "number"}, "to": {"type": "number"}}
