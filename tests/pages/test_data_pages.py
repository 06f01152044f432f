"""Live events and the quarantine, as a person uses them."""

import json
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.events.models import Event, RejectedMessage
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from tests.crowd import crowd
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


def arrive(name: str, **more: Any) -> None:
    now = timezone.now()
    take_in([track("ada", name, at=now, **more)], now=now)


@pytest.fixture
def stew(page: Page, live_server: LiveServer) -> Page:
    a_user(role=Role.STEWARD, email="stew@example.com")
    sign_in(page, live_server.url, email="stew@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def test_events_appear_as_they_arrive_and_pausing_holds_them(stew: Page, live_server: LiveServer) -> None:
    stew.goto(f"{live_server.url}/data/live/")
    expect(stew.get_by_text("No events yet")).to_be_visible()
    arrive("First Seen", properties={"colour": "teal"})
    line = stew.get_by_role("listitem").filter(has_text="First Seen")
    expect(line).to_be_visible()
    expect(stew.get_by_text("No events yet")).to_be_hidden()
    line.get_by_text("First Seen").click()
    expect(line.locator("pre")).to_contain_text('"colour": "teal"')

    stew.get_by_role("button", name="Pause").click()
    arrive("Second Seen")
    stew.wait_for_timeout(2500)
    expect(stew.get_by_text("Second Seen")).to_have_count(0)
    stew.get_by_role("button", name="Resume").click()
    expect(stew.get_by_role("listitem").filter(has_text="Second Seen")).to_have_count(1)
    stew.wait_for_timeout(1500)
    expect(stew.get_by_role("listitem").filter(has_text="First Seen")).to_have_count(1)


def test_a_filter_stays_in_the_address_and_holds_for_what_arrives(stew: Page, live_server: LiveServer) -> None:
    stew.goto(f"{live_server.url}/data/live/")
    stew.get_by_label("Event", exact=True).fill("wanted")
    stew.get_by_role("button", name="Show").click()
    stew.wait_for_url("**name=wanted**")
    arrive("Unasked")
    arrive("Wanted One")
    expect(stew.get_by_text("Wanted One")).to_be_visible()
    expect(stew.get_by_text("Unasked")).to_have_count(0)


def test_a_message_is_fixed_and_its_event_appears(stew: Page, live_server: LiveServer) -> None:
    take_in([track(event="Lost Order", messageId="lost")])
    stew.goto(f"{live_server.url}/data/quarantine/")
    stew.get_by_role("link", name="Lost Order").click()
    box = stew.get_by_label("The message")
    good = json.loads(box.input_value())
    box.fill("{ no json")
    stew.get_by_role("button", name="Fix and replay").click()
    expect(stew.get_by_text("This is not JSON")).to_be_visible()
    expect(box).to_have_value("{ no json")
    box.fill(json.dumps(good | {"userId": "ada"}))
    stew.get_by_role("button", name="Fix and replay").click()
    expect(stew.get_by_text("Fixed and sent again")).to_be_visible()
    expect(stew.get_by_text("Nothing in quarantine")).to_be_visible()
    drain("live", now=timezone.now())
    assert Event.objects.get().name == "Lost Order"
    person = Profile.objects.get()
    stew.goto(f"{live_server.url}/people/{person.uuid}/")
    expect(stew.get_by_role("listitem").filter(has_text="Lost Order")).to_be_visible()


def test_all_shown_are_dropped_after_asking(stew: Page, live_server: LiveServer) -> None:
    take_in([track(event=f"Lost {n}") for n in range(3)])
    stew.goto(f"{live_server.url}/data/quarantine/")
    stew.get_by_role("button", name="Drop all").click()
    expect(stew.get_by_role("dialog", name="Drop them?")).to_contain_text("3 of these messages")
    stew.get_by_role("button", name="Keep as it is").click()
    assert RejectedMessage.objects.filter(state="waiting").count() == 3
    stew.get_by_role("button", name="Drop all").click()
    stew.get_by_role("button", name="Drop", exact=True).click()
    expect(stew.get_by_text("3 messages dropped.")).to_be_visible()


def test_a_panel_that_fails_says_so_alone_and_can_be_tried_again(stew: Page, live_server: LiveServer) -> None:
    take_in([identify("ada", traits={"city": "Bern"})])
    fails = [True]

    def broken(route: Route) -> None:
        route.fulfill(status=404) if fails[0] else route.continue_()

    stew.route("**/traits/", broken)
    person = Profile.objects.get()
    stew.goto(f"{live_server.url}/people/{person.uuid}/?tab=traits")
    expect(stew.get_by_text("Traits could not be loaded")).to_be_visible()
    expect(stew.get_by_text("Nothing was said about consent yet")).to_be_visible()
    fails[0] = False
    stew.get_by_role("button", name="Try again").click()
    expect(stew.get_by_role("cell", name="Bern")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_fit_their_screen(stew: Page, live_server: LiveServer, width: int) -> None:
    now = timezone.now()
    crowd(20, now=now)
    take_in([track(event="A message with quite a long name, as some senders have it")])
    rejected = RejectedMessage.objects.get()
    person = Profile.objects.order_by("id")[0]
    stew.set_viewport_size({"width": width, "height": 900})
    for path in (
        "people/",
        "people/?q=be",
        *(f"people/{person.uuid}/?tab={tab}" for tab in ("timeline", "traits", "why-one-person", "changes", "raw")),
        f"data/people/{person.uuid}/correct/?trait=city",
        "data/live/",
        "data/quarantine/",
        f"data/quarantine/{rejected.pk}/",
        "data/plan/",
        "data/plan/event/?name=Product+Viewed&draft",
        "api/docs",
    ):
        stew.goto(f"{live_server.url}/{path}")
        expect(stew.locator("[aria-busy=true]")).to_have_count(0)
        assert stew.evaluate("document.documentElement.scrollWidth") <= width, path
