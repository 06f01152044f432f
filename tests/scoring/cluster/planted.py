"""The people of a small demo shop, straight into the tables that features are read from: profile 1 is person 0."""

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from cdp.common.copying import copy_rows
from cdp.connectors.demo.shop import Told
from cdp.events.partitions import ensure_months
from tests.cdp.connectors.demo.features import UNTIL

EVENT = ("profile_id", "occurred_at", "message_id", "record_id", "name", "item_id", "value", "properties", "context",
         "source_id", "received_at")  # fmt: skip
PROFILE = ("id", "uuid", "traits", "first_seen_at", "last_seen_at", "created_at")


def write(told: Sequence[Told]) -> dict[int, str]:
    """Returns the habit of each profile."""
    seen = [one for one in told if one.facts]
    ensure_months(min(one.facts[0].at for one in seen), UNTIL)
    events = [row for one in seen for row in _events(one)]
    profiles = [
        (
            one.person.number + 1,
            str(uuid.UUID(int=one.person.number + 1)),
            "{}",
            one.facts[0].at,
            one.facts[-1].at,
            UNTIL,
        )
        for one in seen
    ]
    fill(profiles, events)
    return {one.person.number + 1: one.truth["habit"] for one in seen}


def fill(profiles: Sequence[Sequence[Any]], events: Sequence[Sequence[Any]]) -> None:
    orders = [(row[0], row[2], 1, row[1], row[6], 0, False) for row in events if row[4] == "Order Completed"]
    with connection.cursor() as cursor:
        copy_rows(cursor, "profiles_profile", PROFILE, profiles)
        copy_rows(cursor, "events_event", EVENT, events)
        named = ("profile_id", "order_id", "record_id", "ordered_at", "total", "refunded", "is_cancelled")
        copy_rows(cursor, "events_order", named, orders)
        cursor.execute(
            "insert into events_eventstate (profile_id, name, n, sum, first_at, last_at) select profile_id, name,"
            " count(*), coalesce(sum(value), 0), min(occurred_at), max(occurred_at) from events_event"
            " where profile_id = any(%s) group by 1, 2",
            [[row[0] for row in profiles]],
        )
        cursor.execute("analyze events_event, events_order, profiles_profile")


def _events(one: Told) -> Iterable[tuple[Any, ...]]:
    for at, _, message in one.facts:
        if message["type"] != "identify":
            about = message.get("properties", {})
            kept = {key: about[key] for key in ("coupon", "discount") if about.get(key)}
            name = message.get("event", "Page Viewed")
            yield an_event(one.person.number + 1, at, name, message["messageId"], about.get("total"), kept)


def an_event(
    profile_id: int, at: datetime, name: str, key: str, value: float | None = None, properties: Any = None
) -> tuple[Any, ...]:
    return (profile_id, at, key, 1, name, None, value, json.dumps(properties or {}), "{}", 1, at)
