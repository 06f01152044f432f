"""A marketer says what starts a campaign: the event with a condition on it, the exit, and a condition on our mails."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns import draft
from campaigns.models import Campaign
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.events.shapes import fold
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.taking_in import take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign() -> Campaign:
    now = utc_now()
    take_in(
        [track("ann", "Product Added", at=now, properties={"color": "red"}), track("ann", "Order Completed", at=now)]
    )
    fold(now=now)
    plan = draft.Plan(name="Cart", included=(), topic=None, sender="S <s@x.org>", kind=Campaign.Kind.TRIGGERED)
    content: dict[str, Any] = {"version": 2, "subject": "Hi", "blocks": []}
    return draft.create(plan, content=content, by=None, now=now)


def test_what_starts_it(page: Page, live_server: LiveServer, campaign: Campaign) -> None:
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/trigger/")
    page.get_by_label("Event", exact=True).fill("Product Added")
    page.get_by_label("Event", exact=True).press("Tab")
    where = page.get_by_role("group", name="Only events of this kind where")
    where.get_by_role("button", name="where …").click()
    where.get_by_role("combobox", name="Property").click()
    where.get_by_role("option", name="color").first.click()
    where.get_by_label("Value", exact=True).fill("red")
    page.get_by_role("spinbutton", name="Waits").fill("4")
    only = page.get_by_role("group", name="They are among these people").first
    only.locator(".rb-add").last.click()
    page.get_by_role("menuitem", name="Got or answered a mail").click()
    only.get_by_label("What they did with it").select_option("not_clicked")
    since = page.get_by_label("Events since it started")
    since.fill("Order Completed")
    since.press("Enter")
    expect(page.get_by_role("button", name="Remove Order Completed")).to_be_visible()
    page.get_by_role("button", name="Save what starts it").click()
    expect(page).to_have_url(f"{live_server.url}/campaigns/{campaign.pk}/")
    campaign.refresh_from_db()
    where_red = [{"property": "color", "op": "is", "value": "red"}]
    assert campaign.trigger == {"kind": "event", "event": "Product Added", "where": where_red}
    assert campaign.delay_s == 4 * 3600
    assert campaign.exit == {"since_trigger": ["Order Completed"]}
    assert campaign.condition is not None
    assert campaign.condition["root"]["of"][0]["op"] == "not_clicked"
