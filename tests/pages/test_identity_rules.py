"""A steward changes the identity rules in a browser: draft, estimate, trial, applied, and back."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.common.models import Job
from identity import rule_jobs
from identity.models import RuleSet
from tests.factories import a_user
from tests.identity.test_reform import people, two_at_one_till
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test does the worker's work itself."""
    monkeypatch.setattr("identity.views.versions.ring_rules", lambda job: None)
    monkeypatch.setattr("identity.views.quality.ring_rules", lambda job: None)


def work() -> None:
    for job in Job.objects.filter(state=Job.State.WAITING):
        rule_jobs.run(job.pk, clock=utc_now)


def test_a_steward_blocks_a_till_and_orders_the_kinds_by_keyboard(
    page: Page, live_server: LiveServer, no_worker: None
) -> None:
    two_at_one_till()
    a_user(role=Role.STEWARD, email="stew@example.com")
    sign_in(page, live_server.url, email="stew@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/identity/rules/")
    page.get_by_role("link", name="Change the rules").click()

    expect(page.locator("[data-rank]").first).to_have_text("1")
    page.get_by_role("button", name="Block a value").press("Enter")
    row = page.locator('[data-rows="blocked"] > [data-row]')
    row.get_by_label("Value or pattern").fill("till@*")
    expect(row).to_contain_text("Touches 1 identifier of 1 person")
    row.get_by_label("Kind").select_option("email")

    kinds = page.locator('[data-rows="namespace"] > [data-row]')
    expect(kinds.nth(1)).to_contain_text("E-mail")
    kinds.nth(1).get_by_role("button", name="Move down").press("Enter")
    expect(kinds.nth(2)).to_contain_text("E-mail")
    expect(kinds.nth(2).get_by_role("button", name="Move down")).to_be_focused()

    kinds.nth(2).get_by_label("At most per person").fill("lots")
    page.get_by_role("button", name="Save draft").click()
    expect(kinds.nth(2)).to_contain_text("Must be a whole number from 1 to 10000.")
    kinds.nth(2).get_by_label("At most per person").fill("5")
    page.get_by_label("Note for whoever reads this later").fill("The till")
    page.get_by_role("button", name="Save draft").click()

    expect(page.get_by_text("Blocked: E-mail “till@*”.")).to_be_visible()
    expect(page.get_by_text("All 4 records were looked at.")).to_be_visible()
    page.get_by_role("button", name="Try it on your data").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work()
    page.get_by_role("button", name="Apply to 1 person").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 person of today changes")
    page.get_by_role("dialog").get_by_role("button", name="Apply to 1 person").click()
    work()
    expect(page.get_by_text("The till")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("Waiting for a worker")
    assert len(people()) == 4
    applied = RuleSet.objects.get()
    assert applied.settled_at is not None

    page.goto(f"{live_server.url}/identity/rules/history/")
    expect(page.get_by_text("The till")).to_be_visible()
    page.get_by_role("button", name="Go back to the rules the product comes with").click()
    expect(page.get_by_text("No longer blocked: E-mail “till@*”.")).to_be_visible()


def test_quality_is_counted_on_demand(page: Page, live_server: LiveServer, no_worker: None) -> None:
    two_at_one_till()
    a_user(role=Role.VIEWER, email="vic@example.com")
    sign_in(page, live_server.url, email="vic@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/identity/quality/")
    expect(page.get_by_text("Not counted yet")).to_be_visible()
    page.get_by_role("button", name="Compute now").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work()
    expect(page.get_by_text("What holds people together")).to_be_visible()
    expect(page.locator("#sizes-title")).to_have_text("How many records people are made of")
    page.get_by_role("link", name="1", exact=True).first.click()
    expect(page.get_by_role("main")).to_contain_text("1 of 1 people")
