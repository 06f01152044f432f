"""A steward in the browser: finds somebody, sees where they are, erases them, and sees that they are gone."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.privacy import erase
from cdp.privacy.models import PrivacyRequest
from cdp.profiles.models import Profile
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import fits
from tests.taking_in import ago, identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


def test_somebody_is_found_and_erased(
    page: Page, live_server: LiveServer, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT, settings.ERASED_LIST = tmp_path / "media", tmp_path / "erased.json"
    monkeypatch.setattr("cdp.privacy.views.requests.ring", lambda job_id, kind: None)
    a_user(role=Role.STEWARD, email="stew@example.com", name="Stew")
    take_in([identify("w-1", anonymousId="device-9", traits={"email": "wren@shop.example", "name": "Wren Doe"})])
    take_in([track("w-1", "Product Viewed", at=ago(days=n)) for n in range(9)])
    sign_in(page, live_server.url, email="stew@example.com")
    page.goto(f"{live_server.url}/privacy/requests/")
    fits(page, "privacy-requests")
    page.get_by_label("E-mail address, phone number").fill("Wren@shop.example")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Wren Doe")).to_be_visible()
    assert "wren" not in page.url.lower()
    expect(page.get_by_role("row", name="Events 9 goes")).to_be_visible()
    fits(page, "privacy-person")
    page.get_by_label("to confirm").fill("erase")
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    erase.run(PrivacyRequest.objects.get().job_id, clock=timezone.now)
    expect(page.get_by_role("heading", name="What comes about them later")).to_be_visible()
    expect(page.get_by_role("button", name="Lift the erasure")).to_be_visible()
    fits(page, "privacy-request")
    assert not Profile.objects.exists()
    page.goto(f"{live_server.url}/data/analysis/new/")
    fits(page, "analysis-new")
    page.goto(f"{live_server.url}/data/retention/")
    fits(page, "retention")
