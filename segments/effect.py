"""Which segments people are in by their facts as they stand in this transaction: to show what a merge would do."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from segments.models import Segment


def segments_of(profile_ids: Sequence[int], *, now: datetime, zone: ZoneInfo) -> dict[int, list[str]]:
    """Names, in order. A segment whose rule cannot be read is left out: its own page says what is wrong."""
    found: dict[int, list[str]] = {}
    for segment in Segment.objects.filter(archived_at=None).order_by("name"):
        for profile_id in sorted(_members(segment, profile_ids, now, zone)):
            found.setdefault(profile_id, []).append(segment.name)
    return found


def _members(segment: Segment, profile_ids: Sequence[int], now: datetime, zone: ZoneInfo) -> set[int]:
    try:
        node = parse(segment.rule)
        return matching(node, profile_ids, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))
    except RuleError:
        return set()
