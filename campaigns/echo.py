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
        messages = [
            {
                "type": "track",
                "event": name,
                "messageId": f"{one.ref}:{name}:{once}"[:99],
                "anonymousId": f"mail-{hashlib.sha256(one.address.encode()).hexdigest()[:24]}",
                "timestamp": now.isoformat(),
                "properties": {
                    "campaign_id": campaign.pk,
                    "campaign_name": campaign.name,
                    "delivery": str(one.ref),
                    **(about or {}),
                },
                "context": {"externalIds": [{"type": "email", "id": one.address}]},
            }
            for one in deliveries
        ]
        inbox.put(internal_source().pk, messages, now=now, lane=InboxBatch.Lane.LIVE)
        transaction.on_commit(bell.ring)
