"""The pages of predictors in a browser: the form that follows what is chosen, the threshold one slides, a phone."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.profiles.models import Profile
from scoring.models import Predictor, Score
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_segments import WIDER
from tests.scoring.pages.laid import a_predictor, a_version, scored
from tests.segments.laid import people
from tests.taking_in import take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mara(page: Page, live_server: LiveServer) -> Iterator[Page]:
    """What still loads in the end is waited for: the tables are emptied then."""
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    yield page
    page.wait_for_load_state("networkidle")


@pytest.fixture
def buys(db: None) -> Predictor:
    now = utc_now()
    predictor = a_predictor(created_at=now)
    a_version(predictor, trained_at=now)
    scored(predictor, people(150, now=now), now=now)
    return predictor


def test_the_form_asks_only_for_what_the_choice_needs_and_says_what_it_will_do(
    mara: Page, live_server: LiveServer
) -> None:
    now = utc_now()
    take_in([track(f"u{n}", "Signed Up", at=now, properties={}) for n in range(4)], now=now)
    mara.goto(f"{live_server.url}/predictions/")
    mara.get_by_role("link", name="set up one of your own").click()
    expect(mara.get_by_label("Which event")).to_be_hidden()
    expect(mara.get_by_label("Name", exact=False).last).to_have_value("Buys in 30 days")
    mara.get_by_role("radio", name="Does something else").check(force=True)
    expect(mara.locator("#ready")).to_contain_text("Choose the event that is predicted")
    mara.get_by_label("Which event").fill("Signed Up")
    mara.get_by_label("Within how many days").fill("14")
    expect(mara.locator("#id_name")).to_have_value("Signed Up in 14 days")
    expect(mara.locator("#ready")).to_contain_text("How likely they are to do “Signed Up” within 14 days")
    expect(mara.locator("#ready")).to_contain_text("Too little for a full model yet")
    mara.get_by_role("radio", name="People of a rule or segment").check()
    mara.get_by_role("group", name="Only these people").get_by_role("button", name="Add a condition").click()
    mara.get_by_role("menuitem", name="Did something").click()
    expect(mara.locator("#ready")).to_contain_text("Not complete yet")
    mara.get_by_text("Bands and schedule").click()
    mara.get_by_label("Score everybody").select_option("own")
    mara.get_by_label("Times", exact=True).fill("every day")
    mara.get_by_role("button", name="Save and train").click()
    expect(mara.get_by_text("Not saved yet")).to_be_visible()
    expect(mara.locator(".invalid-feedback", has_text="Write five fields")).to_be_visible()
    expect(mara.locator("#id_name")).to_have_value("Signed Up in 14 days")
    assert not Predictor.objects.exists()


def test_the_threshold_is_slid_with_keys_and_makes_the_segment_it_shows(
    mara: Page, live_server: LiveServer, buys: Predictor
) -> None:
    mara.goto(f"{live_server.url}/predictions/{buys.pk}/")
    slider = mara.get_by_role("slider")
    expect(slider).to_be_visible()
    before = mara.locator("[data-people]").inner_text()
    slider.focus()
    for _ in range(12):
        mara.keyboard.press("ArrowRight")
    expect(mara.locator("[data-people]")).not_to_have_text(before)
    make = mara.get_by_role("link", name="Make segment of these")
    href = make.get_attribute("href") or ""
    [leaf] = json.loads(parse_qs(urlsplit(href).query)["rule"][0])["root"]["of"]
    n = Score.objects.filter(predictor_id=buys.pk, value__gte=leaf["value"]).count()
    expect(mara.locator("[data-people]")).to_have_text(str(n))
    expect(make).to_contain_text(f"these {n} people")
    expect(mara.locator("[data-precision-note]")).to_contain_text("above this score")
    mara.get_by_role("link", name="See them").click()
    expect(mara.locator(".row-split strong")).to_have_text(str(n))
    mara.go_back()
    mara.get_by_role("link", name="Make segment of these").click()
    expect(mara.get_by_role("heading", name="New segment")).to_be_visible()


@pytest.mark.parametrize("part", ["", "people/", "versions/", "edit/"])
def test_nothing_is_wider_than_a_phone(mara: Page, live_server: LiveServer, buys: Predictor, part: str) -> None:
    mara.set_viewport_size({"width": 390, "height": 844})
    for path in (f"/predictions/{buys.pk}/{part}", "/predictions/" if not part else "/predictions/new/"):
        mara.goto(f"{live_server.url}{path}")
        mara.wait_for_load_state("networkidle")
        assert not mara.evaluate(WIDER), path


def test_a_person_shows_scores_over_time(mara: Page, live_server: LiveServer, buys: Predictor) -> None:
    uuid = Profile.objects.order_by("id")[3].uuid
    mara.goto(f"{live_server.url}/people/{uuid}/")
    expect(mara.get_by_text("Likely to buy within 30 days")).to_be_visible()
    mara.get_by_role("link", name="Scores over time").click()
    expect(mara.get_by_role("figure", name="Score over time")).to_be_visible()
