"""A recent real happening such as starts a campaign, for those who look at its mail while they write it."""

import json
from typing import Any

from django.db import connection

from campaigns.models import Campaign
from campaigns.triggers.definition import Kind

# The person's own first; of others only where the person never did it.
_OWN = """
select properties::text from events_event where profile_id = %s and name = %s order by occurred_at desc limit 1
"""
_ANYBODY = "select properties::text from events_event where name = %s order by occurred_at desc limit 1"


def context_for(campaign: Campaign | None, profile_id: int | None) -> dict[str, Any]:
    """As the ledger keeps it; empty where no event starts the campaign."""
    said = campaign.trigger if campaign is not None and campaign.kind == Campaign.Kind.TRIGGERED else {}
    if said.get("kind") != Kind.EVENT or not said.get("event"):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OWN, [profile_id or 0, said["event"]])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_ANYBODY, [said["event"]])
            row = cursor.fetchone()
    return {"event": json.loads(row[0])} if row else {}
