"""What is read out of a large ledger, kept for a while (cdp/common/readouts.py)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from campaigns.models import Campaign
from campaigns.results.figures import Results, results_of
from cdp.common.readouts import Kept, kept, kept_soon

Value = TypeVar("Value")


def results_kept(campaign: Campaign, *, now: datetime) -> Kept[Results]:
    return kept_of(campaign, lambda: results_of(campaign), "results", now=now)


def kept_of(campaign: Campaign, make: Callable[[], Value], *about: object, now: datetime) -> Kept[Value]:
    """What somebody says of the campaign itself shows at once."""
    return kept(make, *_said(campaign), *about, now=now)


def soon_of(campaign: Campaign, make: Callable[[], Value], *about: object, now: datetime) -> Kept[Value] | None:
    return kept_soon(make, *_said(campaign), *about, now=now)


def _said(campaign: Campaign) -> tuple[object, ...]:
    costs = campaign.cost, campaign.message_cost, campaign.conversion_days
    return "campaign", campaign.pk, campaign.state, campaign.winner, *costs
