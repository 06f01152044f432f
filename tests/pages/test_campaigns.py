"""A marketer says to whom and when, sees how many they are, starts, pauses and asks why, on a screen and a phone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Campaign
from cdp.accounts.roles import Role
from cdp.profiles.models import Profile
from tests.campaigns.plan.cases import CONTENT, a_segment, some_people
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import FITS

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def look(page: Page, name: str) -> None:
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_function(FITS)
        if folder := os.environ.get("LOOK_AT"):
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def test_to_whom_when_and_why(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.ADMIN, email="ada@example.com")
    ids = [*some_people(1, name="Ann Berg", timezone="Asia/Tokyo"), *some_people(4)]
    a_segment(ids, "Buyers")
    a_segment(ids[3:], "Staff")
    sign_in(page, live_server.url, email="ada@example.com")
    page.goto(f"{live_server.url}/campaigns/new/")
    expect(page.get_by_label("Moment", exact=True)).to_be_hidden()
    page.get_by_label("Name of the campaign").fill("Spring")
    page.get_by_role("combobox", name="From").fill("nobody")
    page.get_by_role("group", name="To everybody in").get_by_label("Buyers (5)").check()
    expect(page.locator("#audience-size")).to_contain_text("5")
    page.get_by_text("But nobody who is in").click()
    page.get_by_role("group", name="But nobody in").get_by_label("Staff (2)").check()
    expect(page.locator("#audience-size")).to_contain_text("3")
    page.get_by_label("At one hour of each person's own clock").check()
    page.get_by_label("On their clock at").fill("09:00")
    look(page, "form")
    page.get_by_role("button", name="Write the mail").click()
    expect(page.get_by_text("Write a name and an address")).to_be_visible()
    page.get_by_role("combobox", name="From").fill("Shop <hello@example.com>")
    page.get_by_role("button", name="Write the mail").click()
    expect(page.get_by_role("button", name="Add a block", exact=True)).to_be_visible()
    campaign = Campaign.objects.get()
    type(campaign.template).objects.filter(pk=campaign.template_id).update(content=CONTENT)
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/")
    look(page, "draft")
    page.get_by_role("button", name="Schedule without check").click()
    expect(page.get_by_text("Today that would be 3 people")).to_be_visible()
    page.get_by_role("button", name="Schedule for 3 people").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_text("3 people who wait get nothing until it goes on")).to_be_visible()
    page.locator("#pause").get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    look(page, "paused")
    page.get_by_label("Whom do you mean?").fill(str(Profile.objects.get(pk=ids[0]).uuid))
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("heading", name="Ann Berg and “Spring”")).to_be_visible()
    expect(page.get_by_text("Waits for its hour")).to_be_visible()
    look(page, "why")
    page.goto(f"{live_server.url}/campaigns/?state=paused")
    expect(page.get_by_role("link", name="Spring", exact=True)).to_be_visible()
    look(page, "list")
    page.goto(f"{live_server.url}/campaigns/policy/")
    look(page, "policy")
