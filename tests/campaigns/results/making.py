"""The smallest campaigns, mails, clicks and orders."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from campaigns.models import Campaign, Delivery, Hit, Offer, OfferCode, OfferRedemption, Template
from campaigns.results.attribute import read_again, read_touched
from cdp.profiles.models import Record
from cdp.rules.tree import UTC
from tests.taking_in import NOW, ago, identify, take_in, track

SENT = ago(days=30)
CONTENT: dict[str, Any] = {
    "version": 2,
    "subject": "Hi",
    "blocks": [
        {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"},
        {"id": "foot", "kind": "footer", "text": "A shop"},
    ],
}


def a_campaign(name: str = "C", *, content: dict[str, Any] = CONTENT, **fields: Any) -> Campaign:
    """Sent."""
    template = Template.objects.create(name=name, content=content, created_at=SENT, changed_at=SENT)
    kept = {"state": "sent", "sender": "S <s@x.org>", "created_at": SENT, "started_at": SENT, "finished_at": SENT}
    return Campaign.objects.create(name=name, template=template, **(kept | fields))


def person(name: str) -> Record:
    """Known by a device only, so that a steward may say that two are one."""
    take_in([identify(anonymousId=name, traits={"name": name})])
    return Record.objects.get(key=f"anon:{name}")


def a_mail(campaign: Campaign, record: Record | None = None, **fields: Any) -> Delivery:
    """Delivered, unless said otherwise."""
    profile_id = record.profile_id if record else fields.pop("profile_id")
    kept = {
        "occurrence": "once",
        "state": "accepted",
        "record_id": record.pk if record else None,
        "address": f"{profile_id}@x.org",
        "planned_at": SENT,
        "due_at": SENT,
        "settled_at": SENT,
    }
    return Delivery.objects.create(profile_id=profile_id, campaign_id=campaign.pk, **(kept | fields))


def hit(mail: Delivery, *, at: datetime = NOW, kind: str = "click", verdict: str = "human", **more: Any) -> Hit:
    return Hit.objects.create(
        profile_id=mail.profile_id,
        id=uuid4(),
        campaign_id=mail.campaign_id,
        ref=mail.ref,
        record_id=mail.record_id,
        kind=kind,
        at=at,
        verdict=verdict,
        is_waiting=False,
        **more,
    )


def order(
    name: str, order_id: str, *, at: datetime = NOW, verb: str = "Completed", **properties: Any
) -> dict[str, Any]:
    total = {"total": 100} if verb in ("Completed", "Updated") else {}
    said = {"order_id": order_id, **total, **properties}
    return track(event=f"Order {verb}", at=at, anonymousId=name, properties=said)


def redeemed(mail: Delivery, discount: int | None, *, is_taken_back: bool = False) -> OfferRedemption:
    """Somebody ordered with the code that the mail gave."""
    offer, _ = Offer.objects.get_or_create(
        key="ten",
        defaults={"name": "Ten", "kind": "percent", "codes": "generated", "created_at": SENT, "changed_at": SENT},
    )
    code = OfferCode.objects.create(offer=offer, code=f"C{mail.profile_id}", is_own=True, delivery=mail.ref)
    return OfferRedemption.objects.create(
        offer=offer,
        code=code.code,
        given=code,
        profile_id=mail.profile_id,
        order_id=code.code,
        at=NOW,
        value=100,
        discount=discount,
        is_taken_back=is_taken_back,
    )


def read(*, again: bool = False) -> None:
    """`again`: clicks that a test wrote itself rang no bell."""
    if again:
        read_again(now=NOW)
    while read_touched(now=NOW):
        pass


__all__ = [
    "CONTENT",
    "NOW",
    "SENT",
    "UTC",
    "a_campaign",
    "a_mail",
    "ago",
    "hit",
    "order",
    "person",
    "read",
    "redeemed",
    "take_in",
]
