"""The reusable parts work under the strict Content-Security-Policy: the page fixture fails on any refusal."""

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.factories import a_user
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
PAINTED = """figure => {
    const canvas = figure.querySelector("canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size;
}"""


@pytest.fixture
def parts(page: Page, live_server: LiveServer, settings: Settings) -> Page:
    settings.ROOT_URLCONF = "tests.pages.parts_urls"
    a_user(email="vic@example.com")
    sign_in(page, live_server.url, email="vic@example.com")
    page.goto(f"{live_server.url}/parts/")
    return page


def test_a_chart_is_painted_and_its_numbers_open_as_a_table(parts: Page) -> None:
    figure = parts.get_by_role("figure", name="Orders per day")
    expect(figure.locator("canvas")).to_be_visible()
    assert figure.evaluate(PAINTED) > 10
    figure.get_by_text("Numbers as a table").click()
    expect(figure.get_by_role("columnheader")).to_have_text(["Day", "Web", "App"])
    expect(figure.get_by_role("cell")).to_have_text(
        ["Mon", "1,200 orders", "300 orders", "Tue", "1,500 orders", "–", "Wed", "900 orders", "500 orders"]
    )


def test_pointing_at_a_chart_needs_no_inline_style(parts: Page) -> None:
    canvas = parts.locator("figure canvas").first
    box = canvas.bounding_box()
    assert box
    before = parts.locator("figure").first.evaluate(PAINTED)
    parts.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    parts.wait_for_function(f"before => ({PAINTED})(document.querySelector('figure')) !== before", arg=before)


def test_hostile_names_in_a_chart_stay_text(parts: Page) -> None:
    figure = parts.locator("figure").nth(1)
    expect(figure.locator("figcaption")).to_have_text("Orders </script><script>alert(1)</script>")
    assert figure.evaluate(PAINTED) > 3


def test_a_chart_that_comes_later_is_drawn(parts: Page) -> None:
    parts.locator("#late").click()
    expect(parts.locator("#place figure canvas")).to_be_visible()


def test_progress_moves_by_itself_and_stops_when_done(parts: Page) -> None:
    expect(parts.get_by_role("region", name="Import")).to_contain_text("40 of 100 lines")
    expect(parts.get_by_role("region", name="Import")).to_contain_text("Finished")
    assert parts.locator("section.work").get_attribute("hx-get") is None


def test_a_failed_request_is_said(parts: Page) -> None:
    parts.route("**/parts/late/", lambda route: route.fulfill(status=418, body="no"))
    parts.locator("#late").click()
    expect(parts.locator("#sayings")).to_contain_text("The server answered 418.")


def test_the_theme_is_kept(parts: Page) -> None:
    parts.get_by_role("button", name="Switch between light and dark").click()
    assert parts.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    parts.reload()
    assert parts.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert parts.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


def test_times_are_shown_in_the_viewers_zone_with_utc_on_hover(parts: Page) -> None:
    time = parts.locator("#time time")
    assert time.get_attribute("title") == "2026-11-21 12:00:00 UTC"
    shown = time.evaluate(
        "t => t.textContent === new Intl.DateTimeFormat(undefined, {day:'numeric', month:'short', "
        "year:'numeric', hour:'2-digit', minute:'2-digit'}).format(new Date(t.dateTime))"
    )
    assert shown


def test_a_page_loads_itself_anew_when_work_has_ended_but_not_while_it_is_left(parts: Page) -> None:
    def ended(route: Route) -> None:
        route.fulfill(status=200, headers={"HX-Refresh": "true"}, body="")

    parts.route("**/ended/", ended)
    ask = "() => { htmx.ajax('GET', '/ended/', {target: '#main', swap: 'none'}); }"
    parts.evaluate("() => { window.isSame = true; dispatchEvent(new Event('beforeunload')); }")
    with parts.expect_response("**/ended/"):
        parts.evaluate(ask)
    parts.wait_for_timeout(500)
    assert parts.evaluate("window.isSame")
    parts.reload()
    with parts.expect_event("load"):
        parts.evaluate(ask)
