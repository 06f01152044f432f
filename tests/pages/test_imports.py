"""A file through the pages of imports; catalogue, rates, consent and suppressions, as a person sees them."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, TimeoutError, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.connectors.models import Import
from cdp.connectors.running import run
from cdp.privacy.models import Purpose, Suppression
from cdp.profiles.models import Profile
from tests.cdp.connectors.importing import drain_all, finish, uploaded
from tests.factories import NOW, a_source, a_user
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = "E-Mail,Town,Newsletter\nada@example.org,Ulm,yes\nnobody,Ulm,no\nbob@example.org,Bonn,no\n"
WIDTHS = (1440, 390)
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def stew(page: Page, live_server: LiveServer, settings: LazySettings, tmp_path: Path, monkeypatch: Any) -> Page:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("cdp.connectors.views.ring", lambda import_id: None)
    Purpose.objects.get_or_create(key="email-marketing", defaults={"name": "E-mail marketing"})
    a_user(role=Role.STEWARD, email="stew@example.com")
    sign_in(page, live_server.url, email="stew@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def fits(page: Page, name: str) -> None:
    """No sideways scrolling at any width; SCREENSHOTS=folder keeps pictures to look at."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        try:  # a chart follows the screen a moment later
            page.wait_for_function(FITS)
        except TimeoutError as error:
            raise AssertionError(f"{name} at {width}") from error
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_file_comes_in(stew: Page, live_server: LiveServer, tmp_path: Path) -> None:
    page, file = stew, tmp_path / "people.csv"
    file.write_text(PEOPLE)
    page.goto(f"{live_server.url}/imports/")
    expect(page.get_by_text("Nothing was imported yet")).to_be_visible()
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File").set_input_files(str(file))
    page.get_by_label("Name of the new source").fill("Old shop")
    fits(page, "import-new")
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_label("What Newsletter is").select_option(label="Agreed to … (yes or no) E-mail marketing")
    page.get_by_role("button", name="Try without writing").click()
    expect(page.get_by_text("All 3 rows were read; nothing was written.")).to_be_visible()
    expect(page.get_by_text("“nobody” is not an e-mail address")).to_be_visible()
    fits(page, "import-mapping")
    page.get_by_role("button", name="Start the import").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    fits(page, "import-waiting")
    run(Import.objects.get().pk, clock=lambda: NOW, wait=drain_all)
    drain_all()
    expect(page.get_by_text("Finished")).to_be_visible()
    expect(page.get_by_role("link", name="Rejected rows")).to_be_visible()
    fits(page, "import-done")
    assert {"email": "ada@example.org", "town": "Ulm"} in Profile.objects.values_list("traits", flat=True)
    page.goto(f"{live_server.url}/imports/")
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()
    fits(page, "imports")


def test_catalogue_rates_consent_and_suppressions_fit(stew: Page, live_server: LiveServer) -> None:
    items = "SKU,Title,Price,Currency,Vendor,Category\n" + "".join(
        f"SKU-{n:03},Reading lamp number {n},{n}.50,EUR,Lumo,Light\n" for n in range(1, 70)
    )
    finish(uploaded(items, preset="items"))
    a_source(name="Point of sale")
    Suppression.objects.create(namespace="email", value="ada@example.org", reason="manual", note="by phone", at=NOW)
    page = stew
    for path, name, heading in (
        ("data/items/", "items", "Catalogue"),
        ("data/items/SKU-007/", "item", "Reading lamp number 7"),
        ("data/rates/", "rates", "Exchange rates"),
        ("privacy/purposes/", "purposes", "Consent and topics"),
        ("privacy/purposes/new/", "purpose", "New purpose"),
        ("privacy/suppressions/", "suppressions", "Suppressions"),
    ):
        page.goto(f"{live_server.url}/{path}")
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        fits(page, name)
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Remove the suppression").click()
    expect(page.get_by_text("may be written to again")).to_be_visible()
