"""A marketer reads what became of a campaign, on a screen and a phone: numbers, people, branches, the map of clicks."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Delivery
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from tests.campaigns.results.making import a_campaign, a_mail, hit, person
from tests.campaigns.results.test_figures import CONTENT, converted, several
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import FITS

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def test_a_marketer_reads_the_results(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.MARKETER, email="mara@example.com")
    sent = utc_now() - timedelta(hours=9)
    campaign = a_campaign("Spring mail", content=CONTENT, started_at=sent)
    ann = a_mail(campaign, person("ann"), settled_at=sent, branches={"subject": 0, "hot": 0})
    several(campaign, 30, first=1_000_000, settled_at=sent, branches={"subject": 1, "hot": 1})
    several(campaign, 4, first=2_000_000, settled_at=sent, state="skipped", reason="holdout")
    hit(ann, block="hot", target="https://shop.example/", at=sent + timedelta(hours=1))
    Delivery.objects.filter(ref=ann.ref).update(clicked_at=sent + timedelta(hours=1))
    converted(ann, 90, at=sent + timedelta(hours=2))
    sign_in(page, live_server.url, email="mara@example.com")
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/")
    page.get_by_role("link", name="All results").click()
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    page.get_by_role("button", name="By day").click()
    expect(page.get_by_text("Revenue by day")).to_be_visible()
    page.get_by_role("link", name="Enter costs").click()
    page.get_by_label("Cost of making it").fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".results-money")).to_contain_text("200 %")
    page.get_by_role("link", name="Click map").click()
    expect(page.frame_locator(".results-frame").locator("b.clicks").first).to_have_text("1 · 3.2%")
    page.get_by_role("link", name="Blocks and segments").click()
    expect(page.get_by_role("row", name="Hot 1 3.2 %")).to_be_visible()
    page.get_by_role("navigation", name="Results").get_by_role("link", name="Overview").click()
    page.locator("a.stat", has_text="Ordered").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for address in (
        f"{campaign.pk}/results/",
        f"{campaign.pk}/results/blocks/",
        f"{campaign.pk}/results/map/",
        "results/",
    ):
        page.goto(f"{live_server.url}/campaigns/{address}")
        expect(page.get_by_role("heading", name="Results").first).to_be_visible()
        page.wait_for_function(FITS)
