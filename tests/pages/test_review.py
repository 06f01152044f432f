"""A steward at work, in a browser: a queue of twenty by keyboard, and a profile that was merged wrongly."""

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from identity import audited_links
from identity.models import Candidate
from segments import save
from segments.tasks import refresh, refresh_stale
from tests.cdp.rules.test_rules import rule, trait
from tests.factories import a_user
from tests.identity.alike import candidate, customer, linked, living, twins, visitor
from tests.pages.sign_in import sign_in
from tests.taking_in import ago

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE = "/identity/duplicates/"


@pytest.fixture
def stew(page: Page, live_server: LiveServer) -> Page:
    a_user(role=Role.STEWARD, email="stew@example.com", name="Stew")
    sign_in(page, live_server.url, email="stew@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Candidate.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def press(page: Page, key: str, said: str) -> None:
    """Presses once the two people are there, and waits for what the page says of it."""
    expect(page.locator("#case")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press(key)
    expect(page.locator("#review-said")).to_contain_text(said)


def test_a_steward_empties_a_queue_of_twenty_by_keyboard(stew: Page, live_server: LiveServer) -> None:
    for n in range(20):
        twins(n, probability=0.98 - n / 100)
    stew.goto(live_server.url + QUEUE)
    expect(stew.locator("[data-left]")).to_have_text("20")
    expect(stew.locator(".if-merged")).to_contain_text("wins over")

    stew.keyboard.press("ArrowRight")
    expect(stew.locator("#review-said")).to_contain_text("2 of 20.")
    expect(stew.locator("#case-title")).to_be_focused()
    assert "at=" in stew.url
    stew.keyboard.press("ArrowLeft")
    expect(stew.locator("#review-said")).to_contain_text("1 of 20.")

    for left in range(19, 7, -1):
        press(stew, "m", f"1 of {left}.")
    title = stew.locator("#case-title").inner_text()
    press(stew, "m", "1 of 7.")
    press(stew, "u", "Undone: ")
    expect(stew.locator("#case-title")).to_have_text(title)
    assert len(living()) == 40 - 12
    press(stew, "l", "Put off: ")
    for left in range(7, 0, -1):
        press(stew, "n", f"1 of {left}.")
    expect(stew.locator("#case-title")).to_have_text(title)
    press(stew, "n", "No duplicates wait.")
    expect(stew.get_by_text("No duplicates wait", exact=True)).to_be_visible()
    assert states() == {"same": 12, "different": 8}
    expect(stew.locator(".review-today")).to_contain_text("12 merged (12 profiles fewer), 8 not the same")
    expect(stew.locator(".review-today")).to_contain_text("1 undone")


def test_links_are_checked_by_keyboard(stew: Page, live_server: LiveServer) -> None:
    for n in range(3):
        linked(twins(n, probability=0.995))
    stew.goto(live_server.url + QUEUE)
    expect(stew.locator(".estimate")).to_contain_text("Of 3 links made by itself about")
    stew.get_by_role("link", name="Check 3 of them").click()
    stew.get_by_role("button", name="Check 20 links drawn at random").click()
    expect(stew.locator("#case-title")).to_have_text("Ada Abel and Adah Abel")
    press(stew, "r", "Right: Ada Abel and Adah Abel stay one person. Bela Brandt and Belah Brandt, 2 left.")
    press(stew, "s", "Cleo Conrad and Cleoh Conrad, 2 left.")
    press(stew, "w", "Wrong: Cleo Conrad and Cleoh Conrad are two people now. Bela Brandt and Belah Brandt, 1 left.")
    assert states() == {"same": 1, "different": 1, "linked": 1}
    press(stew, "u", "Undone: ")
    expect(stew.locator("#case-title")).to_have_text("Cleo Conrad and Cleoh Conrad")
    assert states() == {"same": 1, "linked": 2}
    assert len(living()) == 3


def test_letters_typed_into_a_field_decide_nothing(stew: Page, live_server: LiveServer) -> None:
    twins(1)
    stew.goto(live_server.url + QUEUE)
    stew.get_by_text("Filter, and decide many at once").click()
    stew.get_by_label("Text").press_sequentially("mnl")
    stew.keyboard.press("Control+m")
    assert states() == {"open": 1}
    stew.get_by_role("button", name="Show").click()
    expect(stew.get_by_text("No waiting pair matches", exact=True)).to_be_visible()


def test_a_key_held_or_hit_twice_decides_one_pair(stew: Page, live_server: LiveServer) -> None:
    for n in range(3):
        twins(n)
    slow: list[Route] = []
    stew.route("**/decide/**", lambda route: slow.append(route))
    stew.goto(live_server.url + QUEUE)
    expect(stew.locator(".if-merged")).to_contain_text("wins over")
    with stew.expect_request("**/decide/**"):
        for _ in range(3):
            stew.keyboard.press("m")
    expect(stew.locator("#case")).to_have_attribute("aria-busy", "true")
    assert len(slow) == 1
    slow[0].continue_()
    expect(stew.locator("#review-said")).to_contain_text("1 of 2.")
    assert states() == {"open": 2, "same": 1}


def test_a_pair_that_cannot_be_one_stays_and_says_why(stew: Page, live_server: LiveServer) -> None:
    candidate(customer("1", firstName="Ann"), customer("2", firstName="Ann"))
    stew.goto(live_server.url + QUEUE)
    expect(stew.get_by_text("They cannot be merged.")).to_be_visible()
    press(stew, "m", "Nothing was changed.")
    expect(stew.locator(".review-note")).to_contain_text("user_id")


def test_a_wrongly_merged_profile_is_split_and_its_segments_follow(stew: Page, live_server: LiveServer) -> None:
    """Ann and Bob share a mailbox. Bob moved to Basel, so Ann is missing among those of Bern."""
    visitor("ann", at=ago(days=2), email="family@x.org", firstName="Ann", city="Bern")
    visitor("bob", of="app", at=ago(days=1), email="family@x.org", firstName="Bob", city="Basel")
    save.create("People of Bern", rule=rule(trait("city", "is", "Bern")), by=None, now=utc_now())
    refresh_stale.apply()
    [both] = living()
    stew.goto(f"{live_server.url}/people/{both.uuid}/?tab=why-one-person")
    expect(stew.get_by_text("In no segment.")).to_be_visible()
    expect(stew.get_by_text("family@x.org").first).to_be_visible()
    stew.get_by_label("app anon:bob is somebody else").check()
    stew.get_by_role("button", name="Split off the ticked").click()
    expect(stew.get_by_role("region", name="Bob afterwards, who comes out of it")).to_contain_text("Basel")
    assert len(living()) == 1
    stew.get_by_role("button", name="Split off 1 record").click()
    expect(stew.get_by_text("now stands apart for good")).to_be_visible()
    expect(stew.get_by_role("heading", name="Ann", exact=True)).to_be_visible()
    refresh.apply()
    stew.reload()
    expect(stew.get_by_role("link", name="People of Bern", exact=True)).to_be_visible()
    expect(stew.locator(".ledger")).to_contain_text("was split off")

    stew.locator(".ledger").get_by_role("button", name="Undo").click()
    expect(stew.get_by_text("are one person again")).to_be_visible()
    refresh.apply()
    stew.reload()
    expect(stew.get_by_text("In no segment.")).to_be_visible()
    assert len(living()) == 1


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_fit_their_screen(stew: Page, live_server: LiveServer, width: int) -> None:
    twins(1)
    long = "A-very-long-word-without-any-place-to-break-it-at-all-" * 3
    candidate(
        visitor("x" * 80, firstName=long, email=f"{'e' * 60}@x.org"), visitor("y", of="app", firstName=long + "h")
    )
    merged = [visitor(f"m{n}", of=("web", "app")[n % 2], email="m@x.org") for n in range(6)]
    person = next(one for one in living() if one.pk == type(merged[0]).objects.get(pk=merged[0].pk).profile_id)
    linked(candidate(visitor("z" * 80, firstName=long), visitor("zz", of="app", firstName=long + "h")))
    audited_links.draw(1, seed=1)
    stew.set_viewport_size({"width": width, "height": 900})
    for path in (
        "identity/duplicates/?sort=doubtful",
        "identity/duplicates/?least=10",
        "identity/duplicates/many/?least=10&verdict=same",
        "identity/duplicates/history/",
        "identity/duplicates/audit/",
        f"people/{person.uuid}/?tab=why-one-person",
        f"identity/people/{person.uuid}/split/?record={merged[0].pk}",
        f"identity/people/{person.uuid}/merge/?q=x",
    ):
        stew.goto(f"{live_server.url}/{path}")
        expect(stew.locator("[aria-busy=true]")).to_have_count(0)
        expect(stew.locator(".if-merged [role=status]")).to_have_count(0)
        assert stew.evaluate("document.documentElement.scrollWidth") <= width, path
