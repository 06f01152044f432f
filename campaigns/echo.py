"""What happens to our mails comes back as events, through the same inbox as everything else."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, Delivery
from cdp.events import bell, inbox
from cdp.events.models import InboxBatch
from cdp.events.ourselves import internal_source
from cdp.profiles.models import Record


@dataclass(frozen=True)
class Said:
    """One event. `once` tells apart what may happen repeatedly."""

    name: str
    delivery: Delivery
    at: datetime
    about: Mapping[str, Any] = field(default_factory=dict)
    once: str = ""

    @property
    def message_id(self) -> str:
        return f"{self.delivery.ref}:{self.name}:{self.once}"[:99]


def tell(
    name: str,
    deliveries: Sequence[Delivery],
    *,
    campaign: Campaign,
    now: datetime,
    about: dict[str, Any] | None = None,
    once: str = "",
) -> None:
    """One event per delivery, by Segment's e-mail names. `once` tells apart what may happen repeatedly."""
    said = [Said(name, one, now, about or {}, once) for one in deliveries]
    tell_all(said, names={campaign.pk: campaign.name}, now=now)


def tell_all(said: Sequence[Said], *, names: Mapping[int, str], now: datetime) -> None:
    """`names` are those of the campaigns."""
    if said:
        ids = {one.delivery.record_id for one in said if one.delivery.record_id is not None}
        keys = dict(Record.objects.filter(pk__in=ids).values_list("pk", "key"))
        messages = [
            {
                "type": "track",
                "event": one.name,
                "messageId": one.message_id,
                **_who(one.delivery, keys.get(one.delivery.record_id or 0, "")),
                "timestamp": one.at.isoformat(),
                "properties": {
                    "campaign_id": one.delivery.campaign_id,
                    "campaign_name": names.get(one.delivery.campaign_id, ""),
                    "delivery": str(one.delivery.ref),
                    **({"variant": one.delivery.variant} if one.delivery.variant else {}),
                    **one.about,
                },
                "context": {"externalIds": [{"type": "email", "id": one.delivery.address}]},
            }
            for one in said
        ]
        inbox.put(internal_source().pk, messages, now=now, lane=InboxBatch.Lane.LIVE)
        transaction.on_commit(bell.ring)


def _who(delivery: Delivery, key: str) -> dict[str, str]:
    """The ids of the record the address came from, so that no new ones are made; else one of the address itself."""
    kind, _, value = key.partition(":")
    if kind in ("user", "anon") and value:
        return {"userId" if kind == "user" else "anonymousId": value}
    return {"anonymousId": f"mail-{hashlib.sha256(delivery.address.encode()).hexdigest()[:24]}"}
