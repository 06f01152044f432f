"""Says what starts a campaign, and what must hold when it writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from campaigns.models import Campaign
from campaigns.policy import policy
from campaigns.triggers.definition import parse_condition, parse_exit, parse_trigger


class NotNow(Exception):
    """It is under way. Pause it to change when it writes; where campaigns need approval, begin a new one."""


@dataclass(frozen=True)
class Flow:
    """As the campaign keeps it."""

    trigger: Mapping[str, Any]
    delay_s: int = 0
    condition: Mapping[str, Any] | None = None
    exit: Mapping[str, Any] | None = None
    reentry_days: int | None = None


def may_change(campaign: Campaign) -> bool:
    """What somebody approved stays as it was approved."""
    states = Campaign.State
    return campaign.state == states.DRAFT or (campaign.state == states.PAUSED and not policy().needs_approval)


def set_up(campaign: Campaign, flow: Flow) -> None:
    """Makes it a triggered one. Raises RuleError, or NotNow. Those who wait already go by the new condition and exit,
    and keep the time at which they are due."""
    parse_trigger(flow.trigger, of=campaign.pk)
    parse_condition(flow.condition)
    parse_exit(flow.exit)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if not may_change(locked):
            raise NotNow(NotNow.__doc__)
        locked.kind = Campaign.Kind.TRIGGERED
        locked.trigger, locked.delay_s = dict(flow.trigger), flow.delay_s
        locked.condition = dict(flow.condition) if flow.condition else None
        locked.exit = dict(flow.exit) if flow.exit else None
        locked.reentry_days = flow.reentry_days
        locked.save(update_fields=["kind", "trigger", "delay_s", "condition", "exit", "reentry_days"])
