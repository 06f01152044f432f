"""Cuts: boundaries in a whole population, such as where its top tenth begins.

A rule never computes one while it is read, or full and incremental refreshes would see different ones. Whoever keeps
segments measures the wanted cuts from time to time, stores and versions them, and passes them on in `Scope.cuts`.
Publishing one is news for the people between the old value and the new, and a fact `cut:<key>` for the others.
"""

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass

from cdp.rules.fields import RuleError
from cdp.rules.numbers import Number
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Cut, Leaf, Node, Scope, leaves


class NoCut(RuleError):
    """The cut that a rule compares with has not been published yet."""

    def __init__(self, key: str) -> None:
        super().__init__("root", f"its cut {key} has not been measured yet: it is measured with the next full refresh")
        self.key = key


@dataclass(frozen=True)
class WantedCut(ABC):
    """The value that parts those who are in from the others, of a number, seen from the top or the bottom."""

    number: Number
    is_top: bool

    @property
    def key(self) -> str:
        """Equal for equal cuts, whichever rule names them."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:24]

    @abstractmethod
    def measured(self, scope: Scope) -> Sql:
        """Selects one row with the value, null if nobody has the number."""

    @abstractmethod
    def english(self) -> str: ...

    def value_in(self, scope: Scope) -> Cut:
        if self.key not in scope.cuts:
            raise NoCut(self.key)
        return scope.cuts[self.key]

    def reaches(self) -> str:
        return ">=" if self.is_top else "<="

    def between(self, old: Cut, new: Cut, scope: Scope) -> Sql:
        """Selects the profiles for whom it matters that the cut was moved."""
        if old.value is None or new.value is None:
            return fill("select n.profile_id from ({rows}) n", rows=self.number.rows(scope))
        low, high = sorted((old.value, new.value))
        return fill(
            f"select n.profile_id from ({{rows}}) n where n.number {'>=' if self.is_top else '>'} {{low}}"
            f" and n.number {'<' if self.is_top else '<='} {{high}}",
            rows=self.number.rows(scope),
            low=low,
            high=high,
        )


@dataclass(frozen=True)
class ShareCut(WantedCut):
    """Parts off a share of the people who have the number."""

    percent: float

    def measured(self, scope: Scope) -> Sql:
        share = 1 - self.percent / 100 if self.is_top else self.percent / 100
        return fill(
            "select percentile_disc({share}) within group (order by n.number) from ({rows}) n",
            share=round(share, 10),
            rows=self.number.rows(scope),
        )

    def english(self) -> str:
        return f"the {'top' if self.is_top else 'bottom'} {self.percent:g} % by"


@dataclass(frozen=True)
class CountCut(WantedCut):
    """Parts off so many people, and all who equal the last of them."""

    count: int

    def measured(self, scope: Scope) -> Sql:
        order = "desc" if self.is_top else "asc"
        return fill(
            f"select {'min' if self.is_top else 'max'}(number) from"
            f" (select n.number from ({{rows}}) n order by n.number {order} limit {{count}}) first",
            rows=self.number.rows(scope),
            count=self.count,
        )

    def english(self) -> str:
        return f"the {self.count:,} people with the {'largest' if self.is_top else 'smallest'}"


class CutLeaf(Leaf):
    """A leaf that compares with a cut."""

    cut: WantedCut


def wanted_cuts(node: Node) -> dict[str, WantedCut]:
    """The cuts that a rule compares with, by their key."""
    return {leaf.cut.key: leaf.cut for leaf in leaves(node) if isinstance(leaf, CutLeaf)}
