"""What is about a person and was not taken in: in the inbox, and in quarantine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from cdp.common.belongings import Person, Place
from cdp.common.copying import Cursor
from cdp.events.inbox import Claimed, loads
from cdp.events.message import as_text
from cdp.privacy.quotes import Quotes, is_telling
from cdp.profiles.addresses import address

LOT = 500
CAUSED = "split_part(cause, ':', 2)::bigint, regexp_replace(cause, '^message:[0-9]+:', '')"
"""Source and id of the message that was the cause."""
IDS = {"userId": "user_id", "anonymousId": "anonymous_id", "previousId": "anonymous_id"}


@dataclass(frozen=True)
class About:
    """Tells whether a message is theirs, or only quotes them."""

    person: Person
    quotes: Quotes

    @classmethod
    def of(cls, person: Person) -> "About":
        return cls(person, Quotes.of(person))

    def is_theirs(self, raw: bytes) -> bool:
        try:
            message = msgspec.json.decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return self.is_quoted(raw)
        return isinstance(message, dict) and any(one in self.person.addresses for one in _named(message))

    def is_quoted(self, raw: bytes) -> bool:
        return self.quotes.are_in(_text(raw))

    def left(self, raw: bytes) -> bytes | None:
        """The message without what quotes them; None if it is theirs."""
        if self.is_theirs(raw):
            return None
        return self.quotes.left_of(_text(raw)).encode() if self.is_quoted(raw) else raw

    @property
    def where(self) -> tuple[str, dict[str, Any]]:
        """What may be about them: by text, where everything that names them is long enough to be looked for."""
        if self.quotes.is_whole and all(is_telling(value) for _, value in self.person.addresses):
            return "encode(body, 'escape') ilike any(%(patterns)s::text[])", {"patterns": self.quotes.patterns}
        return "true", {}


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()


def _named(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    context = message.get("context")
    context = context if isinstance(context, dict) else {}
    for name, kind in IDS.items():
        if isinstance(message.get(name), str | int | float):
            yield kind, as_text(message[name])
    for traits in (message.get("traits"), context.get("traits"), message.get("properties")):
        if isinstance(traits, dict):
            for kind in ("email", "phone"):
                if isinstance(traits.get(kind), str | int):
                    yield kind, address(kind, str(traits[kind]))
    external = context.get("externalIds")
    for one in external if isinstance(external, list) else []:
        if isinstance(one, dict):
            yield str(one.get("type")), str(one.get("id"))
            yield str(one.get("type")), str(one.get("id")).strip().lower()


def inbox() -> Place:
    return Place(
        key="events_inboxbatch",
        label="Inbox: accepted, not taken in yet",
        count=lambda person: sum(_about(row, About.of(person)) for row in _inbox(person)),
        erase=lambda person, now: _erase(person, _rows_of_inbox, _rewrite_inbox),
        export=lambda person: [one for row in _inbox(person) for one in _told(row, About.of(person))],
        tables=("events_inboxbatch",),
        is_queue=True,
    )


def quarantine() -> Place:
    return Place(
        key="events_rejectedmessage",
        label="Quarantine: not taken in",
        count=lambda person: sum(len(lot) for lot in _lots(person, _rows_of_quarantine)),
        erase=lambda person, now: _erase(person, _rows_of_quarantine, _rewrite_quarantine),
        export=lambda person: [
            {"message": _text(body), "reason": reason, "received_at": at}
            for lot in _lots(person, _rows_of_quarantine)
            for _, body, _, reason, _, at in lot
        ],
        tables=("events_rejectedmessage",),
        is_queue=True,
    )


Rows = Callable[[Cursor, About, int, str], list[Any]]


def _lots(person: Person, read: Rows, lock: str = "") -> Iterator[list[Any]]:
    """All rows that are about them or quote them, in the order of their ids."""
    about, after = About.of(person), 0
    while True:
        with connection.cursor() as cursor:
            rows = read(cursor, about, after, lock)
        if not rows:
            return
        after = rows[-1][0]
        found = [row for row in rows if about.is_quoted(row[1]) or about.is_theirs(row[1]) or _in_batch(about, row)]
        if found:
            yield found


def _in_batch(about: About, row: Sequence[Any]) -> bool:
    return any(about.is_theirs(raw) for raw in _messages(row[1]))


def _erase(person: Person, read: Rows, write: Callable[[Cursor, About, Any], None]) -> int:
    """Rows that a claim holds are passed over: it comes to its end, or gives them back to be looked at again."""
    about, after, n = About.of(person), 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            rows = read(cursor, about, after, "for update skip locked")
            for row in rows:
                if about.is_quoted(row[1]) or about.is_theirs(row[1]) or _in_batch(about, row):
                    write(cursor, about, row)
                    n += 1
        if not rows:
            return n
        after = rows[-1][0]


def _rows_of_inbox(cursor: Cursor, about: About, after: int, lock: str) -> list[Any]:
    where, values = about.where
    cursor.execute(
        "select id, body, source_id, lane, call, refused::text, meta::text, received_at from events_inboxbatch"
        f" where id > %(after)s and ({where}) order by id limit %(lot)s {lock}",
        {**values, "after": after, "lot": LOT},
    )
    return [(row[0], bytes(row[1]), *row[2:]) for row in cursor.fetchall()]


def _rows_of_quarantine(cursor: Cursor, about: About, after: int, lock: str) -> list[Any]:
    where, values = about.where
    cursor.execute(
        "select id, body, name, reason, meta::text, received_at from events_rejectedmessage"
        f" where id > %(after)s and ({where} or reason ilike any(%(more)s::text[])) order by id limit %(lot)s {lock}",
        {**values, "more": about.quotes.patterns, "after": after, "lot": LOT},
    )
    return [(row[0], bytes(row[1]), *row[2:]) for row in cursor.fetchall()]


def _inbox(person: Person) -> Iterator[Claimed]:
    for lot in _lots(person, _rows_of_inbox):
        for pk, body, source_id, lane, call, refused, meta, received_at in lot:
            yield Claimed(pk, source_id, lane, call, body, loads(refused), loads(meta), received_at)


def _messages(body: bytes) -> list[bytes]:
    """Those of a batch; the body itself if it is none."""
    try:
        found = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        return [bytes(one) for one in msgspec.json.decode(found["batch"], type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, KeyError, RecursionError, UnicodeError):
        return [body]


def _about(row: Claimed, about: About) -> int:
    found = _messages(row.body)
    return sum(about.is_theirs(raw) or about.is_quoted(raw) for raw in found) or 1


def _told(row: Claimed, about: About) -> list[dict[str, Any]]:
    return [
        {"message": _text(raw), "received_at": row.received_at} for raw in _messages(row.body) if about.is_theirs(raw)
    ]


def _rewrite_inbox(cursor: Cursor, about: About, row: Any) -> None:
    pk, body, _, _, call, refused, _, _ = row
    parts = _parts(body) if call == "batch" else None
    if parts is None or _is_shared_theirs(about, parts[0]):
        _replace(cursor, pk, about.left(body) if call != "batch" else None, refused)
        return
    shared, messages = parts
    kept = [(index, left) for index, raw in enumerate(messages) if (left := about.left(raw)) is not None]
    reasons = loads(refused)
    moved = {str(new): reasons[str(old)] for new, (old, _) in enumerate(kept) if str(old) in reasons}
    whole = _batch(shared, [raw for _, raw in kept], about) if kept else None
    _replace(cursor, pk, whole, msgspec.json.encode(moved).decode() if moved else None)


def _parts(body: bytes) -> tuple[dict[str, msgspec.Raw], list[bytes]] | None:
    """What a batch says of all its messages, and these; None if it cannot be read."""
    try:
        found = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        messages = msgspec.json.decode(found.pop("batch"), type=list[msgspec.Raw])
    except (msgspec.MsgspecError, KeyError, RecursionError, UnicodeError):
        return None
    return found, [bytes(one) for one in messages]


def _is_shared_theirs(about: About, shared: dict[str, msgspec.Raw]) -> bool:
    return about.is_theirs(msgspec.json.encode({"context": shared["context"]})) if "context" in shared else False


def _batch(shared: dict[str, msgspec.Raw], messages: Sequence[bytes], about: About) -> bytes:
    said = {name: msgspec.Raw(about.quotes.left_of(_text(bytes(raw))).encode()) for name, raw in shared.items()}
    return msgspec.json.encode({**said, "batch": [msgspec.Raw(raw) for raw in messages]})


def _replace(cursor: Cursor, pk: int, body: bytes | None, refused: str | None) -> None:
    if body is None:
        cursor.execute("delete from events_inboxbatch where id = %s", [pk])
    else:
        cursor.execute("update events_inboxbatch set body = %s, refused = %s where id = %s", [body, refused, pk])


def _rewrite_quarantine(cursor: Cursor, about: About, row: Any) -> None:
    pk, body, name, reason, meta, _ = row
    if about.is_theirs(body) or _in_batch(about, row):
        cursor.execute("delete from events_rejectedmessage where id = %s", [pk])
        return
    left = about.quotes.left_of
    cursor.execute(
        "update events_rejectedmessage set body = %s, name = %s, reason = %s, meta = %s where id = %s",
        [left(_text(body)).encode(), left(name), left(reason), left(meta), pk],
    )


def seen() -> Place:
    """The ids of their messages: what was taken in of them can never be told from what was not."""
    return Place(
        key="events_seenmessage",
        label="Ids of their messages",
        count=lambda person: 0,
        erase=lambda person, now: _forget_ids(person, now),
        tables=("events_seenmessage",),
        is_before=True,
    )


def _forget_ids(person: Person, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "delete from events_seenmessage s using ("
            " select source_id, message_id from events_event where profile_id = any(%(ids)s)"
            f" union select {CAUSED} from profiles_saying"
            "  where profile_id = any(%(ids)s) and cause ~ '^message:[0-9]+:'"
            f" union select {CAUSED} from profiles_profilechange"
            "  where profile_id = any(%(ids)s) and cause ~ '^message:[0-9]+:') m"
            " where s.source_id = m.source_id and s.message_id = m.message_id",
            {"ids": list(person.profile_ids)},
        )
        return int(cursor.rowcount)
