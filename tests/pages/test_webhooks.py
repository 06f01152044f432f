"""A webhook as an administrator sets it up, tests it and looks at what was answered."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Endpoint
from cdp.accounts.roles import Role
from tests.campaigns.webhooks.making import a_segment
from tests.cdp.common.outbound.answering import Answering, answer
from tests.factories import a_user
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_webhook_is_set_up_and_tested(page: Page, live_server: LiveServer, settings: Any) -> None:
    a_user(role=Role.ADMIN, email="ada@example.com")
    a_segment("Loyal")
    sign_in(page, live_server.url, email="ada@example.com")
    with Answering(lambda _: answer(b"<i>thanks</i>")) as server:
        settings.OUTBOUND_OWN = [f"http://127.0.0.1:{server.port}/"]
        page.goto(f"{live_server.url}/campaigns/webhooks/")
        page.get_by_role("link", name="New webhook").first.click()
        page.get_by_label("Name", exact=True).fill("CRM")
        page.get_by_label("Address").fill(f"http://127.0.0.1:{server.port}/hooks")
        page.get_by_label("People who enter or leave segments").check()
        page.get_by_label("Only these segments").select_option(label="Loyal")
        page.get_by_role("button", name="Create webhook").click()
        expect(page.locator("#secret")).to_have_text(re.compile("^whsec_"))
        page.get_by_role("link", name="I have kept it").click()
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("The test was delivered: it answered 200.")).to_be_visible()
        expect(page.get_by_label("The answer")).to_have_text("<i>thanks</i>")
        expect(page.locator("pre", has_text='"type": "webhook.test"')).to_be_visible()
    page.get_by_role("link", name="CRM").click()
    expect(page.get_by_role("link", name="webhook.test")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("What happens is written down")).to_be_visible()
    assert Endpoint.objects.get().state == "paused"
