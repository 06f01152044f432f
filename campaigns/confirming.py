"""Double opt-in: asks the owners of addresses by mail, and takes their answers."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from campaigns.channels.base import Failed, Message
from campaigns.channels.known import channel_of
from campaigns.content.blocks import ContentError
from campaigns.content.compile import Compiled, compile_mail
from campaigns.content.compose import straight
from campaigns.content.read import read
from campaigns.content.render import Links, RenderError, render
from campaigns.mime import mime
from campaigns.models import ConfirmationMail
from campaigns.starters import parts
from campaigns.visitor_links import Asked, confirm_url
from cdp.events import bell, inbox
from cdp.events.models import InboxBatch
from cdp.events.ourselves import internal_source
from cdp.privacy import opt_in
from cdp.privacy.consent import Address
from cdp.privacy.models import OptIn, Suppression, Topic
from cdp.profiles.models import Identifier

THE_ONE = 1
LOT = 200
CONFIRMED = "Subscription Confirmed"
FOOTER = "You get this because your address was given to us. If you do nothing, you will not hear from us."
EXAMPLE = "https://example.org/"


class BadWords(Exception):
    """The mail cannot be made with these words."""


@dataclass(frozen=True)
class _Asking:
    """One mail: all that was asked for in the name of an address."""

    ref: UUID
    address: Address
    topics: tuple[str, ...]
    profile_id: int
    """0: nobody has the address yet."""
    record_id: int | None


def mail() -> ConfirmationMail:
    """As it is until somebody words it otherwise, if nobody did."""
    return ConfirmationMail.objects.select_related("account").filter(pk=THE_ONE).first() or ConfirmationMail(pk=THE_ONE)


def compiled(one: ConfirmationMail) -> Compiled:
    """Raises BadWords."""
    blocks = (
        parts.heading(one.heading),
        parts.text(one.text),
        parts.button(one.button, "{{ confirm_url }}"),
        {"kind": "footer", "text": FOOTER},
    )
    try:
        made = compile_mail(read(parts.mail(one.subject, "", *blocks), modules={}))
        render(made, _context(["News"], EXAMPLE), holds=(), links=Links(straight, EXAMPLE))
    except (ContentError, RenderError) as error:
        raise BadWords(str(error)) from error
    return made


def ask_due(*, base_url: str, now: datetime) -> int:
    """Sends what is due of one lot, one mail for each address. Returns how many topics were asked for.

    A mail is noted before it is handed over: after a crash somebody may get none and asks again, nobody gets two.
    """
    asked = _claim(now=now)
    askings = _askings(asked)
    if askings:
        one, names = mail(), dict(Topic.objects.values_list("key", "name"))
        made = compiled(one)
        messages = [_message(one, made, asking, names, base_url=base_url, now=now) for asking in askings]
        receipts = channel_of(one.account).hand(messages, now=now)
        for asking in askings:
            receipt = receipts.get(asking.ref)
            if isinstance(receipt, Failed):
                _waiting(asking.address, asking.topics).update(error=receipt.why[:1000])
    return len(asked)


def answer(asked: Asked, *, now: datetime) -> list[Topic]:
    """The owner says yes: the words count, and they become known by this address, if they were not."""
    topics = list(Topic.objects.filter(key__in=asked.topics).select_related("purpose"))
    with transaction.atomic():
        confirmed = opt_in.confirm(asked.address, topics, asked_at=asked.at, now=now)
        if confirmed:
            _tell(asked.address, confirmed, now=now)
    return confirmed


def _claim(*, now: datetime) -> list[OptIn]:
    with transaction.atomic():
        due = OptIn.objects.select_for_update(skip_locked=True).filter(is_due=True).order_by("asked_at")
        rows = list(due[:LOT])
        for one in rows:
            one.is_due, one.mailed_at, one.mails, one.error = False, now, one.mails + 1, ""
        OptIn.objects.bulk_update(rows, ["is_due", "mailed_at", "mails", "error"])
    return rows


def _askings(asked: Iterable[OptIn]) -> list[_Asking]:
    topics: dict[str, list[str]] = defaultdict(list)
    for one in asked:
        topics[one.value].append(one.topic)
    stopped = _stopped(topics)
    found = Identifier.objects.naming().filter(namespace=opt_in.NAMESPACE, value__in=topics)
    known: Mapping[str, tuple[int, int]] = {
        value: (profile_id, record_id)
        for value, profile_id, record_id in found.values_list("value", "profile_id", "record_id")
    }
    return [
        _Asking(uuid4(), (opt_in.NAMESPACE, value), tuple(keys), *known.get(value, (0, None)))
        for value, keys in topics.items()
        if value not in stopped
    ]


def _stopped(values: Collection[str]) -> set[str]:
    """Who unsubscribed from everything may come back; the others are never written to."""
    found = Suppression.objects.filter(namespace=opt_in.NAMESPACE, value__in=values)
    return set(found.exclude(reason=Suppression.Reason.UNSUBSCRIBE).values_list("value", flat=True))


def _message(
    one: ConfirmationMail,
    made: Compiled,
    asking: _Asking,
    names: Mapping[str, str],
    *,
    base_url: str,
    now: datetime,
) -> Message:
    url = confirm_url(base_url, asking.address, asking.topics, now=now)
    context = _context([names[key] for key in asking.topics if key in names], url)
    rendered = render(made, context, holds=(), links=Links(straight, url))
    source = mime(
        rendered, ref=asking.ref, sender=one.sender, recipient=asking.address[1], unsubscribe_url=url, now=now
    )
    return Message(asking.ref, asking.profile_id, asking.record_id, asking.address[1], rendered.subject, source)


def _context(topics: Sequence[str], url: str) -> dict[str, Any]:
    *others, last = topics or ["mails"]
    return {"topics": f"{', '.join(others)} and {last}" if others else last, "confirm_url": url}


def _waiting(address: Address, topics: Sequence[str]) -> Any:
    return OptIn.objects.filter(namespace=address[0], value=address[1], topic__in=topics)


def _tell(address: Address, topics: Sequence[Topic], *, now: datetime) -> None:
    who = {"anonymousId": f"mail-{hashlib.sha256(address[1].encode()).hexdigest()[:24]}"}
    common = {**who, "timestamp": now.isoformat(), "context": {"traits": {"email": address[1]}}}
    told = {"topics": [one.key for one in topics]}
    messages = [
        {"type": "identify", "messageId": str(uuid4()), "traits": {"email": address[1]}, **common},
        {"type": "track", "event": CONFIRMED, "messageId": str(uuid4()), "properties": told, **common},
    ]
    inbox.put(internal_source().pk, messages, now=now, lane=InboxBatch.Lane.LIVE)
    transaction.on_commit(bell.ring)
