"""From the pixel and the links of a mail to what its delivery and its events say: people and machines kept apart."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from html import unescape
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from campaigns import audience, links
from campaigns.models import Delivery, Hit, MailboxMessage
from campaigns.tracking import hits, told
from campaigns.tracking.hits import Seen
from campaigns.tracking.settle import settle
from campaigns.views import visitors
from cdp.events.models import Event
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from tests.campaigns.test_send import FIREFOX, a_campaign, delivered, send_all
from tests.cast import Cast, the_cast
from tests.cdp.rules.test_rules import event, rule
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
HOLD = timedelta(seconds=10)
SHOP = "https://shop.example/"


@pytest.fixture
def cast() -> Cast:
    return the_cast()


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def asks(
    url: str, *, at: datetime, agent: str = FIREFOX, ip: str = "198.51.100.1", method: str = "get", **more: Any
) -> Any:
    with patch.object(visitors, "utc_now", lambda: at):
        return getattr(Client(REMOTE_ADDR=ip), method)(url, headers={"user-agent": agent, **more})


def judged(at: datetime) -> Delivery:
    settle(now=at, hold=HOLD)
    return Delivery.objects.get()


def events(at: datetime) -> list[str]:
    drain("live", now=at)
    return sorted(
        Event.objects.filter(name__startswith="Email ").exclude(name="Email Delivered").values_list("name", flat=True)
    )


def test_an_open_and_a_click_of_a_person() -> None:
    one = delivered()
    pixel = asks(links.pixel_url("", one.ref), at=after(60))
    assert (pixel.status_code, pixel["Content-Type"], len(pixel.content)) == (200, "image/gif", 42)
    assert "no-store" in pixel["Cache-Control"]
    asks(links.click_url("", one.ref, SHOP, "go"), at=after(65))
    assert not judged(after(70)).opened_at, "it is waited for what comes along"
    row = judged(after(76))
    assert (row.opened_at, row.clicked_at) == (after(60), after(65))
    assert (row.machine_opened_at, row.machine_clicked_at) == (None, None)
    judged(after(90))
    assert events(after(99)) == ["Email Link Clicked", "Email Opened"]
    about = Event.objects.get(name="Email Link Clicked")
    assert about.occurred_at == after(65)
    assert {key: about.properties[key] for key in ("link_url", "block", "is_machine", "campaign_name")} == {
        "link_url": SHOP, "block": "go", "is_machine": False, "campaign_name": "C"
    }  # fmt: skip


def test_machines_are_kept_apart_and_no_segment_counts_them_by_default() -> None:
    one = delivered()
    drain("live", now=after(30))
    seen = Profile.objects.get().last_seen_at
    asks(links.pixel_url("", one.ref), at=after(60), agent="Mozilla/5.0")
    asks(links.click_url("", one.ref, SHOP), at=after(61), agent="Barracuda Sentinel (EE)")
    asks(links.click_url("", one.ref, SHOP), at=after(62), method="head")
    asks(links.click_url("", one.ref, SHOP), at=after(63), purpose="prefetch")
    row = judged(after(80))
    assert (row.opened_at, row.clicked_at) == (None, None)
    assert (row.machine_opened_at, row.machine_clicked_at) == (after(60), after(61))
    assert events(after(99)) == [*["Email Link Clicked by Machine"] * 3, "Email Opened by Machine"]
    assert all(one.properties["is_machine"] for one in Event.objects.filter(name__endswith="Machine"))
    for name in ("Email Link Clicked", "Email Opened"):
        assert matching(parse(rule(event(name))), [one.profile_id], now=after(99)) == set()
    assert Profile.objects.get().last_seen_at == seen, "who did nothing was not seen"


def test_who_clicks_had_opened_the_mail_whatever_its_pictures_say() -> None:
    one = delivered()
    asks(links.pixel_url("", one.ref), at=after(60), agent="Mozilla/5.0")
    asks(links.click_url("", one.ref, SHOP), at=after(600))
    row = judged(after(700))
    assert (row.opened_at, row.machine_opened_at) == (after(600), after(60))
    assert events(after(800)) == ["Email Link Clicked", "Email Opened", "Email Opened by Machine"]
    asks(links.pixel_url("", one.ref), at=after(900))
    assert judged(after(1000)).opened_at == after(600)


def test_the_hidden_link_takes_back_what_was_told_before() -> None:
    one = delivered()
    asks(links.click_url("", one.ref, SHOP), at=after(60), ip="203.0.113.9")
    assert judged(after(75)).clicked_at == after(60)
    trap = asks(links.trap_url("", one.ref), at=after(80), ip="203.0.113.9")
    assert trap.status_code == 200 and "Location" not in trap
    row = judged(after(95))
    assert (row.clicked_at, row.opened_at, row.machine_clicked_at) == (None, None, after(60))
    assert Hit.objects.filter(verdict="machine").count() == 2
    assert events(after(99)) == ["Email Link Click Taken Back", "Email Link Clicked", "Email Opened"]


def test_a_delivery_asked_for_without_a_pause_is_judged_all_the_same() -> None:
    one = delivered()
    for second in range(60, 130, 5):
        asks(links.pixel_url("", one.ref), at=after(second))
    assert judged(after(131)).opened_at == after(60)


def test_the_mail_itself_leads_there() -> None:
    """Pixel and hidden link stand in the HTML part alone, and what they lead to is counted."""
    one = delivered()
    parsed = message_from_bytes(bytes(MailboxMessage.objects.get().source), policy=policy.default)
    text, html = (str(part.get_content()) for part in parsed.iter_parts())
    assert links.trap_url("https://cdp.example", one.ref) in html
    assert links.trap_url("https://cdp.example", one.ref) not in text
    pixel = re.findall(r'<img src="([^"]+)" width="1"', html)[-1]
    assert html.index(pixel) < html.index("</body>")
    asks(pixel.removeprefix("https://cdp.example"), at=after(60))
    button = next(unescape(url) for url in re.findall(r'href="([^"]+)"', html) if "/campaigns/c/" in url)
    answer = asks(button.removeprefix("https://cdp.example"), at=after(61))
    assert answer["Location"] == SHOP + "?utm_source=tributary&utm_medium=email&utm_campaign=c"
    assert set(Hit.objects.values_list("kind", "block")) == {("open", ""), ("click", "go")}


def test_who_clicks_arrives_even_while_the_database_is_away() -> None:
    url = links.click_url("", delivered().ref, SHOP)
    with patch.object(hits, "keep", side_effect=OperationalError("gone")):
        assert asks(url, at=after(60))["Location"] == SHOP


def test_a_click_takes_one_statement(django_assert_num_queries: Any) -> None:
    url = links.click_url("", delivered().ref, SHOP)
    with django_assert_num_queries(1):
        asks(url, at=after(60))


def test_nobody_fills_the_table() -> None:
    one = delivered()
    seen = Seen(after(60), FIREFOX, "198.51.100.1")
    kept = [hits.keep(one.ref, kind=Hit.Kind.OPEN, seen=seen) for _ in range(hits.MOST + 5)]
    assert kept == [True] * hits.MOST + [False] * 5


def test_a_provider_says_later_when_it_had_the_mail() -> None:
    """A click before that was no person's: it is looked at again."""
    one = delivered()
    asks(links.click_url("", one.ref, SHOP), at=after(60))
    assert judged(after(75)).clicked_at
    told.delivered(one.ref, at=after(70))
    assert judged(after(86)).clicked_at is None


