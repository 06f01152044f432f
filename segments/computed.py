"""Computed traits are followed before segments: what they change joins the facts that rules depend on."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.analytics.follow import follow
from cdp.common.copying import Cursor
from segments.facts import Facts, add, cause_of, first
from segments.models import Cause


def follow_computed(
    cursor: Cursor, claimed: Iterable[tuple[int, bool, Sequence[str]]], facts: Facts, *, now: datetime, zone: ZoneInfo
) -> None:
    """Of whoever was not touched, it was time that changed them."""
    touched: dict[int, set[str]] = {}
    for profile_id, _, names in claimed:
        touched.setdefault(profile_id, set()).update(names)
    for profile_id, news in follow(cursor, touched, now=now, zone=zone).items():
        causes = [cause_of(name) for name in touched.get(profile_id, ())]
        for name in news:
            add(facts, profile_id, name, first(causes) if causes else Cause.TIME)
