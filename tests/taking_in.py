"""Messages through the real pipeline, and what stands in the tables afterwards, free of ids and of order."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from cdp.accounts.models import Source
from cdp.events import inbox
from cdp.pipeline import Drained, drain

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_ids = itertools.count()


def source(name: str = "web") -> Source:
    return Source.objects.get_or_create(name=name)[0]


def track(user: str = "", event: str = "Product Viewed", *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    return message("track", user, at=at, event=event, **more)


def identify(user: str = "", *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    return message("identify", user, at=at, **more)


def message(kind: str, user: str, *, at: datetime, **more: Any) -> dict[str, Any]:
    """A message with an id of its own; `user` becomes userId when it is not empty."""
    found = {"type": kind, "messageId": f"test-{next(_ids)}", "timestamp": at.isoformat(), **more}
    return {**found, "userId": user} if user else found


def take_in(messages: Sequence[dict[str, Any]], *, lane: str = "live", now: datetime = NOW, of: str = "web") -> Drained:
    """All of it in one inbox row, drained. The limit that a claim sets on its transaction ends with the claim: a test
    is one transaction, and may think for long."""
    inbox.put(source(of).pk, messages, now=now, lane=lane)
    drained = drain(lane, now=now)
    if connection.in_atomic_block:
        rows("select set_config('idle_in_transaction_session_timeout', '0', true)")
    return drained


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def people() -> list[Any]:
    """Every living profile as what is known of it: identifiers, traits, span, event state, events."""
    return sorted(
        rows(
            "select (select array_agg(distinct namespace || ':' || value order by namespace || ':' || value)"
            "   from profiles_identifier i where i.profile_id = p.id), p.traits::text, p.first_seen_at, p.last_seen_at,"
            " (select array_agg(s.name || ' ' || s.n || ' ' || s.valued || ' ' || s.sum || ' ' || s.first_at"
            " || ' ' || s.last_at"
            "   order by s.name) from events_eventstate s where s.profile_id = p.id),"
            " (select array_agg(e.message_id || ' ' || e.occurred_at order by e.message_id)"
            "   from events_event e where e.profile_id = p.id)"
            " from profiles_profile p where p.merged_into is null"
        ),
        key=repr,
    )


def strays() -> int:
    """Rows that name a profile that was merged away: always none."""
    return sum(
        rows(
            f"select count(*) from {table} t join profiles_profile p on p.id = t.profile_id"
            " where p.merged_into is not null"
        )[0][0]
        for table in (
            "profiles_record",
            "profiles_identifier",
            "profiles_saying",
            "events_event",
            "events_eventitem",
            "events_eventstate",
            "events_order",
        )
    )
