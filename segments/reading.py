"""A rule as it is read at one moment: what it is compared with is fixed once, for all questions about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from cdp.rules.sql import Sql
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import Cut, Node, Scope
from segments.bounded import at_most

CUTS_S = 0.3


@dataclass(frozen=True)
class Reading:
    node: Node
    now: datetime
    zone: ZoneInfo
    cuts: Mapping[str, Cut]

    def scope(self, ids: Sequence[int] | None = None) -> Scope:
        return Scope(self.now, ids, self.zone, self.cuts)

    def members(self) -> Sql:
        return members_sql(self.node, self.scope())

    def among(self, ids: Sequence[int]) -> set[int]:
        return matching(self.node, ids, now=self.now, zone=self.zone, cuts=self.cuts)


def read(rule: object, *, now: datetime, zone: ZoneInfo, wait_s: float = CUTS_S) -> Reading:
    """Raises RuleError; TooSlow if a boundary that nobody keeps yet cannot be measured in that time."""
    node = parse(rule)
    with at_most(wait_s):
        return Reading(node, now, zone, cuts_for(node, now=now, zone=zone))
