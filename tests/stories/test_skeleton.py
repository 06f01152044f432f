"""The whole path, thin: an event, its profile, a segment, a score, a mail with a condition, and its click back."""

import json
import re
from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Delivery, MailboxMessage
from campaigns.tracking.settle import settle
from campaigns.tasks import send
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.events.models import Event
from cdp.pipeline import drain_inbox
from cdp.profiles.models import Identifier, Profile
from cdp.rules.tree import UTC
from scoring import runs
from scoring.jobs import KIND
from scoring.models import Predictor, Score
from scoring.tasks import train_and_score
from scoring.train import train
from segments.models import Membership, MembershipChange, Segment
from segments.refresh import refresh_changes
from segments.tasks import refresh, refresh_stale
from tests.cast import Cast, the_cast
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule
from tests.taking_in import identify, source, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return the_cast()


def a_year_of_trade() -> None:
    """Enough people with and without a habit of buying for a predictor to learn from."""
    now = utc_now()
    sent: list[dict[str, Any]] = []
    for person in range(160):
        sent.append(track(f"u{person}", "Page Viewed", at=now - timedelta(days=300 - person / 2)))
        for week in range(40):
            if (week * 7 + person) % (2 if person % 2 else 23) == 0:
                about = {"order_id": f"{person}-{week}", "total": 10}
                sent.append(track(f"u{person}", BUY, at=now - timedelta(days=7 * week, hours=person), properties=about))
    take_in(sent, lane="bulk", now=now)


