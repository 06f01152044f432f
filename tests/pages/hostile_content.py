"""Proof S5 where messages are made: script in templates, campaigns, offers, feeds, seeds, and in what was sent."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from campaigns.check.job import start_check
from campaigns.check.run import run as check
from campaigns.content.compose import compose, press_for
from campaigns.content.press import About, Made, Recipient
from campaigns.mime import mime
from campaigns.models import Campaign, Feed, MailboxMessage, Offer, OfferCode, Seed, Template, TemplateVersion
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from segments.models import Segment
from segments.refresh import refresh_fully
from tests.campaigns.check.making import given
from tests.cdp.rules.test_rules import VIEW, event, rule, trait
from tests.polyglots import POLYGLOTS
from tests.segments.test_refresh import a_segment

CAMPAIGNS, OTHERS = 2, 4
"""Pages of each kind that are walked are fewer than the texts: blocks hold all of them."""


def hostile_content(*, now: datetime) -> None:
    segment = a_segment(event(VIEW))
    refresh_fully(segment.pk, now=now, zone=UTC)
    for n, text in enumerate(POLYGLOTS[:CAMPAIGNS]):
        campaign = hostile_campaign(text, segment, of=POLYGLOTS[n::CAMPAIGNS], now=now)
        started = start_check(campaign, by=None, now=now)
        assert started.job_id
        check(started.job_id, given=given(clock=lambda: now))
        started.refresh_from_db()
        assert started.finished_at
        start_check(campaign, by=None, now=now)  # which no worker takes: the page tells of both
    for text in POLYGLOTS[:OTHERS]:
        hostile_thing(text, now=now)
    for n, text in enumerate(POLYGLOTS):
        hostile_mail(text, now=now - timedelta(seconds=n))


def hostile_campaign(text: str, segment: Segment, *, of: list[str], now: datetime) -> Campaign:
    mail = Template.objects.create(name=text[:120], content=content(of), created_at=now, changed_at=now)
    TemplateVersion.objects.create(template=mail, number=1, content=mail.content, note=text[:200], begun_at=now, at=now)
    campaign = Campaign.objects.create(name=text[:120], template=mail, sender=f"{text[:60]} <s@x.org>", created_at=now)
    campaign.included.set([segment])
    return campaign


def content(texts: list[str]) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    for n, text in enumerate(texts):
        when = rule(trait("name", "is", text[:200]))
        blocks += [
            {"id": f"t{n}", "kind": "text", "text": text, "when": when, "label": text[:60]},
            {"id": f"h{n}", "kind": "heading", "text": {"cases": [{"when": when, "then": text}], "else": "Hi"}},
            {"id": f"b{n}", "kind": "button", "text": text, "url": "https://x.org/"},
            {
                "id": f"o{n}",
                "kind": "offer",
                "offer": "o0",
                "title": text,
                "text": text,
                "button": "Go",
                "without": text,
            },
            {"id": f"i{n}", "kind": "image", "src": text, "alt": text},
            {"id": f"w{n}", "kind": "html", "source": text},
        ]
    said = "{{ name | default: 'x' }}"
    blocks += [{"id": "known", "kind": "text", "text": said}, {"id": "foot", "kind": "footer", "text": texts[0]}]
    return {"version": 2, "subject": f"{texts[0]} {said}", "preheader": texts[0], "blocks": blocks}


def hostile_thing(text: str, *, now: datetime) -> None:
    """A template, a module, an offer, a feed and a seed that are called so."""
    n = Template.objects.count()
    for kind in (Template.Kind.SAVED, Template.Kind.MODULE):
        Template.objects.create(name=text[:120], kind=kind, content=content([text]), created_at=now, changed_at=now)
    offer = Offer.objects.create(
        key=f"o{n}", name=text[:120], kind="percent", value=10, terms=text, codes="shared", shared_code=text[:60],
        created_at=now, changed_at=now,
    )  # fmt: skip
    person = Profile.objects.first()
    assert person
    OfferCode.objects.create(
        offer=offer, code=text[:60], is_own=False, delivery=uuid4(), profile_id=person.pk, given_at=now
    )
    Feed.objects.create(
        key=f"f{n}", name=text[:120], url="https://x.org/", last_error=text[:300], fallback={text: text},
        created_at=now, changed_at=now,
    )  # fmt: skip
    Seed.objects.create(address=f"s{n}@x.org", name=text[:120], created_at=now)


def hostile_mail(text: str, *, now: datetime) -> None:
    """What somebody of that name was sent."""
    person = Profile.objects.filter(traits__name=text).first()
    if person is None:
        return
    held = {"version": 2, "subject": "{{ name | default: 'x' }}", "preheader": "{{ name | default: 'x' }}", "blocks": [
        {"id": "a", "kind": "text", "text": "{{ name | default: 'x' }}"},
        {"id": "b", "kind": "html", "source": "<p title='{{ name }}'>{{ name }}</p>"},
        {"id": "c", "kind": "footer", "text": "A shop"},
    ]}  # fmt: skip
    press = press_for(held, about=About("https://cdp.example", UTC, is_tracked=False), now=now)
    to = Recipient(person.pk, uuid4(), "a@x.org")
    (made,) = compose(press, [to], now=now, rehearsal=True)
    assert isinstance(made, Made), made
    MailboxMessage.objects.create(
        ref=to.ref,
        profile_id=person.pk,
        recipient=text,
        subject=made.rendered.subject,
        source=mime(
            made.rendered,
            ref=to.ref,
            sender="S <s@x.org>",
            recipient="a@x.org",
            unsubscribe_url="https://u.example/",
            now=now,
        ),
        note=text[:200],
        at=now,
    )
