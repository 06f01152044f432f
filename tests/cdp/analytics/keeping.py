"""Computed traits in tests: made, followed, and what they say of whom."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from cdp.analytics import save
from cdp.analytics.follow import follow
from cdp.analytics.models import ComputedTrait
from cdp.analytics.refresh import refresh_fully
from cdp.analytics.stale import refresh_waiting
from cdp.profiles.models import Identifier
from cdp.profiles.touched import claim, register_reader
from cdp.rules.tree import UTC
from tests.taking_in import NOW, rows

READER = "segments"


def a_trait(key: str = "t", *, now: datetime = NOW, **definition: Any) -> ComputedTrait:
    return save.create(key, label=key, definition=definition, by=None, now=now)


def follow_all(*, now: datetime = NOW, zone: ZoneInfo = UTC) -> dict[int, set[str]]:
    """As the refresh of segments does with whoever was touched."""
    register_reader(READER)
    with transaction.atomic(), connection.cursor() as cursor:
        touched: dict[int, set[str]] = {}
        for profile_id, _, names in claim(cursor, READER, limit=100_000):
            touched.setdefault(profile_id, set()).update(names)
        return follow(cursor, touched, now=now, zone=zone)


def follow_these(touched: Mapping[int, Collection[str]], *, now: datetime, zone: ZoneInfo = UTC) -> dict[int, set[str]]:
    with transaction.atomic(), connection.cursor() as cursor:
        return follow(cursor, touched, now=now, zone=zone)


def refresh_all(*, now: datetime = NOW, zone: ZoneInfo = UTC) -> None:
    refresh_waiting(clock=lambda: now, zone=zone)


def refresh_anew(*, now: datetime, zone: ZoneInfo = UTC) -> None:
    """Everything, whether it waits for it or not."""
    ids = list(ComputedTrait.objects.filter(is_on=True).values_list("pk", flat=True))
    refresh_fully(ids, clock=lambda: now, zone=zone)


def value(key: str, user: str) -> Any:
    """The value as it is stored: number, text, time or list; None if there is none."""
    profile = Identifier.objects.get(value=user).profile_id
    return values(key).get(profile)


def values(key: str) -> dict[int, Any]:
    found = rows(
        "select v.profile_id, v.number, v.text, v.at, v.list::text from analytics_computedvalue v"
        " join analytics_computedtrait t on t.id = v.trait_id where t.key = %s and not t.is_removed",
        key,
    )
    return {
        profile: next(one for one in (*said, listed and json.loads(listed)) if one is not None)
        for profile, *said, listed in found
        if any(one is not None for one in (*said, listed))
    }


def everything() -> list[tuple[Any, ...]]:
    return sorted(
        rows("select profile_id, trait_id, number, text, at, list::text, due_at from analytics_computedvalue"),
        key=repr,
    )
