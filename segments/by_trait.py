"""What segments have to do with computed traits: which name one, and how many a change of it would move."""

from collections.abc import Sequence
from datetime import datetime

from cdp.analytics.effects import Use
from cdp.common.clock import deployment_zone
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from cdp.rules.tree import Node, depends
from segments.models import Segment

PREFIX = "computed:"


def uses() -> dict[str, list[Use]]:
    """By the trait's key."""
    found: dict[str, list[Use]] = {}
    for segment, node in _read():
        for key in sorted(_keys(node)):
            found.setdefault(key, []).append(_use(segment))
    return found


def sizes(keys: Sequence[str], profile_ids: Sequence[int], now: datetime) -> dict[Use, int]:
    """Of the segments that name one of these traits: for how many of these people the rule holds."""
    zone = deployment_zone()
    return {
        _use(segment): len(matching(node, profile_ids, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone)))
        for segment, node in _read()
        if _keys(node) & set(keys)
    }


def _read() -> list[tuple[Segment, Node]]:
    """Those whose rule can be read: the others' own pages say what is wrong."""
    found = []
    for segment in Segment.objects.filter(archived_at=None).order_by("name"):
        try:
            found.append((segment, parse(segment.rule)))
        except RuleError:
            continue
    return found


def _keys(node: Node) -> set[str]:
    return {fact.removeprefix(PREFIX) for fact in depends(node) if fact.startswith(PREFIX)}


def _use(segment: Segment) -> Use:
    return Use(segment.name, "segments:segment", segment.pk)
