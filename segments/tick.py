"""Memberships that change because time passes: range scans over what reached the edge of a window."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cdp.rules.sets import crossing
from cdp.rules.tree import Node
from segments.models import Cause, Segment

LONGEST_SPAN = timedelta(minutes=1)
"""After so long without a crossing `as_of` moves on, so that the page says how fresh the segment is."""


def due(segment: Segment, node: Node, *, now: datetime, zone: ZoneInfo) -> dict[int, Cause]:
    """Those whose membership may have flipped since `as_of` by time alone."""
    if segment.as_of is None:
        return {}
    return dict.fromkeys(crossing(node, since=segment.as_of, until=now, zone=zone), Cause.TIME)


def is_behind(segment: Segment, *, now: datetime) -> bool:
    return segment.as_of is None or now - segment.as_of >= LONGEST_SPAN
