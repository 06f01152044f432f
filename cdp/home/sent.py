"""Campaigns that run, and what became of those that sent lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.models import Campaign

State = Campaign.State
MOST_RUNNING, MOST_SENT = 4, 5
RUNNING = (State.SENDING, State.SCHEDULED, State.PAUSED, State.WAITING)


@dataclass(frozen=True)
class Sent:
    campaign: Campaign
    counts: dict[str, Any]


@dataclass(frozen=True)
class Running:
    rows: list[Campaign]
    n: int

    @property
    def more(self) -> int:
        return self.n - len(self.rows)


def running() -> Running:
    rows = Campaign.objects.filter(state__in=RUNNING).order_by("-started_at", "-id")
    return Running(list(rows[:MOST_RUNNING]), rows.count())


def sent(results: Sequence[dict[str, Any]]) -> list[Sent]:
    """The newest first."""
    campaigns = Campaign.objects.in_bulk([one["campaign"] for one in results])
    found = [Sent(campaigns[one["campaign"]], one) for one in results if one["campaign"] in campaigns]
    return sorted(found, key=_newest, reverse=True)[:MOST_SENT]


def _newest(one: Sent) -> tuple[datetime, int]:
    campaign = one.campaign
    return campaign.started_at or campaign.created_at, campaign.pk


def totals(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(one[name] for one in results) for name in ("sent", "delivered", "clicked", "orders", "revenue")}
