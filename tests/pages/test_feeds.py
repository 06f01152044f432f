"""A feed as a marketer sets it up and tries it; what it answers is shown, never run."""

import json
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.feeds.first import lay_out_feed
from campaigns.models import Feed
from cdp.accounts.roles import Role
from tests.cdp.common.outbound.answering import Answering, answer
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.polyglots import POLYGLOTS
from tests.taking_in import identify, take_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_feed_is_set_up_and_tried(page: Page, live_server: LiveServer, settings: Any) -> None:
    now = timezone.now()
    take_in([identify("ada", at=now, traits={"email": "ada@example.com", "city": "São Paulo"})], now=now)
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    said = json.dumps({"sky": "sunny", "low": "9", "words": list(POLYGLOTS)}).encode()
    lay_out_feed(site=live_server.url, now=now)
    with Answering(lambda _: answer(said)) as server:
        settings.OUTBOUND_OWN = [f"http://127.0.0.1:{server.port}/", f"{live_server.url}/demo/"]
        page.goto(f"{live_server.url}/campaigns/feeds/")
        page.get_by_role("link", name="Weather where they live").click()
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_text("A good answer")).to_be_visible()
        expect(page.get_by_label("The answer", exact=True)).to_contain_text('"city": "Berlin"')
        page.get_by_role("link", name="Feeds").first.click()
        page.get_by_role("link", name="New feed").first.click()
        page.get_by_label("Name", exact=True).fill("Forecast")
        page.get_by_label("Address").fill(f"http://127.0.0.1:{server.port}/w?c={{{{ profile.city }}}}")
        page.get_by_label("Header 1").fill("Authorization")
        page.get_by_label("Its value 1").fill("Bearer s3cret")
        page.get_by_label("What an answer must look like").fill('{"properties": {"low": {"type": "number"}}}')
        page.get_by_role("button", name="Save feed").click()
        expect(page.get_by_text("Not asked yet")).to_be_visible()
        page.get_by_label("As this person").fill("ada@example.com")
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_text("w?c=S%C3%A3o%20Paulo")).to_be_visible()
        expect(page.get_by_role("cell", name="low", exact=True)).to_be_visible()
        expect(page.get_by_text("Not asked yet")).to_have_count(0)
        expect(page.get_by_text("Fails", exact=True)).to_be_visible()
        expect(page.get_by_label("The answer", exact=True)).to_contain_text('"sky": "sunny"')
    assert "s3cret" not in page.content()
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_label("Header 1")).to_have_value("Authorization")
    expect(page.get_by_label("Its value 1")).to_have_value("")
    assert Feed.objects.filter(key="forecast").exists()
