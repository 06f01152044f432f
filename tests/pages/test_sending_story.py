"""The end of the main job, in a browser: a campaign with a test and a holdout goes to a segment; the mail is opened in
the local mailbox, its link followed, an order comes, and results and profile say so. And a welcome message goes out by
itself when an SDK signs somebody up."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Task
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from segment.analytics.client import Client

from campaigns import tasks
from campaigns.models import Campaign, Delivery, MailboxMessage
from campaigns.views.sandbox import MAILBOX
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.events.shapes import fold
from cdp.pipeline import drain
from cdp.rules.tree import UTC
from segments.refresh import refresh_changes
from tests.collecting import a_key, collector
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_mail_story import shop
from tests.serving import Serving
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


def work(*due: "Task[Any, Any]") -> None:
    """What workers do within a second."""
    try:
        drain("live", now=utc_now())
        refresh_changes(now=utc_now(), zone=UTC)
        for task in due:
            task.apply(throw=True)
    finally:
        connection.close()


@pytest.fixture
def pixels_of(live_server: LiveServer) -> Iterator[None]:
    """The mailbox may load them from where the test serves them."""
    where = f"{live_server.url}/campaigns/o/"
    MAILBOX["img-src"].append(where)
    yield
    MAILBOX["img-src"].remove(where)


@pytest.mark.usefixtures("pixels_of")
def test_sent_tested_clicked_and_ordered(page: Page, live_server: LiveServer, settings: Any) -> None:
    settings.HIT_HOLD_S = 0
    settings.PUBLIC_URL = live_server.url
    segment = shop(f"{live_server.url}/accounts/login/")
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()

    # to a segment, a fifth of it held out
    page.goto(f"{live_server.url}/campaigns/new/")
    page.get_by_label("Name of the campaign").fill("Spring")
    page.get_by_role("group", name="To everybody in").get_by_label(re.compile(re.escape(segment.name))).check()
    page.get_by_text("Holdout, caps and quiet hours").click()
    page.locator("[name=holdout_percent]").fill("20")
    page.get_by_role("button", name="Write the mail").click()
    expect(page.get_by_role("button", name="Add a block", exact=True)).to_be_visible()
    campaign = Campaign.objects.get()
    campaign.template.content = with_link_to(f"{live_server.url}/segments/")
    campaign.template.save()

    # with a test of two subjects
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/")
    page.get_by_role("link", name="Set up a test").click()
    page.get_by_role("button", name="Begin a test").click()
    page.get_by_role("region", name="B", exact=True).get_by_label("Subject").fill("Only for you")
    page.get_by_role("button", name="Save the test").last.click()
    expect(page.get_by_text("The test is saved.")).to_be_visible()

    # sent
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/")
    page.get_by_role("button", name="Send without check").click()
    dialog = page.get_by_role("dialog", name="Without a check?")
    expect(dialog).to_contain_text("except 20 % drawn by chance")
    dialog.get_by_role("button", name="Send to 25 people").click()
    expect(page.get_by_text("Sent").or_(page.get_by_text("Sending")).first).to_be_visible()
    work(tasks.plan_due, tasks.send)
    rows = Delivery.objects.filter(campaign_id=campaign.pk)
    assert (rows.filter(state="accepted").count(), rows.filter(reason="holdout").count()) == (20, 5)
    assert set(rows.filter(state="accepted").values_list("variant", flat=True)) == {1, 2}

    # opened in the local mailbox, and its link followed
    page.goto(f"{live_server.url}/campaigns/mailbox/")
    page.locator("table a.fw-semibold").first.click()
    message = MailboxMessage.objects.get(ref=page.url.rstrip("/").rpartition("/")[2])
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Look at it").click()
    expect(opened.value).to_have_url(re.compile(r"/segments/\?.*utm_campaign=spring"))
    opened.value.close()
    work(tasks.judge_hits)

    # the order that it led to
    order = {"order_id": "W-1", "total": 88.5, "currency": "EUR"}
    who = identify(anonymousId="phone", traits={"email": message.recipient}, at=utc_now())
    take_in([who, track("", "Order Completed", anonymousId="phone", at=utc_now(), properties=order)], now=utc_now())
    work(tasks.read_conversions)
    page.goto(f"{live_server.url}/campaigns/{campaign.pk}/results/")
    for label, number in (("Sent", "20"), ("Clicked", "1"), ("Ordered", "1"), ("Revenue of 1 order", "88.50")):
        tile = page.locator(".stat").filter(has=page.locator(".stat-label", has_text=re.compile(f"^{label}$")))
        expect(tile.locator(".stat-number")).to_have_text(number)
    expect(page.get_by_text("Test of 2 variants")).to_be_visible()
    expect(page.get_by_text("What the campaign does at all")).to_be_visible()

    # who it was, and what stands on the profile
    page.locator(".stat", has_text="Ordered").click()
    page.get_by_role("link", name=re.compile("Ann|p\\d+@x.org")).first.click()
    expect(page.get_by_text("Email Link Clicked", exact=True).locator("visible=true").first).to_be_visible()
    expect(page.get_by_text("Order Completed", exact=True).locator("visible=true").first).to_be_visible()


def with_link_to(url: str) -> dict[str, Any]:
    button = {"id": "go", "kind": "button", "text": "Look at it", "url": url}
    footer = {"id": "foot", "kind": "footer", "text": "A shop"}
    return {"version": 2, "subject": "Spring is here", "blocks": [button, footer]}


def test_a_welcome_goes_out_by_itself_when_an_sdk_signs_somebody_up(
    page: Page, live_server: LiveServer, tmp_path: Path
) -> None:
    now = utc_now()
    take_in(
        [
            identify("old", traits={"email": "old@x.org", "firstName": "Olga"}, at=now),
            track("old", "Signed Up", at=now),
        ],
        now=now,
    )
    fold(now=now)
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/campaigns/new/")
    page.get_by_role("button", name="Make “Welcome”").click()
    page.get_by_role("button", name="Turn it on without check").click()
    page.get_by_role("dialog").get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("button", name="Pause").first).to_be_visible()
    with Serving(collector(tmp_path)) as serving:
        sdk = Client(a_key("shop"), host=serving.url, sync_mode=True)
        sdk.identify("nina", {"email": "nina@x.org", "firstName": "Nina"})
        sdk.track("nina", "Signed Up")
    work(tasks.trigger, tasks.send)
    page.goto(f"{live_server.url}/campaigns/mailbox/")
    expect(page.get_by_role("link", name="Welcome, Nina")).to_have_count(1)
    assert list(MailboxMessage.objects.values_list("recipient", flat=True)) == ["nina@x.org"]