def test_many_are_judged_in_few_statements(django_assert_max_num_queries: Any) -> None:
    campaign = a_campaign(*[f"p{n}" for n in range(20)])
    audience.start(campaign, now=NOW)
    send_all(campaign)
    for one in Delivery.objects.all():
        asks(links.click_url("", one.ref, SHOP), at=after(60))
    with django_assert_max_num_queries(14):
        assert settle(now=after(75), hold=HOLD) == 20
    assert Delivery.objects.filter(clicked_at=after(60)).count() == 20


def test_the_local_mailbox_stands_for_the_persons_own(cast: Cast, settings: Any) -> None:
    """Its frame may fetch the pixel, and of ours only the pictures of the demo beside; the page says what counts."""
    one = delivered()
    mara = Client()
    mara.force_login(cast.mara)
    shown = mara.get(reverse("campaigns:mail_html", kwargs={"ref": one.ref}))
    (pictures,) = re.findall(r"img-src ([^;]+)", shown["Content-Security-Policy"])
    ours = [source for source in pictures.split() if source.startswith(settings.PUBLIC_URL)]
    assert sorted(ours) == [f"{settings.PUBLIC_URL}/campaigns/o/", f"{settings.PUBLIC_URL}/demo/items/"]
    assert links.pixel_url(settings.PUBLIC_URL, one.ref).startswith(ours[-1])
    assert "counts as their open" in mara.get(reverse("campaigns:mail", kwargs={"ref": one.ref})).content.decode()
