"""A marketer sets a test up in a browser and reads what came of it, on a screen and a phone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Campaign
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from tests.campaigns.experiments.making import a_campaign, mails, people, started
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import FITS

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def test_a_marketer_sets_a_test_up_and_reads_what_came_of_it(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.MARKETER, email="mara@example.com")
    campaign = a_campaign()
    people(400)
    sign_in(page, live_server.url, email="mara@example.com")
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/")
    page.get_by_role("link", name="Set up a test").click()
    page.get_by_role("button", name="Begin a test").click()
    page.get_by_label("Let the variants differ").select_option(index=2)
    page.get_by_role("button", name="Let them differ").click()
    second = page.get_by_role("region", name="B", exact=True)
    second.get_by_label("how many days").fill("14")
    second.get_by_label("Subject").fill("Look here")
    page.get_by_role("button", name="Save the test").last.click()
    expect(page.get_by_text("The test is saved.")).to_be_visible()
    expect(page.get_by_text("What this test can find")).to_be_visible()
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_function(FITS)
    sent(campaign)
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/")
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        expect(page.get_by_text("“B” is better than “A”")).to_be_visible()
        expect(page.get_by_role("img", name="percentage points")).to_be_visible()
        page.wait_for_function(FITS)


def sent(campaign: Campaign) -> None:
    now = utc_now()
    started(campaign, started_at=now - timedelta(days=2), state="sent", finished_at=now)
    mails(campaign, people(500), clicked=15, ordered=3, variant=1, opened_at=now)
    mails(campaign, people(490), clicked=60, ordered=9, variant=2)
