"""Triggered campaigns that are on, and people for whom something happens."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from campaigns import draft
from campaigns.channels.mailbox import Mailbox
from campaigns.models import Campaign, Delivery, MailboxMessage, Triggered
from campaigns.send import send_batch, sending_of
from campaigns.triggers.listening import begin
from campaigns.triggers.read import read
from campaigns.triggers.set_up import Flow, set_up
from cdp.rules.tree import UTC
from segments.models import Segment
from tests.taking_in import NOW, identify, take_in, track

SIGNED_UP, ADDED, ORDERED = "Signed Up", "Product Added", "Order Completed"
BLOCKS = [
    {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"},
    {"id": "foot", "kind": "footer", "text": "A shop"},
]


def on_event(name: str = SIGNED_UP, **more: Any) -> dict[str, Any]:
    return {"kind": "event", "event": name, **more}


def a_campaign(
    trigger: Mapping[str, Any],
    *,
    name: str = "C",
    subject: str = "Hi",
    included: tuple[Segment, ...] = (),
    started_at: datetime = NOW,
    **flow: Any,
) -> Campaign:
    """Started."""
    plan = draft.Plan(name=name, included=included, topic=None, sender="S <s@x.org>", kind=Campaign.Kind.TRIGGERED)
    content = {"version": 2, "subject": subject, "blocks": BLOCKS}
    campaign = draft.create(plan, content=content, by=None, now=started_at)
    set_up(campaign, Flow(trigger, **flow))
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.SENDING, started_at=started_at)
    campaign.refresh_from_db()
    begin(campaign, now=started_at)
    return campaign


def a_person(name: str, *, at: datetime = NOW) -> None:
    take_in([identify(name, traits={"email": f"{name}@x.org", "name": name}, at=at)], now=at)


def happens(name: str, event: str = SIGNED_UP, *, at: datetime = NOW, **more: Any) -> None:
    """Taken in when it happens, unless `now` says otherwise."""
    now, lane = more.pop("now", at), more.pop("lane", "live")
    take_in([track(name, event, at=at, **more)], now=now, lane=lane)


def read_all(*, now: datetime = NOW) -> None:
    while read(now=now, zone=UTC):
        pass


def send_due(campaign: Campaign, *, now: datetime) -> None:
    sending = sending_of(campaign, channel=Mailbox(), base_url="https://cdp.example", zone=UTC, now=now)
    while send_batch(sending, now=now):
        pass


def planned(campaign: Campaign) -> list[tuple[str, datetime | None]]:
    """Whose message waits, and until when."""
    rows = Delivery.objects.filter(campaign_id=campaign.pk, state=Delivery.State.PLANNED)
    return sorted((one.address.partition("@")[0], one.due_at) for one in rows)


def outcomes(campaign: Campaign) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(campaign_id=campaign.pk)
    return sorted((one.address.partition("@")[0], one.reason or one.state) for one in rows)


def noted(campaign: Campaign) -> list[str]:
    rows = Triggered.objects.filter(campaign_id=campaign.pk).order_by("at", "occurrence")
    return [str(one.outcome) for one in rows]


def got() -> list[str]:
    return sorted(one.partition("@")[0] for one in MailboxMessage.objects.values_list("recipient", flat=True))


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)
