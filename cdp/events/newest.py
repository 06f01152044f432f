"""Events newest first by when they happened, of one person, of some names, or of everyone. Always by an index."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from cdp.common.keyset import BadCursor, pack, unpack

COLUMNS = (
    "profile_id, occurred_at, message_id, source_id, record_id, name, item_id, value,"
    " properties::text, context::text, received_at"
)
ORDER = "occurred_at desc, message_id desc, source_id desc, profile_id desc"
FIRST = datetime(1, 1, 2, tzinfo=UTC)
LAST = datetime(9999, 12, 30, tzinfo=UTC)

OF_PERSON = f"""
select {COLUMNS} from events_event
 where profile_id = %(profile_id)s and occurred_at >= %(since)s and occurred_at <= %(until)s
   and (%(all)s or name = any(%(names)s::text[]))
   and (occurred_at, message_id, source_id, profile_id) < (%(at)s, %(message_id)s, %(source_id)s, %(key_profile)s)
 order by {ORDER} limit %(limit)s
"""
OF_NAMES = f"""
select {COLUMNS} from unnest(%(names)s::text[]) wanted (wanted_name) cross join lateral (
  select * from events_event where name = wanted_name and occurred_at >= %(since)s and occurred_at <= %(until)s
     and (occurred_at, message_id, source_id, profile_id) < (%(at)s, %(message_id)s, %(source_id)s, %(key_profile)s)
   order by {ORDER} limit %(limit)s) of_name
 order by {ORDER} limit %(limit)s
"""
"""There is no index on time alone: one would cost every event. So each name's newest are taken, and merged."""
NAMES = """
with recursive names (name) as (
  (select name from events_event order by name limit 1)
  union all
  select (select e.name from events_event e where e.name > names.name order by e.name limit 1)
    from names where names.name is not null)
select name from names where name is not null limit 2000
"""
"""A loose scan: one look into the index per name, not one per event."""


@dataclass(frozen=True, slots=True)
class Happened:
    profile_id: int
    occurred_at: datetime
    message_id: str
    source_id: int
    record_id: int
    name: str
    item_id: str | None
    value: Decimal | None
    properties: dict[str, Any]
    context: dict[str, Any]
    received_at: datetime

    @property
    def key(self) -> str:
        """Tells it from every other event; also the cursor behind it."""
        return pack([self.occurred_at.isoformat(), self.message_id, self.source_id, self.profile_id])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events. No names means all; times are included."""

    profile_id: int | None = None
    names: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Events:
    rows: list[Happened] = field(default_factory=list)
    next: str = ""


def newest(wanted: Wanted, *, after: str = "", size: int) -> Events:
    at, message_id, source_id, key_profile = _position(after)
    until = min(wanted.until or LAST, at)
    values: dict[str, Any] = {
        "profile_id": wanted.profile_id,
        "all": not wanted.names,
        "since": wanted.since or FIRST,
        "until": until,
        "at": at,
        "message_id": message_id,
        "source_id": source_id,
        "key_profile": key_profile,
        "limit": size + 1,
    }
    with connection.cursor() as cursor:
        names = wanted.names
        if wanted.profile_id is None and not names:
            cursor.execute(NAMES)
            names = [row[0] for row in cursor.fetchall()]
        values["names"] = list(names)
        cursor.execute(OF_NAMES if wanted.profile_id is None else OF_PERSON, values)
        rows = [happened(row) for row in cursor.fetchall()]
    return Events(rows[:size], rows[size - 1].key if len(rows) > size else "")


def happened(row: Sequence[Any]) -> Happened:
    """From a row of COLUMNS."""
    values: list[Any] = [*row[:8], json.loads(row[8]), json.loads(row[9]), row[10]]
    return Happened(*values)


def _position(after: str) -> tuple[datetime, str, int, int]:
    if not after:
        return LAST, "", 0, 0
    try:
        at, message_id, source_id, profile_id = unpack(after)
        moment = datetime.fromisoformat(at)
        numbers = int(source_id), int(profile_id)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadCursor from error
    if not isinstance(message_id, str) or not message_id.isprintable() or moment.tzinfo is None:
        raise BadCursor
    if not all(0 <= number < 2**63 for number in numbers):
        raise BadCursor
    return moment, message_id, *numbers
