"""Campaigns with people in their ledger, without the way there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from campaigns.channels.base import Accepted, Message, Receipt
from campaigns.models import Campaign, Delivery, Template
from campaigns.send import Sending, send_batch, sending_of
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.taking_in import NOW

State = Delivery.State
CONTENT = {
    "version": 2,
    "subject": "Hi",
    "blocks": [
        {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"},
        {"id": "foot", "kind": "footer", "text": "A shop"},
    ],
}
_numbers = count(1)


def somebody(name: str, **traits: Any) -> Profile:
    return Profile.objects.create(
        traits={"email": f"{name}@x.org", **traits}, first_seen_at=NOW, last_seen_at=NOW, created_at=NOW
    )


def campaign_of(*people: Profile, due_at: datetime | None = NOW, **more: Any) -> Campaign:
    """On its way, its rows planned."""
    n = next(_numbers)
    template = Template.objects.create(name=f"T{n}", content=CONTENT, created_at=NOW, changed_at=NOW)
    values = {"state": Campaign.State.SENDING, "keeps_quiet": False, **more}
    campaign = Campaign.objects.create(
        name=f"C{n}", template=template, sender="S <s@x.org>", created_at=NOW, started_at=NOW, **values
    )
    plan(campaign, *people, due_at=due_at)
    return campaign


def plan(campaign: Campaign, *people: Profile, due_at: datetime | None = NOW, occurrence: str = "once") -> None:
    Delivery.objects.bulk_create(
        Delivery(
            profile_id=one.pk,
            campaign_id=campaign.pk,
            occurrence=occurrence,
            address=one.traits["email"],
            planned_at=NOW,
            due_at=due_at,
        )
        for one in people
    )


class Taking:
    """Takes everything and remembers it, lot by lot."""

    namespace = "email"

    def __init__(self) -> None:
        self.lots: list[list[str]] = []

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        self.lots.append([one.recipient.partition("@")[0] for one in messages])
        return {one.ref: Accepted() for one in messages}

    @property
    def taken(self) -> list[str]:
        return sorted(name for lot in self.lots for name in lot)


def sending(campaign: Campaign, channel: Any = None, *, now: datetime = NOW) -> Sending:
    found = Campaign.objects.select_related("template", "version", "topic__purpose", "purpose", "account")
    return sending_of(
        found.get(pk=campaign.pk), channel=channel or Taking(), base_url="https://cdp.example", zone=UTC, now=now
    )


def send(campaign: Campaign, *, now: datetime = NOW) -> list[str]:
    """All that is due; who got it."""
    channel = Taking()
    under_way = sending(campaign, channel, now=now)
    while send_batch(under_way, now=now):
        pass
    return channel.taken


def outcomes(campaign: Campaign) -> dict[str, str]:
    """Name → why not, or the state."""
    rows = Delivery.objects.filter(campaign_id=campaign.pk).order_by("occurrence")
    return {row.address.partition("@")[0]: row.reason or row.state for row in rows}
