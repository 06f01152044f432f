"""Why is this person in, or not: each condition, whether it holds, the value seen, and when that will change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from cdp.rules import zones
from cdp.rules.evidence import AT_ONCE, rows, values_seen
from cdp.rules.sets import NO_CUTS
from cdp.rules.sql import Sql, fill, join
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import UTC, AllOf, Cut, Leaf, Node, NotOf, Scope, leaves

MOST_MOMENTS = 200
"""Looked ahead at per condition; one with more of them flips, if at all, no later than the last one or not soon."""


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
    """In the order of the rule's leaves."""
    flips_at: datetime | None = None
    """When the answer changes if nothing happens; None if it does not, within `looked_until`."""
    looked_until: datetime | None = None
    """Set where so many moments lie ahead that not all of them were looked at."""


@dataclass
class _Timeline:
    """One condition's answers at the moments at which it may change. They are asked for in growing lots, because
    most conditions flip at the first of them."""

    leaf: Leaf
    scope: Scope
    moments: Sequence[datetime]
    held: bool
    answers: list[bool] = field(default_factory=list)

    def at(self, nth: int) -> bool:
        while nth >= len(self.answers):
            start = len(self.answers)
            asked = [(self.leaf, moment) for moment in self.moments[start : start + max(1, min(AT_ONCE, 3 * start))]]
            self.answers += _holding(asked, self.scope)
        return self.answers[nth]

    def flips_at(self) -> datetime | None:
        return next((moment for nth, moment in enumerate(self.moments) if self.at(nth) != self.held), None)

    def looked_until(self) -> datetime | None:
        return self.moments[-1] if len(self.moments) == MOST_MOMENTS else None


def explain(
    node: Node, profile_id: int, *, now: datetime, zone: ZoneInfo = UTC, cuts: Mapping[str, Cut] = NO_CUTS
) -> Explanation:
    """A handful of statements, whatever the number of conditions; more only while many moments lie ahead."""
    scope = Scope(now, [profile_id], zone, cuts)
    about = "select traits ->> %s, merged_into is null from profiles_profile where id = %s"
    [(said, is_living)] = rows(Sql(about, (zones.TRAIT, profile_id))) or [(None, False)]
    asked = list(dict.fromkeys(leaves(node)))
    held = dict(zip(asked, _holding([(leaf, now) for leaf in asked], scope), strict=True))
    seen = values_seen(asked, scope)
    moments = _moments(asked, scope, zones.zone_called(said, zone)) if is_living else {}
    lines = {leaf: _Timeline(leaf, scope, moments.get(n, ()), held[leaf]) for n, leaf in enumerate(asked)}
    findings = {
        leaf: Finding(
            condition=leaf.english(),
            holds=held[leaf],
            seen=seen.get((n, profile_id), ""),
            decides=_joined(node, held) != _joined(node, {**held, leaf: not held[leaf]}),
            flips_at=lines[leaf].flips_at(),
        )
        for n, leaf in enumerate(asked)
    }
    flips_at, looked_until = _next_flip(node, held, list(lines.values()))
    return Explanation(
        is_living and _joined(node, held), tuple(findings[leaf] for leaf in leaves(node)), flips_at, looked_until
    )


def findings(
    nodes: Sequence[Node], profile_id: int, *, now: datetime, zone: ZoneInfo = UTC, cuts: Mapping[str, Cut] = NO_CUTS
) -> list[tuple[Finding, ...]]:
    """For each rule what its conditions found, as it is now: two statements for all of them, nothing looked ahead."""
    scope = Scope(now, [profile_id], zone, cuts)
    asked = list(dict.fromkeys(leaf for node in nodes for leaf in leaves(node)))
    held = dict(zip(asked, _holding([(leaf, now) for leaf in asked], scope), strict=True))
    seen = values_seen(asked, scope)
    number = {leaf: n for n, leaf in enumerate(asked)}
    return [
        tuple(
            Finding(
                condition=leaf.english(),
                holds=held[leaf],
                seen=seen.get((number[leaf], profile_id), ""),
                decides=_joined(node, held) != _joined(node, {**held, leaf: not held[leaf]}),
            )
            for leaf in leaves(node)
        )
        for node in nodes
    ]


def _joined(node: Node, held: Mapping[Leaf, bool]) -> bool:
    if isinstance(node, Leaf):
        return held[node]
    if isinstance(node, NotOf):
        return not _joined(node.of, held)
    return (all if isinstance(node, AllOf) else any)(_joined(child, held) for child in node.of)


def _next_flip(
    node: Node, held: Mapping[Leaf, bool], lines: Sequence[_Timeline]
) -> tuple[datetime | None, datetime | None]:
    """A condition only changes at its own moments, so the rule's answer follows from theirs."""
    until = min((at for line in lines if (at := line.looked_until())), default=None)
    now, answer = dict(held), _joined(node, held)
    ahead = sorted(((at, which, nth) for which, line in enumerate(lines) for nth, at in enumerate(line.moments)))
    for moment, changes in groupby(ahead, key=lambda one: one[0]):
        if until is not None and moment > until:
            break
        now.update({lines[which].leaf: lines[which].at(nth) for _, which, nth in changes})
        if _joined(node, now) != answer:
            return moment, None
    return None, until


def _holding(asked: Sequence[tuple[Leaf, datetime]], scope: Scope) -> list[bool]:
    found: set[int] = set()
    each = [
        fill("select {n} as n where exists ({members})", n=n, members=members_sql(leaf, _at(moment, scope)))
        for n, (leaf, moment) in enumerate(asked)
    ]
    for some in _few(each):
        found |= {row[0] for row in rows(join(" union all ", some))}
    return [n in found for n in range(len(asked))]


def _moments(asked: Sequence[Leaf], scope: Scope, own: ZoneInfo) -> dict[int, list[datetime]]:
    """By condition, those after now, in order."""
    each = []
    for n, leaf in enumerate(asked):
        if selects := leaf.moments(scope, own):
            union = join(" union ", [Sql(f"select m.at from ({one.text}) m (at)", one.values) for one in selects])
            each.append(
                fill(
                    "(select {n} as n, u.at from ({union}) u where u.at > {now} order by u.at limit {most})",
                    n=n,
                    union=union,
                    now=scope.now,
                    most=MOST_MOMENTS,
                )
            )
    found: dict[int, list[datetime]] = {}
    for some in _few(each):
        for n, at in sorted(rows(join(" union all ", some))):
            found.setdefault(n, []).append(at)
    return found


def _at(moment: datetime, scope: Scope) -> Scope:
    return Scope(moment, scope.ids, scope.zone, scope.cuts)


def _few(parts: Sequence[Sql]) -> Iterator[Sequence[Sql]]:
    for start in range(0, len(parts), AT_ONCE):
        yield parts[start : start + AT_ONCE]
