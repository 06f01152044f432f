"""The released browser SDKs in Chromium, from another origin: their events stand in one profile, once."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.sdks import node
from tests.sdks.browser import shop, visit
from tests.sdks.conftest import Endpoint, the_only_profile
from tests.sdks.flaky import Lost

USE = """
  analytics.identify("ada", {email: "ada@example.com", plan: "pro"});
  analytics.track("Order Completed", {order_id: "o1", total: 12.5});
  analytics.page("Home");
"""
NEXT = """<!doctype html><meta charset="utf-8"><title>Shop</title>
<script>window.AnalyticsNext = undefined</script><script src="/next.js"></script>
<script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load(
    {writeKey: "%(key)s", cdnURL: "%(url)s"},
    {integrations: {"Segment.io": {deliveryStrategy: {strategy: "%(strategy)s"}}}});
"""
SNIPPET = "<!doctype html><meta charset='utf-8'><title>Shop</title><script>%(snippet)s</script><script>\n"
RUDDER = """<!doctype html><meta charset="utf-8"><title>Shop</title><script src="/rudder.js"></script>
<script>
  const analytics = new window.rudderanalytics.RudderAnalytics();
  analytics.load("%(key)s", "%(url)s", {
    configUrl: "%(url)s", useBeacon: %(beacon)s, beaconQueueOptions: {flushQueueInterval: 500}});
"""


def next_js() -> bytes:
    return (node.modules() / "@segment/analytics-next/dist/umd/index.js").read_bytes()


def rudder_js() -> bytes:
    return (node.modules() / "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js").read_bytes()


def check(browser: Browser, endpoint: Endpoint, files: dict[str, bytes], *, posts: int) -> None:
    """Visits the page and looks at what became of it; the browser talked to nobody else."""
    with shop(files) as address:
        hosts = visit(browser, address + "/", until=lambda: endpoint.check_posts(posts))
        assert hosts == sorted([address.split("/")[2], endpoint.url.split("/")[2]])
    assert {status for _, status in endpoint.flaky.posts} == {200}
    events = endpoint.drained()
    assert [event.name for event in events] == ["Order Completed", "Page Viewed"]
    profile = the_only_profile()
    assert {event.profile_id for event in events} == {profile.pk}
    assert {"email": "ada@example.com", "plan": "pro"}.items() <= profile.traits.items()


@pytest.mark.parametrize("lost", [[], [Lost(500)], [Lost(429, ((b"retry-after", b"1"),))]], ids=["", "500", "429"])
def test_analytics_next(browser: Browser, endpoint: Endpoint, lost: list[Lost]) -> None:
    endpoint.flaky.losing[:] = lost
    page = NEXT % {"key": endpoint.key, "url": endpoint.url, "strategy": "standard"} + USE + "</script>"
    check(browser, endpoint, {"/": page.encode(), "/next.js": next_js()}, posts=3 + len(lost))
    assert {path for path, _ in endpoint.flaky.posts} == {"/v1/i", "/v1/t", "/v1/p"}


def test_analytics_next_in_batches(browser: Browser, endpoint: Endpoint) -> None:
    page = NEXT % {"key": endpoint.key, "url": endpoint.url, "strategy": "batching"} + USE + "</script>"
    check(browser, endpoint, {"/": page.encode(), "/next.js": next_js()}, posts=1)
    assert {path for path, _ in endpoint.flaky.posts} == {"/v1/b"}


def test_the_snippet(browser: Browser, endpoint: Endpoint, tmp_path: Path) -> None:
    snippet = node.run("snippet.cjs", WRITE_KEY=endpoint.key, HOST=endpoint.url.removeprefix("http://"))
    page = SNIPPET % {"snippet": snippet.replace("https://", "http://")} + USE + "</script>"
    check(browser, endpoint, {"/": page.encode()}, posts=3)


@pytest.mark.parametrize("beacon", ["false", "true"])
def test_rudder_js(browser: Browser, endpoint: Endpoint, beacon: str) -> None:
    page = RUDDER % {"key": endpoint.key, "url": endpoint.url, "beacon": beacon} + USE + "</script>"
    check(browser, endpoint, {"/": page.encode(), "/rudder.js": rudder_js()}, posts=1 if beacon == "true" else 3)


def test_rudder_js_when_an_answer_is_lost(browser: Browser, endpoint: Endpoint) -> None:
    endpoint.flaky.losing[:] = [Lost(500)]
    page = RUDDER % {"key": endpoint.key, "url": endpoint.url, "beacon": "false"} + USE + "</script>"
    check(browser, endpoint, {"/": page.encode(), "/rudder.js": rudder_js()}, posts=4)
