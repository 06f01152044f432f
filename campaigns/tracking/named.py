"""What web analytics is told of a campaign."""

from campaigns.models import Campaign
from campaigns.policy import policy
from campaigns.utm import Utm, utm_of


def utm_for(campaign: Campaign, *, variant: str = "") -> Utm:
    """Empty where the campaign wants none."""
    if not campaign.adds_utm:
        return ()
    return utm_of(campaign.utm, source=policy().company, campaign=campaign.name, content=variant)
