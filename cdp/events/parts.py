"""What events add to everything that is known of a person."""

from typing import Any

from django.db.models import QuerySet

from cdp.accounts.models import Source
from cdp.common.api_schema import TEXT, TIME, listed, obj
from cdp.events.models import EventState
from cdp.events.newest import Happened, Wanted, newest
from cdp.profiles.known import Part
from cdp.profiles.models import Profile

RECENT = 20
NUMBER, MAYBE_NUMBER = {"type": "number"}, {"type": ["number", "null"]}
OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": {}}

EVENT_SCHEMA = obj(
    name=TEXT,
    occurred_at=TIME,
    received_at=TIME,
    profile={"type": "string", "format": "uuid"},
    source=TEXT,
    message_id=TEXT,
    item_id={"type": ["string", "null"]},
    value=MAYBE_NUMBER,
    properties=OBJECT,
    context=OBJECT,
)


def event_states(profile: Profile) -> list[dict[str, Any]]:
    rows: QuerySet[EventState] = EventState.objects.filter(profile_id=profile.pk).order_by("-n", "name")
    return [
        {"name": one.name, "n": one.n, "sum": float(one.sum), "first_at": one.first_at, "last_at": one.last_at}
        for one in rows[:1_000]
    ]


def recent_events(profile: Profile) -> list[dict[str, Any]]:
    rows = newest(Wanted(profile_id=profile.pk), size=RECENT).rows
    return as_said(rows, {profile.pk: str(profile.uuid)})


def as_said(rows: list[Happened], uuids: dict[int, str]) -> list[dict[str, Any]]:
    """Events as the API says them."""
    sources = dict(Source.objects.values_list("id", "name"))
    return [
        {
            "name": one.name,
            "occurred_at": one.occurred_at,
            "received_at": one.received_at,
            "profile": uuids[one.profile_id],
            "source": sources.get(one.source_id, ""),
            "message_id": one.message_id,
            "item_id": one.item_id,
            "value": None if one.value is None else float(one.value),
            "properties": one.properties,
            "context": one.context,
        }
        for one in rows
    ]


PARTS = (
    Part(
        "event_state",
        event_states,
        listed(obj(name=TEXT, n={"type": "integer"}, sum=NUMBER, first_at=TIME, last_at=TIME)),
    ),
    Part("recent_events", recent_events, listed(EVENT_SCHEMA)),
)
