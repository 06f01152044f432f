"""People and campaigns to plan, made at once."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from campaigns.models import Campaign, Delivery, Template
from cdp.profiles.models import Profile
from segments.models import Membership, Segment
from tests.taking_in import NOW

numbers = count(1)
CONTENT = {
    "version": 2,
    "subject": "Hi",
    "preheader": "News",
    "blocks": [{"id": "t", "kind": "text", "text": "Hello"}, {"id": "foot", "kind": "footer", "text": "A shop"}],
}


def some_people(n: int, **traits: Any) -> list[int]:
    """With an address each, unless `email` says otherwise."""
    made = []
    for _ in range(n):
        given = {"email": f"p{next(numbers)}@x.org", **traits}
        known = {name: value for name, value in given.items() if value is not None}
        made.append(Profile(traits=known, first_seen_at=NOW, last_seen_at=NOW, created_at=NOW))
    return [one.pk for one in Profile.objects.bulk_create(made)]


def a_segment(ids: list[int], name: str = "") -> Segment:
    made = Segment.objects.create(
        name=name or f"Segment {next(numbers)}", rule={}, created_at=NOW, changed_at=NOW, size=len(ids)
    )
    Membership.objects.bulk_create(Membership(profile_id=pk, segment_id=made.pk, entered_at=NOW) for pk in ids)
    return made


def a_campaign(*included: Segment, excluded: tuple[Segment, ...] = (), **settings: Any) -> Campaign:
    name = f"Campaign {next(numbers)}"
    template = Template.objects.create(name=name, content=CONTENT, created_at=NOW, changed_at=NOW)
    made = Campaign.objects.create(name=name, template=template, sender="S <s@x.org>", created_at=NOW, **settings)
    made.included.set(included)
    made.excluded.set(excluded)
    return made


def planned(campaign: Campaign) -> dict[int, Delivery]:
    """Of a campaign that is planned once."""
    return {one.profile_id: one for one in Delivery.objects.filter(campaign_id=campaign.pk)}


def reasons(campaign: Campaign) -> dict[int, str]:
    return {pk: one.reason or one.state for pk, one in planned(campaign).items()}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
