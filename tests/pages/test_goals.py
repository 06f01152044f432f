"""A goal set in the browser: how much it is today stands beside it while one types, and it fits a phone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.goals import keep
from campaigns.models import Goal
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.rules.tree import UTC
from tests.campaigns.goals.making import control_of, order
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_campaigns import look
from tests.taking_in import take_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_form_to_the_course(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.MARKETER, email="mara@example.com")
    now = utc_now()
    people = {f"p{n}": float(n % 4) for n in range(400)}
    take_in(
        [order(who, 40 + at % 30 if at % 3 else 15, at=now - timedelta(hours=at)) for at, who in enumerate(people)],
        now=now,
    )
    control_of(1, **people)
    sign_in(page, live_server.url, email="mara@example.com")
    page.goto(f"{live_server.url}/campaigns/goals/")
    page.get_by_role("link", name="New goal").first.click()
    preview = page.locator("#goal-preview")
    expect(preview).to_contain_text("revenue")
    expect(page.get_by_label("Event")).to_be_hidden()
    page.get_by_label("People who do something").check()
    page.get_by_label("Event").fill("Order Completed")
    page.get_by_label("Counted from").fill((now - timedelta(days=20)).date().isoformat())
    expect(preview).to_contain_text("400")
    expect(preview).to_contain_text("100 in the control group")
    page.get_by_label("People of a rule").check()
    expect(page.get_by_text("Say which people")).to_be_hidden()
    page.get_by_label("Everybody").check()
    page.get_by_label("Target").fill("700")
    page.get_by_role("button", name="Save goal").click()
    expect(page.get_by_text("What has to be put right is marked below")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Buyers of spring")
    look(page, "goal-form")
    page.get_by_role("button", name="Save goal").click()
    expect(page.get_by_role("heading", name="Buyers of spring")).to_be_visible()
    goal = Goal.objects.get()
    for days in range(1, 20):
        keep.count(goal, now=now - timedelta(days=days), zone=UTC)
    page.reload()
    expect(page.locator("[data-chart-canvas] canvas").first).to_be_visible()
    look(page, "goal")
    page.get_by_role("link", name="100", exact=True).click()
    expect(page.get_by_role("link", name="Control group")).to_have_attribute("aria-current", "true")
    look(page, "goal-people")
    page.goto(f"{live_server.url}/campaigns/goals/")
    look(page, "goals")
