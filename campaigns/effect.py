"""Which campaigns not yet sent people would get: to show what a merge would do."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from campaigns.target import rule_by_rules
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.sets import matching


def campaigns_of(profile_ids: Sequence[int], *, now: datetime, zone: ZoneInfo) -> dict[int, list[str]]:
    """Names of drafts and running campaigns whose audience they are in, by the rules of its segments."""
    found: dict[int, list[str]] = {}
    over = (Campaign.State.SENT, Campaign.State.CANCELLED)
    waiting = Campaign.objects.exclude(state__in=over).prefetch_related("included", "excluded").order_by("name")
    for campaign in waiting:
        try:
            node = rule_by_rules(campaign)
            members = matching(node, profile_ids, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))
        except RuleError:
            continue
        for profile_id in sorted(members):
            found.setdefault(profile_id, []).append(campaign.name)
    return found
