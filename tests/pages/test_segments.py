"""The pages of segments in a browser: the list by keyboard, a segment's parts, why one person, on a phone as well."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.rules.tree import UTC
from segments import save
from segments.models import Segment, SegmentSize
from segments.refresh import refresh_fully
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def mara(page: Page, live_server: LiveServer) -> Page:
    now = utc_now()
    take_in([track(f"p{n}", VIEW, at=now, properties={"value": n}) for n in range(40)], now=now, lane="bulk")
    take_in([identify("p1", at=now, traits={"email": "ann@x.org", "name": "Ann"})], now=now, lane="bulk")
    for name, of in (("Viewers", event(VIEW, window=last(7))), ("Everybody", event(BUY, "exactly", 0))):
        segment = save.create(name, rule=rule(of), by=None, now=now)
        refresh_fully(segment.pk, now=now, zone=UTC)
        SegmentSize.objects.create(segment_id=segment.pk, at=now - timedelta(days=9), size=10)
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/segments/")
    return page


def test_a_name_says_what_it_is_to_keyboard_and_pointer(mara: Page) -> None:
    name = mara.get_by_role("link", name="Viewers", exact=True)
    said = mara.get_by_role("tooltip")
    name.focus()
    expect(said).to_have_text("People who did Product Viewed in the last 7 days.")
    expect(name).to_have_attribute("aria-describedby", "sentence-bubble")
    mara.keyboard.press("Escape")
    expect(said).to_be_hidden()
    mara.get_by_role("link", name="Everybody", exact=True).hover()
    expect(said).to_contain_text("did not do Order Completed")
    mara.mouse.move(5, 5)
    expect(said).to_be_hidden()


def test_some_are_chosen_and_archived_and_restored(mara: Page) -> None:
    archive = mara.get_by_role("button", name="Archive")
    expect(archive).to_be_disabled()
    mara.get_by_label("Choose Viewers").press("Space")
    expect(mara.locator("[data-many-count]")).to_have_text("1 chosen")
    mara.get_by_label("Choose all of this page").check()
    expect(mara.locator("[data-many-count]")).to_have_text("2 chosen")
    archive.press("Enter")
    expect(mara.get_by_role("status").first).to_contain_text("2 segments are archived")
    mara.get_by_label("State").select_option("archived")
    mara.get_by_label("Choose Viewers").check()
    mara.get_by_role("button", name="Restore").click()
    mara.get_by_role("link", name="Clear").click()
    expect(mara.locator("[data-many-one]")).to_have_count(1)
    assert Segment.objects.get(archived_at=None).name == "Viewers"


def test_the_page_of_a_segment_loads_its_parts_and_says_why(mara: Page) -> None:
    mara.get_by_role("link", name="Viewers", exact=True).click()
    expect(mara.get_by_role("figure", name="People in it at the end of each day")).to_be_visible()
    overlap = mara.get_by_role("region", name="Overlap with other segments")
    expect(overlap.get_by_role("row", name="Everybody")).to_contain_text("100 %")
    expect(mara.get_by_role("region", name="What sets them apart")).to_contain_text("beside everybody")
    mara.get_by_role("button", name="Why?").first.press("Enter")
    expect(mara.locator(".explained")).to_contain_text("who did Product Viewed in the last 7 days (seen: 1)")
    mara.get_by_text("1 event behind it").click()
    expect(mara.locator(".finding-events")).to_contain_text("Product Viewed")
    mara.get_by_role("link", name="Why is somebody in?").click()
    mara.get_by_label("Whom do you mean?").fill("ann@x.org")
    mara.keyboard.press("Enter")
    expect(mara.get_by_role("heading", name="Why Ann is in")).to_be_visible()
    expect(mara.get_by_text("Leaves in 7 days")).to_be_visible()


def test_the_audit_compares_the_segments_one_chooses(mara: Page) -> None:
    mara.get_by_role("link", name="Audit", exact=True).click()
    alike = mara.get_by_role("region", name="Nearly the same")
    expect(alike.get_by_role("row", name="Everybody and Viewers")).to_contain_text("100 %")
    matrix = mara.get_by_role("region", name="How they overlap")
    expect(matrix.get_by_role("link", name="100 %")).to_have_count(2)
    matrix.get_by_text("Choose up to 12 segments").click()
    matrix.get_by_label("Everybody").uncheck()
    matrix.get_by_role("button", name="Compare").click()
    expect(mara.get_by_text("Two segments with people in them are needed")).to_be_visible()


@pytest.mark.parametrize("path", ["", "1", "1/explain/", "1/changes/", "1/export/", "audit/", "people/"])
def test_nothing_is_wider_than_a_phone(mara: Page, live_server: LiveServer, path: str) -> None:
    pk = Segment.objects.get(name="Viewers").pk
    mara.set_viewport_size({"width": 390, "height": 844})
    mara.goto(f"{live_server.url}/segments/{path.replace('1', f'{pk}', 1).rstrip('/') + '/' if path else ''}")
    mara.wait_for_load_state("networkidle")
    assert not mara.evaluate(WIDER)
