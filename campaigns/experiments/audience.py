"""How many people a campaign is for."""

from datetime import datetime

from campaigns.models import Campaign


def audience_of(campaign: Campaign, *, now: datetime) -> int | None:
    """None while it is not counted."""
    return campaign.segment.size
