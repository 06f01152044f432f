"""Campaigns under test with people by the hundred, written straight into the tables that a test reads."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from campaigns.models import Campaign, Delivery, Template
from cdp.profiles.models import Profile
from tests.taking_in import NOW, ago

BEGAN = ago(days=3)
BLOCK: dict[str, Any] = {
    "id": "gift",
    "kind": "text",
    "text": "A gift",
    "when": {
        "version": 1,
        "root": {
            "kind": "event",
            "name": "Product Viewed",
            "op": "at_least",
            "value": 1,
            "window": {"kind": "last", "amount": 7, "unit": "day"},
        },
    },
}
CONTENT: dict[str, Any] = {
    "version": 2,
    "subject": "Hi",
    "blocks": [BLOCK, {"id": "foot", "kind": "footer", "text": "A shop"}],
}
DAYS = ["blocks", "gift", "when", "root", "window", "amount"]


def a_campaign(*weights: int, name: str = "Spring", **fields: Any) -> Campaign:
    """A draft, with a variant of each weight."""
    template = Template.objects.create(name=name, content=CONTENT, created_at=BEGAN, changed_at=BEGAN)
    made = Campaign.objects.create(name=name, template=template, sender="S <s@x.org>", created_at=BEGAN, **fields)
    for number, weight in enumerate(weights, start=1):
        made.variants.create(number=number, name="ABCDEF"[number - 1], weight=weight)
    return made


def started(campaign: Campaign, **fields: Any) -> Campaign:
    for name, value in {"state": "sending", "started_at": BEGAN, **fields}.items():
        setattr(campaign, name, value)
    campaign.save()
    return campaign


def people(n: int) -> list[int]:
    made = Profile.objects.bulk_create(
        [Profile(first_seen_at=BEGAN, last_seen_at=BEGAN, created_at=BEGAN) for _ in range(n)]
    )
    return [one.pk for one in made]


def mails(campaign: Campaign, ids: list[int], *, clicked: int = 0, ordered: int = 0, **fields: Any) -> list[Delivery]:
    """Accepted unless said otherwise; the first `clicked` of them clicked, the first `ordered` ordered."""
    kept = {"occurrence": "once", "state": "accepted", "planned_at": BEGAN, "due_at": BEGAN, "settled_at": BEGAN}
    rows = [
        Delivery(
            profile_id=pk,
            campaign_id=campaign.pk,
            address=f"{pk}@x.org",
            clicked_at=BEGAN if index < clicked else None,
            converted_at=BEGAN if index < ordered else None,
            **(kept | fields),
        )
        for index, pk in enumerate(ids)
    ]
    return Delivery.objects.bulk_create(rows)


def orders(ids: list[int], *, at: datetime = NOW - timedelta(days=2), total: float = 50, prefix: str = "o") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into events_order (profile_id, order_id, record_id, ordered_at, total, refunded, is_cancelled)"
            " select id, %s || id, 1, %s, %s, 0, false from unnest(%s::bigint[]) id",
            [prefix, at, total, ids],
        )


def earned(mails: list[Delivery], *, value: float = 50, at: datetime = NOW - timedelta(days=2)) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_conversion (profile_id, order_id, campaign_id, delivery, by, touched_at, at, value)"
            " select d.profile_id, 'k' || d.profile_id, d.campaign_id, d.ref, 'click', %s, %s, %s"
            " from campaigns_delivery d where d.ref = any(%s::uuid[])",
            [at, at, value, [str(one.ref) for one in mails]],
        )
