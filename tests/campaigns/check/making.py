"""A campaign and its check, from the button to the verdict."""

from collections.abc import Callable
from typing import Any

from campaigns.check.job import start_check
from campaigns.check.points import Points, points_of
from campaigns.check.result import result_of
from campaigns.check.run import With, run
from campaigns.content.press import About
from campaigns.models import Campaign, Check, Template
from cdp.common.outbound import Client, Policy
from cdp.privacy.models import Topic
from cdp.profiles.models import Identifier
from cdp.rules.tree import UTC
from segments.models import Segment
from tests.cdp.rules.test_rules import VIEW, event
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW, identify, take_in, track

BASE = "https://cdp.example"
FOOTER = {"id": "foot", "kind": "footer", "text": "A shop"}
Block = dict[str, Any]


def text(name: str, words: str, **more: Any) -> Block:
    return {"id": name, "kind": "text", "text": words, **more}


def button(name: str, url: Any, **more: Any) -> Block:
    return {"id": name, "kind": "button", "text": "See it", "url": url, **more}


def content(*blocks: Block, subject: Any = "Hello there", **more: Any) -> dict[str, Any]:
    return {"version": 2, "subject": subject, "preheader": "News of the week", "blocks": [*blocks, FOOTER], **more}


def viewers(**traits: dict[str, Any]) -> dict[str, int]:
    """People who viewed something, with an address each unless told otherwise. Name → profile id."""
    for name, known in traits.items():
        given = {"email": f"{name}@x.org", **known}
        said = {key: value for key, value in given.items() if value is not None}
        take_in([identify(name, traits=said), track(name, VIEW)])
    edges = Identifier.objects.filter(namespace="user_id", value__in=traits)
    return dict(edges.values_list("value", "profile_id"))


def a_campaign(held: Any, *, segment: Segment | None = None, topic: Topic | None = None) -> Campaign:
    template = Template.objects.create(name="T", content=held, created_at=NOW, changed_at=NOW)
    campaign = Campaign.objects.create(
        name=f"Campaign {template.pk}",
        template=template,
        topic=topic,
        sender="S <s@x.org>",
        created_at=NOW,
    )
    campaign.included.set([segment or a_segment(event(VIEW))])
    return campaign


def given(*, own: tuple[str, ...] = (), clock: Callable[[], Any] = lambda: NOW) -> With:
    """`own` are the addresses that may be asked besides the public internet."""
    return With(About(BASE, UTC, campaign="C", is_tracked=False), clock, lambda: Client(Policy(own=own)))


def checked(campaign: Campaign, **how: Any) -> Check:
    check = start_check(campaign, by=None, now=NOW)
    assert check.job is not None
    run(check.job.pk, given=given(**how))
    check.refresh_from_db()
    return check


def points(check: Check) -> Points:
    return points_of(check, result_of(check))


def words(check: Check) -> list[str]:
    """Errors, then warnings."""
    found = points(check)
    return [one.words for one in (*found.errors, *found.warnings)]
