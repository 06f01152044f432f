"""The durable inbox: put in by the collector and by ourselves, claimed and deleted by the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from cdp.common.claims import give_back_when_idle
from cdp.common.copying import Cursor, copy_rows
from cdp.events.models import InboxBatch

CLAIM_BYTES = 1_500_000
"""About 5,000 ordinary events: large enough for sets, small enough for a fair turn and little memory."""
LARGEST_CLAIM = 2_000
IMPORT = "import"
"""In the meta of a row: the import its messages come from, so that what it said can be rolled back."""
COLUMNS = ("source_id", "lane", "call", "body", "refused", "meta", "received_at")


@dataclass(frozen=True, slots=True)
class Claimed:
    id: int
    source_id: int
    lane: str
    call: str
    body: bytes
    refused: dict[str, dict[str, str]]
    meta: dict[str, Any]
    received_at: datetime


def put(
    source_id: int,
    messages: Sequence[dict[str, Any]],
    *,
    now: datetime,
    lane: str = InboxBatch.Lane.BULK,
    import_id: int | None = None,
) -> None:
    """Our own facts (imports, edits, tracked clicks) take the same way in as everyone's."""
    body = msgspec.json.encode({"batch": messages})
    meta = "{}" if import_id is None else f'{{"{IMPORT}": {import_id}}}'
    row = (source_id, lane, "batch", body, None, meta, now)
    with connection.cursor() as cursor:
        copy_rows(cursor, "events_inboxbatch", COLUMNS, [row])


def claim(cursor: Cursor, lane: str) -> list[Claimed]:
    """Deletes and returns the oldest rows of the lane that no other worker has; a rollback puts them back.

    How many rows make CLAIM_BYTES is estimated from the oldest: one row may be one event or 2,500.
    """
    give_back_when_idle(cursor)
    cursor.execute(
        "select count(*), sum(octet_length(body)) from"
        " (select body from events_inboxbatch where lane = %s order by id limit 20) oldest",
        [lane],
    )
    n, size = cursor.fetchone()
    if not n:
        return []
    limit = max(1, min(LARGEST_CLAIM, CLAIM_BYTES * n // (size or 1)))
    cursor.execute(
        "delete from events_inboxbatch where id in (select id from events_inboxbatch where lane = %s"
        " order by id limit %s for update skip locked)"
        " returning id, source_id, lane, call, body, refused::text, meta::text, received_at",
        [lane, limit],
    )
    rows = [
        Claimed(id_, source, lane_, call, bytes(body), loads(refused), loads(meta), received)
        for id_, source, lane_, call, body, refused, meta, received in cursor.fetchall()
    ]
    return sorted(rows, key=lambda row: row.id)


def loads(text: str | None) -> dict[str, Any]:
    return msgspec.json.decode(text) if text else {}
