"""The documentation, read in the product."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import a_user
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_somebody_looks_something_up(page: Page, live_server: LiveServer) -> None:
    a_user(email="vic@example.com")
    sign_in(page, live_server.url, email="vic@example.com")
    page.goto(f"{live_server.url}/segments/")
    page.get_by_role("link", name="What this page is for").click()
    expect(page.get_by_role("heading", level=1, name="Segments")).to_be_visible()

    inside = page.get_by_role("navigation", name="On this page")
    inside.get_by_text("On this page").first.click()
    inside.get_by_role("link", name="Fixed lists").first.click()
    assert page.url.endswith("/docs/segments/#fixed-lists")
    page.get_by_role("link", name="rule", exact=True).first.click()
    expect(page.get_by_role("heading", level=1, name="Rules", exact=True)).to_be_visible()

    page.get_by_role("button", name="Copy this code").first.click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert '"version": 1' in page.evaluate("navigator.clipboard.readText()")

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Search the documentation").fill("double opt-in")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="› Double opt-in").first.click()
    assert page.url.endswith("/docs/consent/#double-opt-in")
    for name in ("tracking-api", "what-works"):
        page.goto(f"{live_server.url}/docs/{name}/")
        assert not page.evaluate(WIDER), name
