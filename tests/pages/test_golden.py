"""A steward in the browser: changes a rule after a preview, rolls back a trait, rolls back an import."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.models import Job
from cdp.pipeline import drain
from cdp.profiles.long_work import advance
from cdp.profiles.models import Profile
from cdp.profiles.tasks import WORK
from tests.cdp.connectors.importing import finish, uploaded
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import fits
from tests.taking_in import ago, identify, take_in

pytestmark = pytest.mark.django_db(transaction=True)
BAD = "id,e-mail,city\n1,ada@example.org,WRONG\n2,bob@example.org,WRONG\n"


@pytest.fixture
def stew(page: Page, live_server: LiveServer, settings: Any, tmp_path: Path, monkeypatch: Any) -> Page:
    settings.MEDIA_ROOT = tmp_path
    for view in ("rules", "rollbacks"):
        monkeypatch.setattr(f"cdp.profiles.views.{view}.ring", lambda job_id, kind: None)
    a_user(role=Role.STEWARD, email="stew@example.com", name="Stew")
    people = [("1", "Ada Miller", "ada@example.org", "Frankfurt am Main"), ("2", "Bob Ray", "bob@example.org", "Bonn")]
    take_in([identify(n, traits={"name": name, "email": mail, "city": city}, at=ago(days=9))
             for n, name, mail, city in people], of="crm")  # fmt: skip
    take_in([identify("1", traits={"city": "Frankfurt", "email": "ada@example.org"}, at=ago(days=2))], of="web")
    sign_in(page, live_server.url, email="stew@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def work() -> None:
    """What a worker would do."""
    job = Job.objects.filter(kind__in=WORK).latest("id")
    while advance(job.pk, WORK[job.kind], now=timezone.now()):
        pass


def ada() -> Profile:
    return Profile.objects.get(traits__email="ada@example.org", merged_into=None)


def test_a_rule_changes_after_a_preview(stew: Page, live_server: LiveServer) -> None:
    page = stew
    page.goto(f"{live_server.url}/people/traits/")
    fits(page, "rules")
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Trait").fill("city")
    expect(page.get_by_text("Order of the sources")).to_be_hidden()
    page.get_by_label("What counts").select_option(label="the word of the source that ranks highest")
    expect(page.get_by_text("Order of the sources")).to_be_visible()
    page.get_by_label("crm").first.fill("1")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="1 person of 2 would change")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Ada Miller city Frankfurt Frankfurt am Main"))).to_be_visible()
    fits(page, "rule")
    page.get_by_role("button", name="Apply to 1 person").click()
    expect(page.get_by_role("heading", name="Applying the rule for city")).to_be_visible()
    fits(page, "rule-applying")
    work()
    expect(page.get_by_text("The traits of 1 person changed")).to_be_visible()
    page.goto(f"{live_server.url}/people/{ada().uuid}/?tab=traits")
    expect(page.get_by_text("crm ranks above web.")).to_be_visible()
    fits(page, "traits")


def test_a_trait_is_rolled_back_and_an_earlier_day_is_looked_at(stew: Page, live_server: LiveServer) -> None:
    page = stew
    page.goto(f"{live_server.url}/people/{ada().uuid}/?tab=changes")
    page.get_by_label("The person as of").fill(f"{ago(days=5):%Y-%m-%d}")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("different today")).to_be_visible()
    fits(page, "as-of")
    page.get_by_label("Trait", exact=True).select_option("city")
    expect(page.get_by_role("row", name=re.compile("email"))).to_have_count(0)
    fits(page, "changes")
    page.get_by_role("link", name="Roll back city to Frankfurt am Main").click()
    expect(page.get_by_role("heading", name="Roll back city")).to_be_visible()
    fits(page, "back")
    page.get_by_role("button", name="Roll back city").click()
    expect(page.get_by_text("It shows in the traits within seconds")).to_be_visible()
    drain("live", now=timezone.now() + timedelta(seconds=1))
    page.reload()
    expect(page.get_by_text("rolled back by Stew")).to_be_visible()
    assert ada().traits["city"] == "Frankfurt am Main"


def test_an_import_is_rolled_back_and_brought_back(stew: Page, live_server: LiveServer) -> None:
    page = stew
    bad = finish(uploaded(BAD, name="people of May.csv", of="crm", preset="people"))
    assert ada().traits["city"] == "WRONG"
    page.goto(f"{live_server.url}/imports/{bad.pk}/")
    fits(page, "import-done")
    page.get_by_role("link", name="Roll back").click()
    expect(page.get_by_text("Nothing has changed yet.")).to_be_visible()
    fits(page, "rollback-new")
    page.get_by_role("button", name="Roll back for 2 people").click()
    expect(page.get_by_role("heading", name="Rolling back import of people of May.csv")).to_be_visible()
    work()
    expect(page.get_by_text("The traits of 2 people changed")).to_be_visible()
    fits(page, "rollback")
    assert ada().traits["city"] == "Frankfurt"
    page.get_by_role("button", name="Undo the rollback").click()
    page.get_by_role("button", name="Let them count again").click()
    expect(page.get_by_role("heading", name="Bringing back import of people of May.csv")).to_be_visible()
    work()
    expect(page.get_by_text("The traits of 2 people changed")).to_be_visible()
    assert ada().traits["city"] == "WRONG"
    page.goto(f"{live_server.url}/people/rollbacks/")
    expect(page.get_by_text("Undone")).to_be_visible()
    fits(page, "rollbacks")
