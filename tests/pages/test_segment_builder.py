"""The rule builder in a browser, by keyboard alone: two conditions, the live count, saving, and who is in it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from segments.models import Segment
from segments.tasks import refresh_stale
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.taking_in import take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_marketer_builds_a_segment_by_keyboard(page: Page, live_server: LiveServer) -> None:
    now = utc_now()
    bought = track("bob", BUY, at=now, properties={"order_id": "1"})
    long_ago = track("cat", VIEW, at=now - timedelta(days=8))
    take_in([track("ann", VIEW, at=now), track("bob", VIEW, at=now), bought, long_ago], now=now, lane="bulk")
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/segments/new/")

    def keys(*pressed: str) -> None:
        for key in pressed:
            page.keyboard.press(key)

    page.get_by_label("Name").focus()
    page.keyboard.type("Looking around")
    keys("Tab", "Tab", "Tab", "Tab")
    page.keyboard.type(VIEW)
    keys("Tab", "Tab", "Tab", "Tab", "Tab", "Control+a")
    page.keyboard.type("7")
    expect(page.locator(".preview-count")).to_have_text("2")
    keys("Tab", "Tab", "Tab", "Tab", "d")
    expect(page.locator(".rule-leaf")).to_have_count(2)
    keys("ArrowDown", "Tab")
    page.keyboard.type(BUY)
    keys("Tab", "a")
    expect(page.locator(".preview-count")).to_have_text("1")
    expect(page.locator("#preview")).to_contain_text("who did not do Order Completed at any time")
    page.get_by_role("button", name="Save segment").focus()
    keys("Enter")
    expect(page.get_by_role("heading", name="Looking around")).to_be_visible()

    segment = Segment.objects.get()
    never = event(BUY, "exactly", 0, window={"kind": "ever"})
    assert segment.rule == rule(event(VIEW, window=last(7)), never)
    refresh_stale.apply()
    page.reload()
    page.get_by_role("button", name="Why?").press("Enter")
    expect(page.get_by_text("who did Product Viewed in the last 7 days (seen: 1)")).to_be_visible()


def test_a_mistake_is_shown_at_its_condition(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/segments/new/")
    page.get_by_label("Name").fill("Nothing")
    expect(page.locator(".rule-leaf .rule-error")).to_have_text("is empty: choose or type it")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_label("Name")).to_have_value("Nothing")
    expect(page.locator("[data-rule-error]")).to_have_text("is empty: choose or type it")
    assert not Segment.objects.exists()
