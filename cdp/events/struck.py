"""Strikes out what is about people who were erased, before anything else looks at it: counted, and kept nowhere."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from cdp.common.copying import Cursor
from cdp.events.message import Message, Rejected
from cdp.privacy import erased
from cdp.privacy.erased import Address
from cdp.profiles.addresses import address

EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
FIELD = re.compile(r'"(userId|anonymousId|previousId|email|phone|id)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(\d+))')
KINDS = {
    "userId": ("user_id",),
    "anonymousId": ("anonymous_id",),
    "previousId": ("anonymous_id",),
    "email": ("email",),
    "phone": ("phone",),
    "id": ("user_id", "anonymous_id"),
}
"""What a field of a message may hold."""
MOST_LOOKED_AT = 1_000
"""Identifiers of one message that cannot be read."""


def known(
    cursor: Cursor, messages: Sequence[Message], edges: Callable[[Message], Iterable[Address]], *, now: datetime
) -> Sequence[Message]:
    """The messages but those that name somebody erased. `edges` gives the identifiers in a message. While nobody is
    on the list that is one small query; else one look-up for all identifiers of the batch."""
    if not messages or not erased.is_any(cursor):
        return messages
    named = [[*edges(message), *_told(message)] for message in messages]
    gone = erased.among(cursor, {one for some in named for one in some})
    if not gone:
        return messages
    erased.count(cursor, _first(named, gone), now=now)
    return [message for message, some in zip(messages, named, strict=True) if gone.keys().isdisjoint(some)]


def unread(cursor: Cursor, rejected: Sequence[Rejected], *, now: datetime) -> Sequence[Rejected]:
    """The same for what goes to quarantine: what cannot be read as a message is searched for identifiers."""
    if not rejected or not erased.is_any(cursor):
        return rejected
    named = [_identifiers(one.raw) for one in rejected]
    gone = erased.among(cursor, {one for some in named for one in some})
    if not gone:
        return rejected
    erased.count(cursor, _first(named, gone), now=now)
    return [one for one, some in zip(rejected, named, strict=True) if gone.keys().isdisjoint(some)]


def _told(message: Message) -> Iterable[Address]:
    """An address in a property of that name: a form that was filled in, by whatever browser."""
    for kind in ("email", "phone"):
        value = message.properties.get(kind)
        if isinstance(value, str) and (form := address(kind, value)):
            yield kind, form


def _first(named: Iterable[Iterable[Address]], gone: dict[Address, int]) -> Iterable[int]:
    """One refusal for each message, however many of its identifiers are on the list."""
    for some in named:
        found = [gone[one] for one in some if one in gone]
        if found:
            yield min(found)


def _identifiers(raw: bytes) -> list[Address]:
    text = raw.decode("utf-8", "replace").replace("\0", "")
    found = [("email", one) for one in EMAIL.findall(text)[:MOST_LOOKED_AT]]
    for name, quoted, number in FIELD.findall(text)[:MOST_LOOKED_AT]:
        value = quoted or number
        found += [(kind, value) for kind in KINDS[name]]
    return [(kind, form) for kind, value in found if (form := address(kind, value))]
