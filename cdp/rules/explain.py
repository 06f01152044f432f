"""Why is this person in, or not: each condition, whether it holds, and the value seen."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cdp.rules.sets import matching
from cdp.rules.tree import Leaf, Node, Scope, leaves


@dataclass(frozen=True)
class Finding:
    condition: str
    holds: bool
    seen: str
    """Empty where nothing is known or happened."""


@dataclass(frozen=True)
class Explanation:
    is_in: bool
    findings: tuple[Finding, ...]


def explain(node: Node, profile_id: int, *, now: datetime) -> Explanation:
    findings = tuple(_finding(leaf, profile_id, now) for leaf in leaves(node))
    return Explanation(is_in=bool(matching(node, [profile_id], now=now)), findings=findings)


def _finding(leaf: Leaf, profile_id: int, now: datetime) -> Finding:
    seen = leaf.observed(Scope(now=now, ids=[profile_id]))
    with connection.cursor() as cursor:
        cursor.execute(seen.text, seen.values)
        row = cursor.fetchone()
    holds = bool(matching(leaf, [profile_id], now=now))
    return Finding(condition=leaf.english(), holds=holds, seen="" if row is None else str(row[1]))
