"""How many people a campaign is for."""

from datetime import datetime

from campaigns import target
from campaigns.models import Campaign
from cdp.common.clock import deployment_zone
from cdp.rules.fields import RuleError


def audience_of(campaign: Campaign, *, now: datetime) -> int | None:
    """None while it is not counted, or cannot be."""
    try:
        return target.size(campaign, now=now, zone=deployment_zone())
    except RuleError:
        return None
