"""The schemas of the tracking plan: checked when saved, made from what was seen."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NoReturn

import jsonschema_rs
from django.db import transaction

from cdp.accounts.audit import record
from cdp.accounts.models import Source, User
from cdp.events.models import EventProperty, EventSchema

LARGEST = 100_000
USUAL = 0.95
"""A property that comes with so many of the events is proposed as required."""


class BadSchema(Exception):
    """The schema cannot be used."""


def read_schema(text: str) -> dict[str, Any]:
    """The schema, if events can be checked with it. The error names the place."""
    if len(text) > LARGEST:
        raise BadSchema(f"The schema is longer than {LARGEST:,} characters.")
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadSchema(f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise BadSchema("It is nested too deep.") from error
    if not isinstance(schema, dict):
        raise BadSchema('A schema is an object, such as {"type": "object", "properties": {…}}.')
    if "\\u0000" in text or "\x00" in text:
        raise BadSchema("It holds the character NUL, which cannot be stored.")
    _check(schema)
    return schema


def _check(schema: dict[str, Any]) -> None:
    try:
        jsonschema_rs.Draft202012Validator(schema, retriever=_no_other_files)
    except jsonschema_rs.ValidationError as error:
        if error.message.startswith(("Resource ", "Pointer ")):
            raise BadSchema("A $ref cannot be followed. Refer only to places that exist within this schema.") from error
        place = ".".join(map(str, error.instance_path)) or "the schema itself"
        raise BadSchema(f"At {place}: {error.message}.") from error


def _no_other_files(uri: str) -> NoReturn:
    raise ValueError(f"{uri} lies outside")


@transaction.atomic
def save(actor: User, *, name: str, source: Source | None, schema: dict[str, Any], now: datetime) -> None:
    EventSchema.objects.update_or_create(name=name, source=source, defaults={"schema": schema, "updated_at": now})
    record(actor, verb="changed tracking plan", target=name, details=_of(source), now=now)


@transaction.atomic
def remove(actor: User, *, name: str, source: Source | None, now: datetime) -> None:
    if EventSchema.objects.filter(name=name, source=source).delete()[0]:
        record(actor, verb="removed from tracking plan", target=name, details=_of(source), now=now)


@transaction.atomic
def set_mode(actor: User, *, source: Source, mode: str, now: datetime) -> None:
    """Whether the source's events are checked, and what happens to those that break the plan."""
    source.plan = mode
    source.save(update_fields=["plan"])
    record(actor, verb="changed source", target=source.name, details={"plan": mode}, now=now)


def _of(source: Source | None) -> dict[str, str]:
    return {"source": source.name if source else "every source"}


def proposed(seen: Iterable[EventProperty]) -> dict[str, Any]:
    """A schema that what was seen would meet: each property with its types; usual ones required."""
    counts: dict[str, dict[str, int]] = {}
    for one in seen:
        types = counts.setdefault(one.property, {})
        types[one.type] = types.get(one.type, 0) + one.n
    most = max((sum(types.values()) for types in counts.values()), default=0)
    required = [name for name, types in counts.items() if sum(types.values()) >= USUAL * most]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"type": _types(types)} for name, types in sorted(counts.items())},
    }
    return schema | ({"required": sorted(required)} if required else {})


def _types(types: dict[str, int]) -> str | list[str]:
    """An integer is a number too: 10 and 9.99 are one type."""
    kept = sorted(set(types) - ({"integer"} if "number" in types else set()))
    return kept[0] if len(kept) == 1 else kept
