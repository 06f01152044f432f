"""Recommendations in a browser: how good they are, an item and a person tried, settings; nothing wider than a phone."""

from unittest.mock import patch

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import deployment_zone
from cdp.events.models import Item
from cdp.profiles.models import Profile
from scoring.models import Recommending
from scoring.recommend import pages
from scoring.recommend.run import run
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.scoring.recommend.shop import NOW, demo_shop

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_marketer_tries_recommendations(page: Page, live_server: LiveServer) -> None:
    people = demo_shop(300, site=live_server.url)
    run(now=NOW, zone=deployment_zone())
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/predictions/recommendations/")
    expect(page.get_by_text("better than what is popular by more than luck explains")).to_be_visible()

    item = Item.objects.get(pk="COF-001")
    page.get_by_label("Name or id of an item").fill(item.name)
    page.get_by_label("Name or id of an item").press("Enter")
    expect(page.locator("#try-item .item-card").first).to_be_visible()
    uuid = Profile.objects.get(pk=next(iter(people.values()))).uuid
    with patch.object(pages, "utc_now", lambda: NOW):
        page.get_by_label("E-mail address, customer number or namespace:value").fill(str(uuid))
        page.get_by_label("E-mail address, customer number or namespace:value").press("Enter")
        expect(page.locator("#try-person .item-card")).not_to_have_count(0)
        page.goto(f"{live_server.url}/people/{uuid}/")
        expect(page.locator(".panel-items .item-card").first).to_be_visible()

    page.goto(f"{live_server.url}/predictions/recommendations/")
    page.get_by_label("Leave out what was bought within so many days").fill("30")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert Recommending.objects.get().leaves_out_bought_days == 30
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
