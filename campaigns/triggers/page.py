"""What the pages of a triggered campaign show."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Campaign, Listening
from campaigns.triggers.figures import figures
from campaigns.triggers.words import said
from cdp.rules.days import midnight


def section(campaign: Campaign, *, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Of campaigns of other kinds nothing."""
    if campaign.kind != Campaign.Kind.TRIGGERED:
        return {"campaign": campaign}
    today = midnight(now.astimezone(zone).date(), zone)
    failed = Listening.objects.filter(pk=campaign.pk).exclude(error="").first()
    shown = {"failed": failed, "triggered": figures(campaign, now=now, midnight=today)}
    return {"campaign": campaign, "said": said(campaign), **shown}