def rows_of(client: Client, name: str, **arguments: Any) -> str:
    answer = client.get(reverse(name, kwargs=arguments or None))
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_an_event_to_the_click_of_a_mail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.tasks.train", partial(train, budget_s=0.0))  # the cheap candidates only
    mara = cast.client("mara")
    now = utc_now()

    # an event makes a profile
    ada_said = identify("ada", at=now, traits={"email": "ada@shop.example", "firstName": "Ada <b>"})
    bob_said = identify("bob", at=now, traits={"email": "bob@shop.example", "firstName": "Bob"})
    viewed = [track(name, VIEW, at=now, properties={"category": "shoes"}) for name in ("ada", "bob", "cat")]
    vip = identify("ada", at=now, traits={"level": "gold"})
    take_in([ada_said, bob_said, vip, *viewed], now=now)
    ada = Profile.objects.get(traits__email="ada@shop.example")

    # a segment of one rule, built in the browser and refreshed by a worker
    seven_days = rule(event(VIEW, window=last(7)))
    preview = mara.post(reverse("segments:preview"), {"rule": json.dumps(seven_days)})
    assert "People who did Product Viewed in the last 7 days" in preview.content.decode()
    assert ">3<" in preview.content.decode()
    made = mara.post(reverse("segments:new"), {"name": "Viewed", "rule": json.dumps(seven_days)})
    segment = Segment.objects.get(name="Viewed")
    assert made["Location"] == reverse("segments:segment", kwargs={"pk": segment.pk})
    refresh_stale.apply()
    refresh.apply()
    assert Membership.objects.filter(segment_id=segment.pk).count() == 3
    page = rows_of(mara, "segments:segment", pk=segment.pk)
    assert "Ada &lt;b&gt;" in page
    assert set(MembershipChange.objects.values_list("cause", flat=True)) == {"first"}

    # a later event brings another person in, incrementally
    take_in([track("dan", VIEW, at=now)], now=now)
    refresh.apply()
    assert MembershipChange.objects.latest("id").cause == "event"

    # a score from one simple model
    a_year_of_trade()
    mara.post(reverse("scoring:start", kwargs={"key": "buys"}))
    predictor = Predictor.objects.get()
    train_and_score.apply(args=(Job.objects.get(kind=KIND).pk,))
    runs.work(Job.objects.get(kind=runs.KIND).pk, clock=utc_now)
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert "Measured on" in rows_of(mara, "scoring:predictor", pk=predictor.pk)
    assert Score.objects.filter(predictor_id=predictor.pk).count() == Profile.objects.filter(merged_into=None).count()

    # a campaign mail with one conditional block, in the local mailbox
    gold = rule({"kind": "trait", "name": "level", "op": "is", "value": "gold"})
    blocks = [
        {"id": "a", "kind": "heading", "text": 'Hello {{ firstName | default: "you" }}'},
        {
            "id": "b",
            "kind": "text",
            "text": "A gold gift",
            "when": gold,
            "else": {"id": "c", "kind": "text", "text": "Become gold"},
        },
        {"id": "d", "kind": "button", "text": "To the shop", "url": "https://shop.example/?a=1&b=2"},
    ]
    content = {"version": 2, "subject": "For {{ firstName | default: 'you' }}", "preheader": "", "blocks": blocks}
    form = {
        "name": "Hello",
        "included": [segment.pk],
        "sender": "Shop <shop@example.com>",
    }
    mara.post(reverse("campaigns:new"), form)
    campaign = Campaign.objects.get()
    mail = campaign.template
    saved = {"content": content, "revision": mail.revision}
    mara.post(reverse("campaigns:editor_save", args=[mail.pk]), saved, content_type="application/json")
    for _ in range(2):
        mara.post(reverse("campaigns:send", kwargs={"pk": campaign.pk}), {"without_check": "yes"})
    send.apply()
    send.apply()
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.SENT
    assert sorted(MailboxMessage.objects.values_list("recipient", flat=True)) == [
        "ada@shop.example",
        "bob@shop.example",
    ]
    assert Delivery.objects.filter(reason=Delivery.Reason.NO_ADDRESS).count() == 2
    results = rows_of(mara, "campaigns:campaign", pk=campaign.pk)
    assert "no e-mail address" in results
    to_ada = MailboxMessage.objects.get(recipient="ada@shop.example")
    assert Delivery.objects.get(ref=to_ada.ref).branches == {"b": 0}
    assert "For Ada &lt;b&gt;" in rows_of(mara, "campaigns:mail", ref=to_ada.ref)
    shown = mara.get(reverse("campaigns:mail_html", kwargs={"ref": to_ada.ref}))
    html = shown.content.decode()
    assert "Hello Ada &lt;b&gt;" in html
    assert "A gold gift" in html
    assert "Become gold" not in html
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "default-src 'none'" in shown["Content-Security-Policy"]

    # its click comes back as an event on the profile
    link = next(url for url in re.findall(r'href="([^"]+)"', html) if "/campaigns/c/" in url)
    clicked = Client().get("/" + unescape(link).split("/", 3)[3], headers={"user-agent": "Firefox/128.0"})
    target = "https://shop.example/?a=1&b=2&utm_source=tributary&utm_medium=email&utm_campaign=hello"
    assert (clicked.status_code, clicked["Location"]) == (302, target)
    settle(now=utc_now() + timedelta(minutes=1), hold=timedelta(seconds=10))
    drain_inbox.apply()
    told = Event.objects.filter(profile_id=ada.pk, name__startswith="Email ").order_by("name")
    assert [one.name for one in told] == ["Email Delivered", "Email Link Clicked", "Email Opened"]
    assert told[1].properties["link_url"] == target
    assert told[1].source_id != source().pk
    known = Identifier.objects.filter(profile_id=ada.pk).values_list("namespace", "value").distinct()
    assert sorted(known) == [("email", "ada@shop.example"), ("user_id", "ada")]
    assert "1" in rows_of(mara, "campaigns:campaign", pk=campaign.pk)

    # and time alone takes everybody out of the segment again
    refresh_changes(now=utc_now() + timedelta(days=8), zone=UTC)
    assert Membership.objects.filter(segment_id=segment.pk).count() == 0
    assert MembershipChange.objects.latest("id").cause == "time"
