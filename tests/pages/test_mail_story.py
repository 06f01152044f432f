"""The main job, in a browser: a marketer writes a mail with three conditional blocks, a product grid and an offer with
codes of one's own, looks at it as those who get each branch, puts right what the whole-audience check found, and sends
herself a test."""

import re
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import FrameLocator, Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.check import job
from campaigns.models import MailboxMessage, OfferCode
from campaigns.tasks import check_audience
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.events.models import Item
from cdp.rules.tree import UTC
from segments.models import Segment
from segments.refresh import refresh_fully
from tests.cdp.rules.test_rules import VIEW, event
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.segments.test_refresh import a_segment
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)
SAVED = "() => document.querySelector('[data-saved]').dataset.state === 'saved'"
LEVELS = ("gold", "silver", "bronze", "none")


def shop(page_of_item: str) -> Segment:
    """25 people, 3 of whom (12 %) have no first name, and four things to show."""
    now = utc_now()
    for n in range(4):
        Item.objects.create(
            id=f"i{n}", name=f"Kettle {n}", price=10 + n, currency="EUR", url=page_of_item,
            image_url="", is_in_stock=True, created_at=now, updated_at=now,
        )  # fmt: skip
    messages = []
    for n in range(25):
        called = {} if n in (4, 9, 14) else {"firstName": f"Ann{n}"}
        traits = {"email": f"p{n}@x.org", "level": LEVELS[n % 4], **called}
        messages += [identify(f"u{n}", at=now, traits=traits), track(f"u{n}", VIEW, at=now)]
    take_in(messages, now=now)
    segment = a_segment(event(VIEW))
    refresh_fully(segment.pk, now=now, zone=UTC)
    return segment


def work_off() -> None:
    """What a worker would do."""
    try:
        for one in Job.objects.filter(kind=job.KIND, state__in=job.OPEN):
            check_audience.apply(args=(one.pk,), throw=True)
    finally:
        connection.close()


class Writing:
    """The editor, as a marketer uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.settings = page.locator("[data-settings]")

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator(".me-frame:not([data-coming])")

    def add(self, kind: str) -> None:
        self.page.get_by_role("button", name="Add a block", exact=True).click()
        self.page.get_by_role("menuitem", name=kind).click()

    def text(self, words: str, *, level: str) -> None:
        self.add("Text")
        self.settings.get_by_label("Text", exact=True).fill(words)
        self.only_for(level)

    def only_for(self, level: str) -> None:
        self.settings.get_by_label("Only people who …").check()
        dialog = self.page.get_by_role("dialog", name="Show this block to whom?")
        dialog.get_by_role("button", name="Add a condition").click()
        dialog.get_by_role("menuitem", name="Something known of them").click()
        dialog.get_by_role("combobox", name="Trait").fill("level")
        dialog.get_by_role("combobox", name="Value").fill(level)
        dialog.get_by_role("button", name="Use this condition").click()
        expect(dialog).to_be_hidden()

    def look_at(self, branch: str) -> None:
        row = self.page.locator("[data-outline] [data-branch]").filter(has_text=branch).first
        row.get_by_role("button", name="Look at this branch").first.click()
        self.page.get_by_role("menuitem", name=re.compile("person who gets this")).click()

    def saved(self) -> None:
        self.page.wait_for_function(SAVED)


def test_a_mail_from_the_first_block_to_the_test_that_arrives(
    page: Page, live_server: LiveServer, settings: Any
) -> None:
    settings.OUTBOUND_OWN = [f"{live_server.url}/"]
    segment = shop(f"{live_server.url}/accounts/login/")
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()

    # an offer, with a code of one's own for each
    page.goto(f"{live_server.url}/campaigns/offers/new/")
    page.get_by_label("Name", exact=True).fill("Spring sale")
    page.get_by_label("How much").fill("10")
    page.get_by_label("Codes begin with").fill("SPR-")
    page.get_by_role("button", name="Save offer").click()
    expect(page.get_by_role("heading", name="Spring sale")).to_be_visible()

    # a campaign, from an empty mail
    page.goto(f"{live_server.url}/campaigns/new/")
    page.get_by_label("Name of the campaign").fill("Spring")
    page.get_by_role("group", name="To everybody in").get_by_label(re.compile(re.escape(segment.name))).check()
    page.get_by_role("button", name="Write the mail").click()
    writing = Writing(page)
    expect(page.get_by_role("button", name="Add a block", exact=True)).to_be_visible()

    # three conditional blocks, a grid and the offer
    writing.settings.get_by_label("Subject", exact=True).fill("Spring is here")
    for level in LEVELS[:3]:
        writing.text(f"You are {level}", level=level)
    writing.add("Text")
    writing.settings.get_by_label("Text", exact=True).fill("For you, {{ first_name }}")
    writing.add("Product grid")
    writing.settings.get_by_label("Which items", exact=True).select_option("new")
    writing.add("Offer")
    writing.settings.get_by_label("Offer", exact=True).select_option(label="Spring sale")
    writing.saved()

    # as somebody who gets each branch, and as somebody who gets none of the three
    for level in LEVELS[:3]:
        writing.look_at(f"“{level}”")
        expect(writing.frame.get_by_text(f"You are {level}")).to_be_visible()
    writing.look_at("else nothing")
    expect(writing.frame.get_by_text("Kettle").first).to_be_visible()
    expect(writing.frame.get_by_text("SPR-EXAMPLE").first).to_be_visible()
    expect(writing.frame.get_by_text("You are gold")).to_have_count(0)

    # the check says what somebody would see empty, and who
    page.get_by_role("link", name="Check the audience").click()
    page.get_by_role("button", name="Check the whole audience").click()
    work_off()
    page.reload()
    main = page.locator("main")
    expect(main).to_contain_text("25 people get it; 1 thing to fix")
    expect(main).to_contain_text("{{ first_name }} shows nothing to 3 people (12.0 % of those who get it)")
    page.get_by_role("link", name="See the people").first.click()
    expect(page.get_by_role("link", name=re.compile(r"p\d+@x.org"))).to_have_count(3)
    page.go_back()
    page.get_by_role("link", name=re.compile("For you.*in the editor")).click()
    writing.settings.get_by_label("Text", exact=True).fill("For you, {{ first_name | default: 'friend' }}")
    writing.saved()
    page.get_by_role("link", name="Check the audience").click()
    expect(main).to_contain_text("was changed after this check")
    page.get_by_role("button", name="Check again").click()
    work_off()
    page.reload()
    expect(main).to_contain_text("25 people get it; nothing to fix")

    # a test of every branch arrives (the three with the else of one another), and no code was given for all this
    page.get_by_role("link", name="Edit the mail").click()
    page.get_by_role("button", name="Test send").click()
    page.get_by_label("One for each branch, as few mails as show all of them").check()
    page.get_by_role("button", name="Send the test").click()
    expect(page.get_by_role("status").filter(has_text="tests sent")).to_be_visible()
    assert MailboxMessage.objects.filter(is_test=True, recipient="mara@example.com").count() == 3
    page.goto(f"{live_server.url}/campaigns/mailbox/?kind=tests")
    page.get_by_role("link", name="[Test] Spring is here").first.click()
    expect(page.frame_locator("iframe").get_by_text("Spring sale").first).to_be_visible()
    assert not OfferCode.objects.exclude(delivery=None).exists()
