"""Whom a campaign is for: people of its segments, without those of others, and of its rule.

As a rule (`rule_of`) it is explained, tried and shown; as SQL (`members_sql`) it is planned.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from cdp.common.copying import numbers
from cdp.rules import to_sql
from cdp.rules.evidence import rows
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.leaves.sample import SampleLeaf
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from cdp.rules.sql import Sql, fill
from cdp.rules.to_english import to_english
from cdp.rules.tree import VERSION, AllOf, AnyOf, Node, NotOf, Scope
from segments.bounded import TooSlow, at_most
from segments.leaf import SegmentLeaf
from segments.models import Segment

EVERYBODY = SampleLeaf(0, 100, "everybody")
WAIT_S = 3.0


@dataclass(frozen=True)
class Target:
    """In one of `inside` (none: everybody), in none of `outside`, and of the rule."""

    inside: tuple[Segment, ...] = ()
    outside: tuple[Segment, ...] = ()
    rule: Any = None
    """As JSON; None: no rule of its own."""

    @property
    def is_everybody(self) -> bool:
        return not self.inside and self.rule is None


Aimed = Campaign | Target


def target_of(aimed: Aimed) -> Target:
    if isinstance(aimed, Target):
        return aimed
    inside, outside = (sorted(some.all(), key=lambda one: one.name) for some in (aimed.included, aimed.excluded))
    return Target(tuple(inside), tuple(outside), aimed.rule)


def document_of(aimed: Aimed) -> dict[str, Any]:
    """The rule as JSON, as `rule_of` is."""
    to = target_of(aimed)
    parts: list[dict[str, Any]] = []
    if inside := [{"kind": "segment", "id": one.pk, "op": "in"} for one in to.inside]:
        parts.append(inside[0] if len(inside) == 1 else {"kind": "any", "of": inside})
    parts += [{"kind": "segment", "id": one.pk, "op": "not_in"} for one in to.outside]
    if to.rule is not None:
        parts.append(to.rule["root"])
    everybody = {"kind": "sample", "to": EVERYBODY.last, "seed": EVERYBODY.seed}
    return {"version": VERSION, "root": {"kind": "all", "of": parts or [everybody]}}


def rule_of(aimed: Aimed) -> Node:
    """Raises RuleError where its own rule cannot be read any more. Segments that were archived are no mistake: their
    members stay as they were."""
    to = target_of(aimed)
    inside = [SegmentLeaf(one.pk, one.name, "in") for one in to.inside]
    return _joined(to, inside, [SegmentLeaf(one.pk, one.name, "not_in") for one in to.outside])


def rule_by_rules(aimed: Aimed) -> Node:
    """With the segments' own rules in their places: for people as they are foreseen, whose memberships are not known.
    Raises RuleError."""
    to = target_of(aimed)
    return _joined(to, [parse(one.rule) for one in to.inside], [NotOf(parse(one.rule)) for one in to.outside])


def members_sql(aimed: Aimed, scope: Scope) -> Sql:
    """Selects the ids of its audience, as `rule_of` says it. Several segments are one semi-join: said as conditions
    that any of must hold, PostgreSQL would look each person up in each of them. Raises RuleError."""
    to = target_of(aimed)
    return fill(
        "{people}{inside}{outside}",
        people=_people(to, scope),
        inside=_among("exists", to.inside),
        outside=_among("not exists", to.outside),
    )


def coarse_sql(aimed: Aimed) -> Sql:
    """A condition on `p` of profiles_profile that all of its audience meet, and that is read by an index alone."""
    return fill("p.merged_into is null{inside}", inside=_among("exists", target_of(aimed).inside))


def among(aimed: Aimed, ids: Sequence[int], *, now: datetime, zone: ZoneInfo) -> set[int]:
    """Those of `ids` who are in its audience. Raises RuleError."""
    node = rule_of(aimed)
    return matching(node, ids, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))


def count(aimed: Aimed, *, now: datetime, zone: ZoneInfo) -> int:
    """Everybody is counted, however long that takes. Raises RuleError."""
    counted = fill("select count(*) from ({members}) found", members=members_sql(aimed, Scope(now, None, zone)))
    return int(rows(counted)[0][0])


def size(aimed: Aimed, *, now: datetime, zone: ZoneInfo) -> int | None:
    """For a page: as it is known, or counted in some seconds; None where that is not enough. Raises RuleError."""
    known = known_size(aimed)
    if known is not None:
        return known
    try:
        with at_most(WAIT_S):
            return count(aimed, now=now, zone=zone)
    except TooSlow:
        return None


def known_size(aimed: Aimed) -> int | None:
    """Without counting: of one segment and nothing else."""
    to = target_of(aimed)
    is_plain = len(to.inside) == 1 and to.rule is None and not to.outside
    return to.inside[0].size if is_plain else None


def words(aimed: Aimed) -> str:
    """As the end of a sentence: everybody in “A” or “B”, but not in “C”, if …"""
    to = target_of(aimed)
    inside, outside = (" or ".join(f"“{one.name}”" for one in some) for some in (to.inside, to.outside))
    said = f"everybody in {inside}" if inside else "everybody"
    said += f", but not in {outside}" if outside else ""
    return f"{said}; of these only {_lower(rule_words(to))}" if to.rule is not None else said


def short_words(aimed: Aimed) -> str:
    """As a name of them: “A”."""
    to = target_of(aimed)
    is_plain = len(to.inside) == 1 and to.rule is None and not to.outside
    return f"“{to.inside[0].name}”" if is_plain else words(to)


def rule_words(aimed: Aimed) -> str:
    """Its own rule in English; empty without one. Raises RuleError."""
    rule = target_of(aimed).rule
    return "" if rule is None else to_english(parse(rule))


def versions(aimed: Aimed) -> int:
    """A number that grows whenever the rule of one of its segments is changed."""
    to = target_of(aimed)
    return sum(one.version for one in {*to.inside, *to.outside})


def _joined(to: Target, inside: Sequence[Node], outside: Sequence[Node]) -> Node:
    parts: list[Node] = [inside[0] if len(inside) == 1 else AnyOf(tuple(inside))] if inside else []
    parts += outside
    if to.rule is not None:
        parts.append(parse(to.rule))
    return AllOf(tuple(parts)) if parts else EVERYBODY


def _people(to: Target, scope: Scope) -> Sql:
    if to.rule is None:
        everybody = "select p.id from profiles_profile p where p.merged_into is null{narrowed}"
        return fill(everybody, narrowed=scope.narrowed("p.id"))
    node = parse(to.rule)
    cuts = cuts_for(node, now=scope.now, zone=scope.zone)
    return to_sql.members_sql(node, replace(scope, cuts={**scope.cuts, **cuts}))


def _among(said: str, segments: Sequence[Segment]) -> Sql:
    """`said`: exists or not exists, both of which become joins."""
    if not segments:
        return Sql("")
    return fill(
        " and {said} (select from segments_membership m where m.profile_id = p.id"
        " and m.segment_id = any({ids}::bigint[]))",
        said=Sql(said),
        ids=numbers(one.pk for one in segments),
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
