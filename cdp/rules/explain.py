"""Why is this person in, or not: each condition, whether it holds, the value seen, and when that will change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from cdp.rules import zones
from cdp.rules.sets import NO_CUTS, matching
from cdp.rules.sql import Sql, join
from cdp.rules.tree import UTC, AllOf, Cut, Leaf, Node, NotOf, Scope, leaves

MOST_MOMENTS = 200
"""Looked ahead at; a person with more of them flips, if at all, no later than the last one looked at or not soon."""


@dataclass(frozen=True)
class Finding:
    condition: str
    holds: bool
    seen: str
    """Empty where nothing is known or happened."""
    decides: bool = False
    """Whether the person's answer would be another if this condition's were."""
    flips_at: datetime | None = None
    """When the condition's answer changes if nothing happens."""


@dataclass(frozen=True)
class Explanation:
    is_in: bool
    findings: tuple[Finding, ...]
    flips_at: datetime | None = None
    """When the answer changes if nothing happens; None if it does not, within `looked_until`."""
    looked_until: datetime | None = None
    """Set where so many moments lie ahead that not all of them were looked at."""


@dataclass(frozen=True)
class _Person:
    id: int
    zone: ZoneInfo
    own: ZoneInfo
    cuts: Mapping[str, Cut]

    def holds(self, node: Node, now: datetime) -> bool:
        return bool(matching(node, [self.id], now=now, zone=self.zone, cuts=self.cuts))

    def scope(self, now: datetime) -> Scope:
        return Scope(now, [self.id], self.zone, self.cuts)


def explain(
    node: Node, profile_id: int, *, now: datetime, zone: ZoneInfo = UTC, cuts: Mapping[str, Cut] = NO_CUTS
) -> Explanation:
    said = _first("select traits ->> %s from profiles_profile where id = %s", (zones.TRAIT, profile_id))
    person = _Person(profile_id, zone, zones.zone_called(said, zone), cuts)
    held = {leaf: person.holds(leaf, now) for leaf in leaves(node)}
    is_in = person.holds(node, now)
    findings = tuple(_finding(node, leaf, held, person, now) for leaf in leaves(node))
    flips_at, looked_until = _next_flip(node, person, now, is_in)
    return Explanation(is_in, findings, flips_at, looked_until)


def _finding(node: Node, leaf: Leaf, held: Mapping[Leaf, bool], person: _Person, now: datetime) -> Finding:
    row = _row(leaf.observed(person.scope(now)))
    flipped = {**held, leaf: not held[leaf]}
    return Finding(
        condition=leaf.english(),
        holds=held[leaf],
        seen="" if row is None or row[1] is None else str(row[1]),
        decides=_joined(node, held) != _joined(node, flipped),
        flips_at=_next_flip(leaf, person, now, held[leaf])[0],
    )


def _joined(node: Node, held: Mapping[Leaf, bool]) -> bool:
    if isinstance(node, Leaf):
        return held[node]
    if isinstance(node, NotOf):
        return not _joined(node.of, held)
    return (all if isinstance(node, AllOf) else any)(_joined(child, held) for child in node.of)


def _next_flip(node: Node, person: _Person, now: datetime, holds: bool) -> tuple[datetime | None, datetime | None]:
    """Asks the rule itself at each moment at which its answer may change."""
    moments = _moments(node, person, now)
    for moment in moments:
        if person.holds(node, moment) != holds:
            return moment, None
    return None, moments[-1] if len(moments) == MOST_MOMENTS else None


def _moments(node: Node, person: _Person, now: datetime) -> list[datetime]:
    scope = person.scope(now)
    selects = [sql for leaf in leaves(node) for sql in leaf.moments(scope, person.own)]
    if not selects:
        return []
    wrapped = [Sql(f"select m.at from ({one.text}) m (at)", one.values) for one in selects]
    union = join(" union ", wrapped)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select u.at from ({union.text}) u where u.at > %s order by u.at limit %s",
            (*union.values, now, MOST_MOMENTS),
        )
        return [row[0] for row in cursor.fetchall()]


def _row(sql: Sql) -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        found: tuple[object, ...] | None = cursor.fetchone()
        return found


def _first(text: str, values: tuple[object, ...]) -> object:
    row = _row(Sql(text, values))
    return None if row is None else row[0]
