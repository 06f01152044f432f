"""The consent prompt on a page of a shop: nothing is loaded or sent before the visitor chose, and the choice stands in
every event."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from cdp.common.clock import utc_now
from cdp.events.models import Event, InboxBatch
from cdp.pipeline import drain
from cdp.privacy.models import Consent, Purpose
from cdp.privacy.prompt import prompt, script
from tests.collecting import a_key, collector
from tests.sdks.browser import shop, wait_in_page
from tests.serving import Serving
from tests.unmanaged import empty_unmanaged_tables

PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'unsafe-inline' {home};
 connect-src {home}">
<script src="{home}/privacy/consent-prompt.js" data-write-key="{key}"></script>
<a href="#" data-tributary-consent>Your privacy choices</a>
<script>analytics.identify("ada", {{plan: "pro"}}); analytics.track("Product Viewed", {{product_id: "p1"}});</script>"""


class WithPrompt:
    """The collector, and beside it the script, as the product serves both from one address."""

    def __init__(self, application: Any, text: str) -> None:
        self.application, self.text = application, text.encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/privacy/consent-prompt.js":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/javascript")]}
            )
            await send({"type": "http.response.body", "body": self.text})
        else:
            await self.application(scope, receive, send)


@pytest.fixture
def address(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    Purpose.objects.all().delete()
    Purpose.objects.create(key="analytics", name="Statistics", data_used="What you look at, counted.")
    Purpose.objects.create(key="advertising", name="Advertising", is_denied_by_gpc=True)
    with Serving(WithPrompt(collector(tmp_path), script(prompt()))) as serving:
        page = PAGE.format(home=serving.url, key=a_key("shop"))
        with shop({"/": page.encode()}) as url:
            yield url
    empty_unmanaged_tables()


def events() -> list[Event]:
    while InboxBatch.objects.exists():
        drain("live", now=utc_now())
    return list(Event.objects.order_by("name"))


def until_stored(page: Page, n: int) -> list[Event]:
    def enough() -> None:
        assert len(events()) >= n

    wait_in_page(page.wait_for_timeout, enough)
    return events()


def test_nothing_goes_out_before_the_choice_and_the_choice_goes_with_everything(browser: Browser, address: str) -> None:
    asked: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.get_by_role("dialog", name="May we use what you do here?").wait_for()
        page.wait_for_timeout(300)
        assert [url for url in asked if "/v1/" in url or "analytics" in url] == []
        page.get_by_role("button", name="Let me choose").click()
        page.get_by_label("Statistics").check()
        page.get_by_role("button", name="Save my choice").click()
        assert page.get_by_role("dialog").count() == 0
        (viewed,) = until_stored(page, 1)
        said = {"analytics": True, "advertising": False}
        assert viewed.context["consent"] == {"categoryPreferences": said}
        assert dict(Consent.objects.filter(namespace="user_id").values_list("purpose", "is_granted")) == said
        page.reload()  # asked once only
        until_stored(page, 2)
        assert page.get_by_role("dialog").count() == 0
        page.get_by_text("Your privacy choices").click()
        assert page.get_by_label("Statistics").is_checked()
        page.get_by_role("button", name="No, thank you").click()
        until_stored(page, 3)
        page.evaluate("analytics.track('Product Viewed')")
        page.wait_for_timeout(500)
        assert [one.name for one in events()] == ["Consent Preference Updated", "Product Viewed", "Product Viewed"]
    assert not Consent.objects.filter(purpose="analytics").order_by("-last_at")[0].is_granted


def test_a_no_loads_nothing_also_on_the_next_page(browser: Browser, address: str) -> None:
    asked: list[str] = []
    with browser.new_context(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.get_by_role("button", name="No, thank you").click()
        page.reload()
        page.wait_for_timeout(300)
        assert page.get_by_role("dialog").count() == 0
    assert {url.rsplit("/", 1)[1] for url in asked} <= {"", "consent-prompt.js", "favicon.ico"}
    assert events() == []


def test_the_browsers_own_no_cannot_be_overruled_by_yes_to_all(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
        page = context.new_page()
        page.goto(address)
        page.get_by_role("button", name="Yes, that is fine").click()
        (viewed,) = until_stored(page, 1)
    assert viewed.context["consent"] == {"categoryPreferences": {"analytics": True, "advertising": False}}
