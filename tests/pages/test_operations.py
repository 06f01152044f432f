"""The page of schedules in a browser: pausing asks first, and what changes elsewhere shows by itself."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.operations.models import TaskState
from tests.factories import a_user
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_is_paused_and_the_page_stays_fresh(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.ADMIN, email="ada@example.com")
    sign_in(page, live_server.url, email="ada@example.com")
    page.wait_for_url(f"{live_server.url}/")
    page.clock.install()
    page.goto(f"{live_server.url}/system/schedules/")
    page.get_by_role("button", name="Pause Tell other systems").click()
    expect(page.get_by_role("dialog")).to_contain_text("Other systems hear nothing")
    page.get_by_role("button", name="Pause it").click()
    row = page.locator("#job-campaignspost_webhooks")
    expect(row).to_contain_text("Paused")
    expect(row).to_contain_text("ada@example.com")

    TaskState.objects.update(paused_at=None)
    TaskState.objects.create(task="segments.tasks.check_all", error="ValueError: too slow", failed_at=timezone.now())
    page.clock.run_for(5_100)
    expect(row).not_to_contain_text("Paused")
    expect(page.locator("#job-segmentscheck_all")).to_contain_text("too slow")

    page.route("**/system/schedules/?part=jobs", lambda route: route.fulfill(status=404))
    page.clock.run_for(25_000)
    expect(page.get_by_text("the server does not answer")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
