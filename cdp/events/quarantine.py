"""Messages that were not taken in, kept with the reason until someone fixes and replays, or drops them."""

import json
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction

from cdp.common.copying import Cursor, copy_rows
from cdp.events.inbox import COLUMNS as INBOX_COLUMNS
from cdp.events.message import Rejected
from cdp.events.models import RejectedMessage

COLUMNS = (
    "source_id",
    "body",
    "call",
    "name",
    "code",
    "reason",
    "meta",
    "received_at",
    "rejected_at",
    "state",
)


def add(cursor: Cursor, rejected: Sequence[Rejected], *, now: datetime) -> None:
    rows = [
        (
            one.source_id,
            one.raw,
            one.call,
            storable(one.name)[:200],
            one.code,
            storable(one.reason),
            json.dumps(one.meta),
            one.received_at,
            now,
            RejectedMessage.State.WAITING,
        )
        for one in rejected
    ]
    copy_rows(cursor, "events_rejectedmessage", COLUMNS, rows)


def storable(text: str) -> str:
    """What PostgreSQL cannot hold as text (NUL, lone surrogates), made visible."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def replay(rejected_id: int, *, body: bytes | None = None, now: datetime) -> bool:
    """Puts a waiting message back into the inbox, fixed if a body is given. False if it was settled before.

    The time of receipt stays, so that clock correction gives what it would have given then.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update events_rejectedmessage set state = %s, settled_at = %s where id = %s and state = %s"
            " returning source_id, body, call, meta::text, received_at",
            [RejectedMessage.State.REPLAYED, now, rejected_id, RejectedMessage.State.WAITING],
        )
        row = cursor.fetchone()
        if row is None:
            return False
        source_id, kept, call, meta, received_at = row
        message = bytes(kept) if body is None else body
        if call == "batch":
            message = b'{"batch":[' + message + b"]}"
        copy_rows(
            cursor,
            "events_inboxbatch",
            INBOX_COLUMNS,
            [(source_id, "live", call, message, None, meta, received_at)],
        )
    return True


def drop(rejected_id: int, *, now: datetime) -> bool:
    """Settles a waiting message without taking it in."""
    return bool(
        RejectedMessage.objects.filter(pk=rejected_id, state=RejectedMessage.State.WAITING).update(
            state=RejectedMessage.State.DROPPED, settled_at=now
        )
    )


def readable(body: bytes) -> str:
    """The message as indented JSON where it is JSON, else as text with what cannot be shown replaced."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")
