"""Whom a campaign is for: people of its segments, without those of others, and of its rule.

As a rule (`rule_of`) it is explained, tried and shown; as SQL (`members_sql`) it is planned.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

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


def document_of(campaign: Campaign) -> dict[str, Any]:
    """The rule as JSON, as `rule_of` is."""
    parts: list[dict[str, Any]] = []
    if inside := [{"kind": "segment", "id": pk, "op": "in"} for pk in _ids(campaign.included)]:
        parts.append(inside[0] if len(inside) == 1 else {"kind": "any", "of": inside})
    parts += [{"kind": "segment", "id": pk, "op": "not_in"} for pk in _ids(campaign.excluded)]
    if campaign.rule is not None:
        parts.append(campaign.rule["root"])
    everybody = {"kind": "sample", "to": EVERYBODY.last, "seed": EVERYBODY.seed}
    return {"version": VERSION, "root": {"kind": "all", "of": parts or [everybody]}}


def rule_of(campaign: Campaign) -> Node:
    """Raises RuleError where its own rule cannot be read any more. Segments that were archived are no mistake: their
    members stay as they were."""
    inside = [SegmentLeaf(one.pk, one.name, "in") for one in campaign.included.order_by("name")]
    outside = [SegmentLeaf(one.pk, one.name, "not_in") for one in campaign.excluded.order_by("name")]
    return _joined(campaign, inside, outside)


def rule_by_rules(campaign: Campaign) -> Node:
    """With the segments' own rules in their places: for people as they are foreseen, whose memberships are not known.
    Raises RuleError."""
    inside = [parse(one.rule) for one in campaign.included.order_by("name")]
    outside = [NotOf(parse(one.rule)) for one in campaign.excluded.order_by("name")]
    return _joined(campaign, inside, outside)


def members_sql(campaign: Campaign, scope: Scope) -> Sql:
    """Selects the ids of its audience, as `rule_of` says it. Several segments are one semi-join: said as conditions
    that any of must hold, PostgreSQL would look each person up in each of them. Raises RuleError."""
    return fill(
        "{people}{inside}{outside}",
        people=_people(campaign, scope),
        inside=_among("exists", _ids(campaign.included)),
        outside=_among("not exists", _ids(campaign.excluded)),
    )


def coarse_sql(campaign: Campaign) -> Sql:
    """A condition on `p` of profiles_profile that all of its audience meet, and that is read by an index alone."""
    return fill("p.merged_into is null{inside}", inside=_among("exists", _ids(campaign.included)))


def among(campaign: Campaign, ids: Sequence[int], *, now: datetime, zone: ZoneInfo) -> set[int]:
    """Those of `ids` who are in its audience. Raises RuleError."""
    node = rule_of(campaign)
    return matching(node, ids, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))


def count(campaign: Campaign, *, now: datetime, zone: ZoneInfo) -> int:
    """Everybody is counted, however long that takes. Raises RuleError."""
    counted = fill("select count(*) from ({members}) found", members=members_sql(campaign, Scope(now, None, zone)))
    return int(rows(counted)[0][0])


def size(campaign: Campaign, *, now: datetime, zone: ZoneInfo) -> int | None:
    """For a page: as it is known, or counted in some seconds; None where that is not enough. Raises RuleError."""
    known = known_size(campaign)
    if known is not None:
        return known
    try:
        with at_most(WAIT_S):
            return count(campaign, now=now, zone=zone)
    except TooSlow:
        return None


def known_size(campaign: Campaign) -> int | None:
    """Without counting: of one segment and nothing else."""
    inside = list(campaign.included.all())
    is_plain = len(inside) == 1 and campaign.rule is None and not campaign.excluded.all()
    return inside[0].size if is_plain else None


def words(campaign: Campaign) -> str:
    """As the end of a sentence: everybody in “A” or “B”, but not in “C”, if …"""
    inside = " or ".join(f"“{one.name}”" for one in campaign.included.all())
    outside = " or ".join(f"“{one.name}”" for one in campaign.excluded.all())
    said = f"everybody in {inside}" if inside else "everybody"
    said += f", but not in {outside}" if outside else ""
    return f"{said}; only {_lower(rule_words(campaign))}" if campaign.rule is not None else said


def short_words(campaign: Campaign) -> str:
    """As a name of them: “A”."""
    inside = [one.name for one in campaign.included.all()]
    if len(inside) == 1 and campaign.rule is None and not campaign.excluded.all():
        return f"“{inside[0]}”"
    return words(campaign)


def rule_words(campaign: Campaign) -> str:
    """Its own rule in English; empty without one. Raises RuleError."""
    return "" if campaign.rule is None else to_english(parse(campaign.rule))


def about_segments(segment_ids: Sequence[int]) -> Q:
    """Campaigns that name one of the segments as in or out. Rules that name one are found by `segments.uses`."""
    return Q(included__in=segment_ids) | Q(excluded__in=segment_ids)


def segment_ids(campaign: Campaign) -> list[int]:
    return sorted({*_ids(campaign.included), *_ids(campaign.excluded)})


def versions(campaign: Campaign) -> int:
    """A number that grows whenever the rule of one of its segments is changed."""
    found = Segment.objects.filter(pk__in=segment_ids(campaign)).values_list("version", flat=True)
    return sum(found)


def _joined(campaign: Campaign, inside: Sequence[Node], outside: Sequence[Node]) -> Node:
    parts: list[Node] = [inside[0] if len(inside) == 1 else AnyOf(tuple(inside))] if inside else []
    parts += outside
    if campaign.rule is not None:
        parts.append(parse(campaign.rule))
    return AllOf(tuple(parts)) if parts else EVERYBODY


def _people(campaign: Campaign, scope: Scope) -> Sql:
    if campaign.rule is None:
        everybody = "select p.id from profiles_profile p where p.merged_into is null{narrowed}"
        return fill(everybody, narrowed=scope.narrowed("p.id"))
    node = parse(campaign.rule)
    cuts = cuts_for(node, now=scope.now, zone=scope.zone)
    return to_sql.members_sql(node, replace(scope, cuts={**scope.cuts, **cuts}))


def _among(said: str, ids: Sequence[int]) -> Sql:
    """`said`: exists or not exists, both of which become joins."""
    if not ids:
        return Sql("")
    return fill(
        " and {said} (select from segments_membership m where m.profile_id = p.id"
        " and m.segment_id = any({ids}::bigint[]))",
        said=Sql(said),
        ids=numbers(ids),
    )


def _ids(segments: Any) -> list[int]:
    return sorted(one.pk for one in segments.all())


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
