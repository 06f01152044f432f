"""Steward verbs on the quarantine: fix, replay, drop; one message, or all that a filter shows. With audit entries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import QuerySet

from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.events import quarantine
from cdp.events.models import RejectedMessage

MOST = 10_000
"""Messages settled by one click: one statement, well under a second."""


class NotAMessage(Exception):
    """The text is no message."""


@dataclass(frozen=True)
class Shown:
    """The filter of the quarantine page. Empty means any."""

    state: str = RejectedMessage.State.WAITING
    code: str = ""
    source_id: int | None = None
    name: str = ""

    def rows(self) -> QuerySet[RejectedMessage]:
        wanted: dict[str, Any] = {
            "state": self.state,
            "code": self.code,
            "source_id": self.source_id,
            "name": self.name,
        }
        return RejectedMessage.objects.filter(**{key: value for key, value in wanted.items() if value})


def fixed_body(text: str, *, call: str) -> bytes:
    """What was typed, as the inbox keeps it. A whole batch becomes its messages: the inbox wraps them again."""
    try:
        message = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise NotAMessage(f"This is not JSON: {error}. Check commas, quotes and brackets near that place.") from error
    if not isinstance(message, dict):
        raise NotAMessage("A message is an object: it begins with { and ends with }.")
    batch = message.get("batch")
    if call == "batch" and "type" not in message and isinstance(batch, list):
        if not batch:
            raise NotAMessage("The batch is empty.")
        return b",".join(msgspec.json.encode(one) for one in batch)
    if call == "batch" and not isinstance(message.get("type"), str):
        raise NotAMessage('The message lacks its "type": track, identify, page, screen, group or alias.')
    return msgspec.json.encode(message)


@transaction.atomic
def replay(actor: User, *, rejected: RejectedMessage, text: str | None = None, now: datetime) -> bool:
    """Back into the inbox, with the typed text if there is one. False if someone settled it before."""
    body = None if text is None else fixed_body(text, call=rejected.call)
    done = quarantine.replay(rejected.pk, body=body, now=now)
    if done:
        verb = "replayed message" if body is None else "fixed and replayed message"
        record(actor, verb=verb, target=_said(rejected), now=now)
    return done


@transaction.atomic
def drop(actor: User, *, rejected: RejectedMessage, now: datetime) -> bool:
    done = quarantine.drop(rejected.pk, now=now)
    if done:
        record(actor, verb="dropped message", target=_said(rejected), now=now)
    return done


def _said(rejected: RejectedMessage) -> str:
    return f"{rejected.name or rejected.call} ({rejected.code}, number {rejected.pk})"


REPLAY = """
with taken as (
  update events_rejectedmessage set state = 'replayed', settled_at = %(now)s
   where id = any(%(ids)s) and state = 'waiting' returning source_id, call, body, meta, received_at)
insert into events_inboxbatch (source_id, lane, call, body, refused, meta, received_at)
select source_id, 'bulk', call,
       case when call = 'batch' then '{"batch":['::bytea || body || ']}'::bytea else body end, null, meta, received_at
  from taken
"""


@transaction.atomic
def replay_all(actor: User, *, shown: Shown, now: datetime) -> int:
    """The oldest MOST waiting messages of the filter, in one statement. Returns how many."""
    ids = _waiting(shown)
    with connection.cursor() as cursor:
        cursor.execute(REPLAY, {"ids": ids, "now": now})
        n = int(cursor.rowcount)
    _record_all(actor, "replayed messages", shown, n, now=now)
    return n


@transaction.atomic
def drop_all(actor: User, *, shown: Shown, now: datetime) -> int:
    waiting = RejectedMessage.objects.filter(pk__in=_waiting(shown), state=RejectedMessage.State.WAITING)
    n = waiting.update(state=RejectedMessage.State.DROPPED, settled_at=now)
    _record_all(actor, "dropped messages", shown, n, now=now)
    return n


def _waiting(shown: Shown) -> list[int]:
    waiting = Shown(RejectedMessage.State.WAITING, shown.code, shown.source_id, shown.name)
    return list(waiting.rows().order_by("id").values_list("id", flat=True)[:MOST])


def _record_all(actor: User, verb: str, shown: Shown, n: int, *, now: datetime) -> None:
    if n:
        details = {"messages": n, "kind": shown.code or "any", "source": shown.source_id or "any"}
        record(actor, verb=verb, target="quarantine", details=details, now=now)
