"""The builder of computed traits in a browser: a count in a window with a condition, previewed, saved and shown."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.analytics.models import ComputedTrait
from cdp.analytics.ready_made import create_missing
from cdp.analytics.tasks import refresh_stale
from cdp.common.clock import utc_now
from cdp.events import shapes
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.taking_in import take_in, track

pytestmark = pytest.mark.django_db(transaction=True)
VIEW = "Product Viewed"


def test_a_marketer_makes_a_computed_trait(page: Page, live_server: LiveServer) -> None:
    now = utc_now()
    create_missing(now=now)
    take_in([track(f"u{n}", VIEW, at=now, properties={"color": "red", "price": n}) for n in range(3)], now=now)
    shapes.fold(now=now)
    refresh_stale.apply()
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/segments/traits/new/")

    page.get_by_label("Name", exact=True).fill("Red views lately")
    expect(page.get_by_label("Key")).to_have_value("red_views_lately")
    page.get_by_label("Which event").fill(VIEW)
    page.get_by_label("Which event").press("Tab")
    page.get_by_label("When", exact=True).select_option("last")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Property", exact=True).select_option("property:color")
    page.get_by_label("Value", exact=True).fill("red")
    page.get_by_label("Value", exact=True).press("Tab")
    expect(page.locator("#preview")).to_contain_text("in the last 30 days")
    expect(page.locator("#preview")).to_contain_text("Some people")
    page.get_by_role("button", name="Save computed trait").click()
    expect(page.get_by_role("heading", name="Red views lately")).to_be_visible()
    assert ComputedTrait.objects.get(key="red_views_lately").definition == {
        "kind": "events",
        "name": VIEW,
        "measure": "count",
        "window": {"kind": "last", "amount": 30, "unit": "day"},
        "where": [{"property": "color", "op": "is", "value": "red"}],
    }
    refresh_stale.apply()
    page.reload()
    expect(page.locator(".stat-number").first).to_have_text("3")
    expect(page.get_by_role("heading", name="Highest")).to_be_visible()
