"""The pages of results: numbers that open their people, the map of clicks, exports, costs, and the API."""

import csv
import io
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Campaign, Conversion, Delivery
from cdp.accounts.models import AuditEntry
from tests.campaigns.results.making import (
    NOW,
    SENT,
    a_campaign,
    a_mail,
    ago,
    hit,
    order,
    person,
    read,
    redeemed,
    take_in,
)
from tests.campaigns.results.test_figures import CONTENT, converted, several
from tests.cast import Cast
from tests.factories import a_token

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"campaigns:{name}", args=args)


def a_full_one() -> tuple[Campaign, list[Delivery]]:
    campaign = a_campaign(content=CONTENT)
    mails = several(campaign, 8, first=1, branches={"subject": 0, "hot": 0})
    several(campaign, 2, first=20, state="skipped", reason="holdout")
    for mail, mark in zip(mails, ["opened_at", "clicked_at", "bounced_at", "unsubscribed_at"], strict=False):
        Delivery.objects.filter(ref=mail.ref).update(**{mark: NOW})
    hit(mails[1], block="hot", target="https://shop.example/?utm_source=tributary")
    converted(mails[1], 30)
    return campaign, mails


def test_every_number_opens_as_many_people(cast: Cast) -> None:
    campaign, _ = a_full_one()
    vic = cast.client("vic")
    html = "".join(vic.get(url(name, campaign.pk)).content.decode() for name in ("results", "results_blocks"))
    people = re.escape(url("results_people", campaign.pk))
    tiles = re.findall(rf'<a class="stat" href="({people}[^"]*)">.*?stat-number">([\d,.]+)<', html)
    cells = re.findall(rf'<a href="({people}[^"]*)">([\d,]+)</a>', html)
    assert len(tiles) >= 8 and len(cells) >= 4
    for address, n in {*tiles, *cells}:
        shown = len(vic.get(unescape(address)).context["lines"])
        assert shown == (int(n) if "." not in n else 1), address


def test_the_section_of_the_campaigns_page_is_live_while_mails_go_out(cast: Cast) -> None:
    campaign, _ = a_full_one()
    Campaign.objects.update(state="sending")
    mara = cast.client("mara")
    assert url("results_now", campaign.pk) in mara.get(url("campaign", campaign.pk)).content.decode()
    section = mara.get(url("results_now", campaign.pk)).content.decode()
    assert section.lstrip().startswith("<section") and "Held" not in section
    Campaign.objects.update(state="sent")
    assert "hx-get" not in mara.get(url("results_now", campaign.pk)).content.decode()


def test_the_map_has_each_links_clicks(cast: Cast) -> None:
    campaign, mails = a_full_one()
    hit(mails[4], block="hot", target="https://shop.example/another")
    mara = cast.client("mara")
    page = mara.get(url("results_map", campaign.pk))
    shown = [(link.label, link.target, link.clicked.part, link.is_shown) for link in page.context["map"].links]
    assert shown == [
        ("Hot", "https://shop.example/", 1, True),
        ("Hot", "https://shop.example/another", 1, False),
    ]
    frame = mara.get(url("results_map_frame", campaign.pk))
    html = frame.content.decode()
    assert 'data-clicks="2"' in html and "1 · 14.3% +1</b>" in html and "link.invalid" not in html
    assert "sandbox" in frame["Content-Security-Policy"]
    other = mara.get(url("results_map", campaign.pk), {"branch": "hot:1"})
    assert other.context["map"].got == 0 and other.context["map"].links == ()
    assert 'data-clicks="0"' in mara.get(url("results_map_frame", campaign.pk), {"branch": "hot:1"}).content.decode()


@pytest.mark.parametrize(
    "query", [{"outcome": "nonsense"}, {"branch": "-1"}, {"variant": "9"}, {"segment": "x"}, {"arm": "nonsense"}]
)
def test_a_filter_that_makes_no_sense_shows_nobody(cast: Cast, query: dict[str, str]) -> None:
    campaign, _ = a_full_one()
    answer = cast.client("vic").get(url("results_people", campaign.pk), query)
    assert answer.status_code == 422 and not answer.context["lines"]


def test_a_page_of_people_costs_few_queries(cast: Cast) -> None:
    campaign, _ = a_full_one()
    vic = cast.client("vic")
    vic.get(url("results_people", campaign.pk))
    with CaptureQueriesContext(
        connection,
    ) as few:
        vic.get(url("results_people", campaign.pk))
    several(campaign, 60, first=100)
    with CaptureQueriesContext(connection) as many:
        page = vic.get(url("results_people", campaign.pk))
    assert len(many) == len(few)
    assert len(page.context["lines"]) == 50 and page.context["page"].next
    rest = vic.get(url("results_people", campaign.pk), {"after": page.context["page"].next})
    assert len(rest.context["lines"]) == 20


