"""Which people a statement is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdp.common.copying import numbers
from cdp.rules.sql import Sql, fill


@dataclass(frozen=True)
class People:
    """Those ids, else all in (after, until], else everybody."""

    ids: str | None = None
    """An array literal: one parameter, whatever its length."""
    after: int = 0
    until: int | None = None

    @classmethod
    def of(cls, ids: Sequence[int]) -> "People":
        return cls(ids=numbers(ids))

    @property
    def listed(self) -> list[int] | None:
        """The ids, where they are given by their ids."""
        return None if self.ids is None else [int(one) for one in self.ids[1:-1].split(",") if one]

    def narrowed(self, column: str) -> Sql:
        """`column` is a column's name, written in our modules."""
        if self.ids is not None:
            return fill(f"{column} = any({{ids}}::bigint[])", ids=self.ids)
        if self.until is None:
            return Sql("true")
        return fill(f"{column} > {{after}} and {column} <= {{until}}", after=self.after, until=self.until)


EVERYBODY = People()
