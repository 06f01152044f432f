"""From an empty product to the first event: the code as the page shows it runs on a page of a shop, and the step ticks
itself off. Then Home tells of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.events.models import InboxBatch
from cdp.home import kept, live
from cdp.pipeline import drain
from tests.collecting import collector
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.sdks.browser import shop, wait_in_page
from tests.serving import Serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sending(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where senders send; counting may take its time on a busy machine."""
    monkeypatch.setattr(kept, "WITHIN_MS", 20_000)
    monkeypatch.setattr(live, "WITHIN_MS", 20_000)
    with Serving(collector(tmp_path)) as serving:
        settings.PUBLIC_URL = serving.url
        yield serving.url


def taken_in(page: Page) -> None:
    def arrived() -> None:
        assert InboxBatch.objects.exists()

    wait_in_page(page.wait_for_timeout, arrived)
    while InboxBatch.objects.exists():
        drain("live", now=utc_now())


def test_the_first_event_ticks_its_step_off_and_home_tells_of_it(
    page: Page, live_server: LiveServer, sending: str
) -> None:
    a_user(role=Role.ADMIN, email="ada@example.com")
    sign_in(page, live_server.url, email="ada@example.com")
    page.get_by_role("link", name="Getting started").last.click()
    step = page.locator('[data-step="event"]')
    page.get_by_label("Your first source").fill("Tea shop")
    page.get_by_role("button", name="Make the source and its key").click()
    expect(page.get_by_text("Listening for events of Tea shop")).to_be_visible()
    expect(page.locator('[data-step="source"].is-done')).to_be_visible()
    expect(step).not_to_have_class("is-done")

    code = page.locator("#sample-browser").inner_text()
    assert sending in code
    with shop({"/": f"<!doctype html><title>Shop</title>{code}".encode()}) as url:
        visitor = page.context.new_page()
        visitor.goto(url)
        taken_in(visitor)
        visitor.close()
    expect(page.get_by_text("Event received")).to_be_visible()
    expect(step).to_have_class("is-done")

    def to_the_collector(route: Route) -> None:
        route.continue_(url=f"{sending}/v1/track")

    page.route("**/v1/track", to_the_collector)
    page.get_by_role("button", name="Send a test event from here").click()
    expect(page.get_by_text("Sent and accepted")).to_be_visible()
    taken_in(page)
    expect(page.get_by_role("link", name="Test Event")).to_be_visible()

    page.goto(live_server.url)
    expect(page.get_by_role("link", name="New 2 first seen in the last 30 days")).to_be_visible()
    expect(page.get_by_role("link", name="Test Event").first).to_be_visible()
    page.get_by_role("link", name="7 days").click()
    page.wait_for_url("**/?days=7")
    page.get_by_role("link", name="New 2 first seen in the last 7 days").click()
    expect(page.get_by_role("row")).to_have_count(3)
