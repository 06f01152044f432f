"""A condition on a score in the rule builder: value, band and expected orders, with a mouse and with keys alone."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.profiles.models import Profile
from cdp.rules.parse import parse
from scoring.models import Predictor, Score
from tests.factories import a_user
from tests.pages.building import Keys, Mouse, card, counted, rule_of
from tests.pages.sign_in import sign_in
from tests.taking_in import take_in, track

pytestmark = pytest.mark.django_db(transaction=True)
Kind = Predictor.Kind


@pytest.fixture
def predictors() -> dict[str, int]:
    """Two of five people are high by the first; of the third, two are expected to order within 30 days."""
    now = utc_now()
    take_in([track(f"u{n}", at=now) for n in range(5)], now=now)
    made = {
        name: Predictor.objects.create(name=name, kind=kind, days=30, created_at=now).pk
        for name, kind in (("Buys", Kind.PURCHASE), ("Next", Kind.NEXT_ORDER), ("Spends", Kind.VALUE))
    }
    for n, profile_id in enumerate(Profile.objects.order_by("pk").values_list("pk", flat=True)):
        said: dict[str, Any] = {"percentile": 20 * n, "model_id": 1, "scored_at": now}
        band = "high" if n > 2 else "low"
        Score.objects.create(profile_id=profile_id, predictor_id=made["Buys"], value=n / 5, band=band, **said)
        Score.objects.create(
            profile_id=profile_id,
            predictor_id=made["Next"],
            value=20 * n,
            band=band,
            expected_at=now + timedelta(days=20 * n, hours=1),
            **said,
        )
    return made


@pytest.fixture
def builder(page: Page, live_server: LiveServer, predictors: dict[str, int]) -> Page:
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/segments/new/")
    return page


def the_leaf(page: Page) -> Any:
    rule = rule_of(page)
    parse(rule)
    [leaf] = rule["root"]["of"]
    return leaf


def test_with_the_mouse(builder: Page, predictors: dict[str, int]) -> None:
    mouse, place = Mouse(builder), card(builder, 0)
    builder.get_by_role("button", name="An empty rule").click()
    expect(counted(builder)).to_have_text("–")
    mouse.add("Likely to do something")
    assert the_leaf(builder) == {"kind": "score", "id": predictors["Buys"], "op": "at_least", "value": 0.5}
    mouse.choose(place, "What of it", "in_band")
    expect(counted(builder)).to_contain_text("2")
    assert the_leaf(builder) == {"kind": "score", "id": predictors["Buys"], "op": "in_band", "bands": ["high"]}
    mouse.choose(place, "Band", "medium,low")
    expect(counted(builder)).to_contain_text("3")
    assert the_leaf(builder)["bands"] == ["medium", "low"]
    mouse.choose(place, "Predictor", str(predictors["Spends"]))
    assert the_leaf(builder) == {"kind": "score", "id": predictors["Spends"], "op": "at_least", "value": 1}
    mouse.number(place, "Number", "250")
    assert the_leaf(builder)["value"] == 250
    mouse.choose(place, "Predictor", str(predictors["Next"]))
    mouse.choose(place, "What of it", "expected_within")
    expect(counted(builder)).to_contain_text("2")
    assert the_leaf(builder) == {
        "kind": "score",
        "id": predictors["Next"],
        "op": "expected_within",
        "amount": 30,
        "unit": "day",
    }
    expect(builder.get_by_text("People who are expected to order in the next 30 days by “Next”")).to_be_visible()


def test_with_keys_alone(builder: Page, predictors: dict[str, int]) -> None:
    keys = Keys(builder)
    keys.tab_to("An empty rule")
    keys.press("Enter")
    expect(builder.locator("#gallery")).to_be_hidden()
    keys.add("Likely to do something")
    if builder.evaluate("document.activeElement.dataset.field") != "id":
        keys.tab_to("Predictor", back=True)
    keys.press("N")
    keys.tab_to("What of it")
    keys.press("ArrowDown", "ArrowDown")
    keys.tab_to("How long")
    keys.type("7")
    expect(counted(builder)).to_contain_text("1")
    assert the_leaf(builder) == {
        "kind": "score",
        "id": predictors["Next"],
        "op": "expected_within",
        "amount": 7,
        "unit": "day",
    }
