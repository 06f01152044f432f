"""What is to be planned now, of all campaigns: the work of one beat."""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns import occurrences, sweep, verbs
from campaigns.models import Campaign
from cdp.rules.fields import RuleError

log = logging.getLogger(__name__)
TURN = 4
"""Lots of one campaign in one turn, so that campaigns take turns."""


def plan_some(*, now: datetime, zone: ZoneInfo) -> bool:
    """Whether more is left at once. Campaigns take turns."""
    is_more = False
    for campaign_id in occurrences.due(now=now):
        is_more = _plan(campaign_id, now, zone) or is_more
    for campaign_id in sweep.unswept():
        is_more = sweep.sweep(campaign_id, now=now) >= sweep.AT_ONCE or is_more
    sweep.end_over(now=now)
    return is_more


def _plan(campaign_id: int, now: datetime, zone: ZoneInfo) -> bool:
    try:
        occurrences.begin(campaign_id, now=now, zone=zone)
    except RuleError as error:
        _stop(campaign_id, now, f"Its audience cannot be read any more: {error.message}.")
        return False
    return all(occurrences.plan_next(campaign_id, now=now, zone=zone) is not None for _ in range(TURN))


def _stop(campaign_id: int, now: datetime, why: str) -> None:
    """It waits for somebody who puts it right, and does not stop the others."""
    log.warning("campaign %s was paused: %s", campaign_id, why)
    try:
        verbs.pause(Campaign.objects.get(pk=campaign_id), by=None, now=now, why=why)
    except verbs.NotNow:
        return
