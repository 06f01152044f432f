"""Each message id has its effects once: claimed in the transaction that writes the effects."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from cdp.common.copying import Cursor, numbers, texts
from cdp.events.message import Message, Rejected

KEPT = timedelta(days=30)
EXPIRE_BATCH = 20_000


def keep_first(cursor: Cursor, messages: Sequence[Message], *, now: datetime) -> tuple[list[Message], list[Rejected]]:
    """The messages not seen before. A repeat is dropped; a repeat with another body is reported."""
    first: dict[tuple[int, str], Message] = {}
    repeats = []
    for message in messages:
        key = (message.source_id, message.message_id)
        if key in first:
            repeats.append(message)
        else:
            first[key] = message
    fresh = _insert(cursor, first, now=now)
    repeats += [message for key, message in first.items() if key not in fresh]
    conflicts = _conflicts(cursor, repeats) if repeats else []
    return [message for key, message in first.items() if key in fresh], conflicts


def _insert(cursor: Cursor, first: dict[tuple[int, str], Message], *, now: datetime) -> set[tuple[int, str]]:
    """Sorted, so that two workers with the same ids wait for each other in one order."""
    keys = sorted(first)
    cursor.execute(
        "insert into events_seenmessage (source_id, message_id, body_hash, seen_at)"
        " select source_id, message_id, body_hash, case when not kept then %s end"
        " from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bool[]) n(source_id, message_id, body_hash, kept)"
        " on conflict do nothing returning source_id, message_id",
        [
            now,
            numbers(source_id for source_id, _ in keys),
            texts([message_id for _, message_id in keys]),
            numbers(first[key].body_hash for key in keys),
            numbers(first[key].is_import for key in keys),
        ],
    )
    return set(cursor.fetchall())


def _conflicts(cursor: Cursor, repeats: Sequence[Message]) -> list[Rejected]:
    cursor.execute(
        "select source_id, message_id, body_hash from events_seenmessage where (source_id, message_id) in"
        " (select * from unnest(%s::bigint[], %s::text[]))",
        [numbers(message.source_id for message in repeats), texts([message.message_id for message in repeats])],
    )
    known = {(source_id, message_id): body_hash for source_id, message_id, body_hash in cursor.fetchall()}
    return [
        message.rejected(
            "duplicate",
            f"The message id {message.message_id} was already used by a message with other content;"
            " the first one counts. Give each message an id of its own.",
        )
        for message in repeats
        if known[message.source_id, message.message_id] != message.body_hash
    ]


def forget_old(*, now: datetime) -> int:
    """Deletes expired ids in batches, each its own short transaction. Returns how many."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "delete from events_seenmessage where (source_id, message_id) in (select source_id, message_id"
                " from events_seenmessage where seen_at < %s limit %s)",
                [now - KEPT, EXPIRE_BATCH],
            )
            deleted = int(cursor.rowcount)
        total += deleted
        if deleted < EXPIRE_BATCH:
            return total
