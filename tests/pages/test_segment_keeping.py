"""A marketer in the browser: makes a fixed list of pasted people, goes back a version, sees what a check found."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.models import User
from cdp.accounts.roles import Role
from cdp.rules.tree import UTC
from segments import save
from segments.models import Membership, Segment
from segments.refresh import refresh_changes, refresh_fully
from segments.schedule import Schedule
from segments.verify import check
from segments.versions import Draft
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule, trait
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import fits
from tests.taking_in import ago, identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mara(page: Page, live_server: LiveServer, settings: Any, tmp_path: Path, monkeypatch: Any) -> Page:
    settings.MEDIA_ROOT = tmp_path
    for module in ("lists", "versions", "builder"):
        monkeypatch.setattr(f"segments.views.{module}.ring", lambda task: None)
    a_user(role=Role.MARKETER, email="mara@example.com", name="Mara")
    people = [("1", "Ada Miller", "ada@example.org"), ("2", "Bob Ray", "bob@example.org")]
    take_in([identify(n, traits={"name": name, "email": mail}, at=ago(days=9)) for n, name, mail in people])
    take_in([track("1", VIEW, at=ago(days=2))])
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def test_a_list_is_pasted_looked_at_and_made(mara: Page, live_server: LiveServer) -> None:
    page = mara
    page.goto(f"{live_server.url}/segments/")
    page.get_by_role("link", name="New fixed list").click()
    fits(page, "list-new")
    page.get_by_label("Name of the list").fill("Guests")
    page.get_by_label("What the lines are").select_option(label="E-mail addresses")
    page.get_by_label("Paste them here").fill("ada@example.org\nbob@example.org\ncat@example.org\nnonsense")
    page.get_by_role("button", name="Look them up").click()
    expect(page.get_by_text("cat@example.org")).to_be_visible()
    fits(page, "list-upload")
    page.get_by_role("button", name="Make “Guests” of 2 lines").click()
    expect(page.get_by_text("2 people were put on “Guests”")).to_be_visible()
    made = Segment.objects.get(name="Guests")
    refresh_fully(made.pk, now=timezone.now(), zone=UTC)
    page.reload()
    page.get_by_role("button", name="Take Ada Miller off the list").click()
    refresh_changes(now=timezone.now(), zone=UTC)
    page.reload()
    expect(page.get_by_role("link", name="Bob Ray").first).to_be_visible()
    fits(page, "list")


def test_versions_are_compared_and_gone_back_to(mara: Page, live_server: LiveServer) -> None:
    page, by = mara, User.objects.get()
    now = timezone.now()
    first = rule(event(VIEW, window=last(7)), trait("city", "is", "Rome"))
    segment = save.create("Viewers", rule=first, by=by, now=now)
    second = rule(event(VIEW, window=last(30)), event(BUY, "exactly", 0))
    save.change(segment, Draft("Viewers without a purchase", second, "", Schedule("daily")), by=by, now=now)
    page.goto(f"{live_server.url}/segments/{segment.pk}/versions/")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="From version 1 to version 2")).to_be_visible()
    fits(page, "versions")
    page.get_by_role("button", name="Go back to version 1").click()
    expect(page.get_by_text("is again what it was in version 1")).to_be_visible()


def test_an_alarm_is_seen(mara: Page, live_server: LiveServer) -> None:
    page, now = mara, timezone.now()
    segment = save.create("Viewers", rule=rule(event(VIEW)), by=None, now=now)
    refresh_fully(segment.pk, now=now, zone=UTC)
    refresh_changes(now=now, zone=UTC)
    Membership.objects.all().delete()
    check(segment.pk, now=now, zone=UTC)
    page.goto(live_server.url)
    page.get_by_role("region", name="Needs attention").get_by_role("link", name="Viewers").click()
    expect(page.get_by_role("link", name="Ada Miller")).to_be_visible()
    fits(page, "checks")
    page.get_by_role("button", name="I have seen them").click()
    expect(page.get_by_role("button", name="I have seen them")).to_be_hidden()


def test_who_saves_over_a_newer_version_keeps_what_they_typed(mara: Page, live_server: LiveServer) -> None:
    page, now = mara, timezone.now()
    segment = save.create("Viewers", rule=rule(event(VIEW)), by=None, now=now)
    page.goto(f"{live_server.url}/segments/{segment.pk}/edit/")
    page.get_by_label("What it is for").fill("Those who look")
    save.change(segment, Draft("Viewers", rule(event(BUY))), by=None, now=now)
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("saved version 2 while you were working")).to_be_visible()
    expect(page.get_by_label("What it is for")).to_have_value("Those who look")
    fits(page, "edit-changed")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("Those who look")).to_be_visible()
