"""What happens to our mails comes back as events, through the same inbox as everything else."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, Delivery
from cdp.events import bell, inbox
from cdp.events.models import InboxBatch
from cdp.events.ourselves import internal_source
from cdp.profiles.models import Record


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
    if deliveries:
        keys = dict(Record.objects.filter(pk__in=[one.record_id for one in deliveries]).values_list("pk", "key"))
        messages = [
            {
                "type": "track",
                "event": name,
                "messageId": f"{one.ref}:{name}:{once}"[:99],
                **_who(one, keys.get(one.record_id or 0, "")),
                "timestamp": now.isoformat(),
                "properties": {
                    "campaign_id": campaign.pk,
                    "campaign_name": campaign.name,
                    "delivery": str(one.ref),
                    **({"variant": one.variant} if one.variant else {}),
                    **(about or {}),
                },
                "context": {"externalIds": [{"type": "email", "id": one.address}]},
            }
            for one in deliveries
        ]
        inbox.put(internal_source().pk, messages, now=now, lane=InboxBatch.Lane.LIVE)
        transaction.on_commit(bell.ring)


def _who(delivery: Delivery, key: str) -> dict[str, str]:
    """The ids of the record the address came from, so that no new ones are made; else one of the address itself."""
    kind, _, value = key.partition(":")
    if kind in ("user", "anon") and value:
        return {"userId" if kind == "user" else "anonymousId": value}
    return {"anonymousId": f"mail-{hashlib.sha256(delivery.address.encode()).hexdigest()[:24]}"}
