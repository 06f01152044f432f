"""What became of messages, put down for the endpoints that want to know. Where the pipeline stores events it costs a
look at each one's name (0.1 µs), one small statement where a name is that of our mails, and no more while no endpoint
wants any."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.models import Delivery
from campaigns.webhooks.kinds import DELIVERY, MAILS
from cdp.common.copying import Cursor, numbers, texts
from cdp.events.message import Message

LONGEST_TOLD = 2_000
LARGEST = 2**63 - 1
UNSAID = frozenset({"delivery", "campaign_id", "campaign_name"})
"""Properties that every message has in a place of its own."""
_NOTE = """
insert into campaigns_mailhappened (profile_id, record_id, what, delivery, campaign_id, at, about)
select n.profile_id, n.record_id, n.what, n.delivery, n.campaign_id, n.at, n.about
  from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::uuid[], %s::bigint[], %s::timestamptz[], %s::jsonb[],
              %s::bigint[])
    as n (profile_id, record_id, what, delivery, campaign_id, at, about, source_id)
 where n.source_id = 0 or exists (select from accounts_source s where s.id = n.source_id and s.kind = 'internal')
"""


@dataclass(frozen=True, slots=True)
class Happened:
    profile_id: int
    record_id: int | None
    what: str
    delivery: str
    campaign_id: int | None
    at: str
    about: Mapping[str, Any]
    source_id: int = 0
    """0: the ledger says so itself."""


def note(cursor: Cursor, messages: Iterable[Message]) -> None:
    """Of the events that were stored, those about messages of ours: anybody could send an event of such a name."""
    named = [one for one in messages if one.name in MAILS]
    if named and _is_wanted(cursor):
        _write(cursor, [_of_event(one) for one in named if _ref(one.properties)])


def note_failed(cursor: Cursor, deliveries: Sequence[Delivery], *, why: str, now: datetime) -> None:
    """In the transaction that settles them. A failure is no event of the person's: nothing reached them."""
    if deliveries and _is_wanted(cursor):
        _write(cursor, [_of_delivery(one, why, now) for one in deliveries])


def _is_wanted(cursor: Cursor) -> bool:
    cursor.execute(
        "select exists (select from campaigns_endpoint where state <> 'disabled' and wants->'kinds' ? %s)", [DELIVERY]
    )
    return bool(cursor.fetchone()[0])


def _of_event(message: Message) -> Happened:
    properties = message.properties
    campaign_id = properties.get("campaign_id")
    return Happened(
        message.profile_id,
        message.record_id,
        MAILS[message.name],
        _ref(properties),
        campaign_id if isinstance(campaign_id, int) and abs(campaign_id) < LARGEST else None,
        str(message.occurred_at),
        {name: value for name, value in properties.items() if name not in UNSAID},
        message.source_id,
    )


def _of_delivery(one: Delivery, why: str, now: datetime) -> Happened:
    key = (one.profile_id, one.record_id, "failed", str(one.ref))
    return Happened(*key, one.campaign_id, now.isoformat(), {"why": why[:LONGEST_TOLD]})


def _ref(properties: Mapping[str, Any]) -> str:
    """The delivery that an event is about; empty where it names none."""
    try:
        return str(UUID(properties["delivery"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        return ""


def _write(cursor: Cursor, found: Sequence[Happened]) -> None:
    if not found:
        return
    cursor.execute(
        _NOTE,
        [
            numbers(one.profile_id for one in found),
            _maybe(one.record_id for one in found),
            texts([one.what for one in found]),
            texts([one.delivery for one in found]),
            _maybe(one.campaign_id for one in found),
            texts([one.at for one in found]),
            texts([json.dumps(dict(one.about)) for one in found]),
            numbers(one.source_id for one in found),
        ],
    )


def _maybe(values: Iterable[int | None]) -> str:
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