def test_the_export_is_for_those_who_may_and_runs_nothing(cast: Cast) -> None:
    campaign, _ = a_full_one()
    Delivery.objects.filter(profile_id=1).update(address="=cmd()@x.org")
    address = url("results_people_csv", campaign.pk)
    assert cast.client("vic").get(address).status_code == 403
    answer = cast.client("mara").get(address, {"outcome": "sent"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == 8 and lines[0]["address"] == "'=cmd()@x.org"
    assert [line["revenue"] for line in lines if line["revenue"]] == ["30.00"]
    assert AuditEntry.objects.filter(verb="exported recipients of campaign").count() == 1


def test_costs_and_window_may_be_said_later(cast: Cast) -> None:
    ann = person("ann")
    campaign = a_campaign()
    hit(a_mail(campaign, ann), at=ago(days=10))
    take_in([order("ann", "7")])
    read()
    assert not Conversion.objects.exists()
    mara, address = cast.client("mara"), url("results_costs", campaign.pk)
    assert mara.post(address, {"cost": "-1"}).status_code == 422
    assert cast.client("vic").post(address, {"cost": "1"}).status_code == 403
    assert mara.post(address, {"cost": "40", "conversion_days": "14"}).status_code == 302
    read()
    assert Conversion.objects.get().value == 100
    found = mara.get(url("results", campaign.pk)).context["results"].money
    assert (found.profit, found.roi) == (Decimal(60), Decimal("1.5"))


def test_discounts_are_shown_as_taken_off_already(cast: Cast) -> None:
    campaign = a_campaign(cost=Decimal(60))
    (mail,) = several(campaign, 1, first=1)
    converted(mail, 180)
    section = url("results", campaign.pk)
    assert "iscount" not in cast.client("vic").get(section).content.decode()
    redeemed(mail, 10)
    page = " ".join(cast.client("vic").get(section).content.decode().split())
    assert "after 10.00 of discounts</span></dt><dd>180.00<" in page
    assert '>Profit</dt><dd class="results-sum">120.00<' in page and "<dt>Return on cost</dt><dd>171 %<" in page
    assert "are already taken off the revenue" in page and "together 70.00" in page
    _, token = a_token("campaigns:read")
    client = Client(headers={"Authorization": f"Bearer {token}"})
    told = client.get(f"/api/campaigns/{campaign.pk}/results").json()
    assert (told["cost"]["total"], told["discounts"], told["profit"]) == (60.0, 10.0, 120.0)
    assert told["roi"] == pytest.approx(120 / 70)


def test_over_all_by_days(cast: Cast) -> None:
    a_full_one()
    vic = cast.client("vic")
    days = {"first": SENT.date().isoformat(), "last": NOW.date().isoformat()}
    page = vic.get(url("all_results"), days)
    assert [(line.campaign.name, line.counts.sent) for line in page.context["lines"]] == [("C", 8)]
    address = re.search(
        rf'href="({re.escape(url("results_people", page.context["lines"][0].campaign.pk))}[^"]*)"',
        page.content.decode(),
    )
    assert address and len(vic.get(unescape(address[1])).context["lines"]) == 8
    other = unescape(address[1]).replace(SENT.date().isoformat(), NOW.date().isoformat())
    assert len(vic.get(other).context["lines"]) == 0
    assert vic.get(url("all_results"), {"first": "2026-03-02", "last": "2026-03-01"}).status_code == 422
    assert vic.get(url("all_results"), {"sort": "nonsense"}).status_code == 422
    text = b"".join(vic.get(url("all_results_csv"), days).streaming_content).decode()  # type: ignore[attr-defined]
    assert text.splitlines()[1].startswith("C,,Local mailbox,8,7,1,1,1,1,1,30.00")


def test_the_api_says_the_same() -> None:
    campaign, _ = a_full_one()
    _, token = a_token("campaigns:read")
    client = Client(headers={"Authorization": f"Bearer {token}"})
    found = client.get(f"/api/campaigns/{campaign.pk}/results").json()
    assert (found["sent"], found["delivered"], found["clicked"], found["revenue"]) == (8, 7, 1, 30.0)
    assert found["click_rate"]["share"] == pytest.approx(1 / 7) and found["skipped"] == {"holdout": 2}
    assert found["profit"] is None and found["remarks"]
    assert client.get("/api/campaigns/999999/results").status_code == 404
