"""A code that was used is told as an event about the buyer, through the same inbox as everything else.

Nothing that reads orders looks at these events. The same redemption is the same message, however often it is told.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import transaction

from campaigns.models import Offer
from cdp.events import bell, inbox
from cdp.events.correct import address_of
from cdp.events.models import InboxBatch
from cdp.events.ourselves import OFFER_REDEEMED, internal_source
from cdp.profiles.find import identifiers_of
from cdp.profiles.models import Profile


class Used(Protocol):
    @property
    def profile_id(self) -> int: ...
    @property
    def order_id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def offer_id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def discount(self) -> Decimal | None: ...


def tell(used: Sequence[Used], offers: Mapping[int, Offer], *, now: datetime) -> None:
    if messages := list(_messages(used, offers)):
        inbox.put(internal_source().pk, messages, now=now, lane=InboxBatch.Lane.LIVE)
        transaction.on_commit(bell.ring)


def _messages(used: Sequence[Used], offers: Mapping[int, Offer]) -> Iterator[dict[str, Any]]:
    """Of those who can be named: whose every identifier was dropped would become somebody else."""
    ids = list({one.profile_id for one in used})
    if not ids:
        return
    profiles, identifiers = Profile.objects.in_bulk(ids), identifiers_of(ids)
    for one in used:
        joining = [edge for edge in identifiers.get(one.profile_id, ()) if not edge.dropped_for]
        if joining and one.profile_id in profiles:
            offer = offers[one.offer_id]
            yield {
                "type": "track",
                "event": OFFER_REDEEMED,
                "messageId": f"offer-{one.offer_id}-{_mark(one.order_id, one.code)}",
                "timestamp": one.at.isoformat(),
                "properties": {
                    "offer": offer.key,
                    "offer_name": offer.name,
                    "code": one.code,
                    "order_id": one.order_id,
                    **({} if one.discount is None else {"discount": float(one.discount)}),
                },
                **address_of(profiles[one.profile_id], joining),
            }


def _mark(order_id: str, code: str) -> str:
    return hashlib.sha256(f"{order_id}\0{code}".encode()).hexdigest()[:24]
