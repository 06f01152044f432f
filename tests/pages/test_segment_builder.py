"""A marketer builds a segment in a browser, with a mouse and with keys alone; people enter it and leave it again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import segment.analytics
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import deployment_zone, utc_now
from cdp.events.shapes import fold
from cdp.pipeline import drain_inbox
from cdp.profiles.models import Profile
from segments import save
from segments.models import Membership, MembershipChange, Segment
from segments.refresh import refresh_changes
from segments.tasks import refresh, refresh_stale
from tests.cdp.rules.test_rules import BUY, VIEW, rule, trait
from tests.collecting import a_key, collector
from tests.factories import a_user
from tests.pages.building import Keys, Mouse, card, counted, rule_of
from tests.pages.sign_in import sign_in
from tests.serving import Serving
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = {"kind": "last", "amount": 7, "unit": "day"}
YEAR = {"kind": "last", "amount": 1, "unit": "year"}
SHOES = {"property": "category", "op": "is", "value": "shoes"}


@pytest.fixture
def vip() -> Segment:
    """Six people: ann and bob alone spent more than 200 and looked at shoes; bob bought since; dan is a VIP."""
    now = utc_now()
    looked = {"category": "shoes", "price": 40}
    told = [identify(name, at=now, traits={"email": f"{name}@shop.example"}) for name in ("ann", "bob", "cat", "dan")]
    told.append(identify("dan", at=now, traits={"level": "gold"}))
    told += [bought(name, 250, at=now - timedelta(days=100)) for name in ("ann", "bob", "dan", "eve")]
    told += [track(name, VIEW, at=now - timedelta(hours=5), properties=looked) for name in ("bob", "cat", "dan")]
    told.append(track("fay", VIEW, at=now - timedelta(hours=5), properties={"category": "hats", "price": 9}))
    told.append(bought("bob", 30, at=now - timedelta(hours=2)))
    take_in(told, now=now, lane="bulk")
    fold(now=now)
    made = save.create("VIP", rule=rule(trait("level", "is", "gold")), by=None, now=now)
    refresh_stale.apply()
    return made


def bought(name: str, total: float, *, at: datetime) -> dict[str, Any]:
    return track(name, BUY, at=at, properties={"order_id": f"{name}-{total}", "total": total})


@pytest.fixture
def builder(page: Page, live_server: LiveServer) -> Page:
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/segments/new/")
    return page


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[segment.analytics.Client]:
    """The shop's own site, with the released SDK in it."""
    with Serving(collector(tmp_path)) as serving:
        client = segment.analytics.Client(a_key("site"), host=serving.url, max_retries=3)
        yield client
        client.join()


def wanted(vip: Segment) -> list[dict[str, Any]]:
    looked = {"name": VIEW, "where": [SHOES]}
    return [
        {"kind": "sequence", "window": WEEK, "steps": [looked, {"name": BUY, "did": False}]},
        {"kind": "event", "name": BUY, "measure": "sum", "op": "more_than", "value": 200, "window": YEAR},
        {"kind": "segment", "id": vip.pk, "op": "not_in"},
    ]


def people_enter_and_leave(built: Segment, shop: segment.analytics.Client) -> None:
    """An event brings ann in at once; seven days later time alone takes her out."""
    refresh_stale.apply()
    assert not Membership.objects.filter(segment_id=built.pk).exists()
    ann = Profile.objects.get(traits__email="ann@shop.example")
    shop.track("ann", VIEW, {"category": "shoes", "price": 60})
    shop.flush()
    drain_inbox.apply()
    refresh.apply()
    assert Membership.objects.get(segment_id=built.pk).profile_id == ann.pk
    refresh_changes(now=utc_now() + timedelta(days=7, minutes=1), zone=deployment_zone())
    changes = MembershipChange.objects.filter(segment_id=built.pk, profile_id=ann.pk).order_by("id")
    assert list(changes.values_list("kind", "cause")) == [("entered", "event"), ("left", "time")]


def test_with_the_mouse(builder: Page, vip: Segment, shop: segment.analytics.Client) -> None:
    page, mouse = builder, Mouse(builder)
    page.reload()
    page.get_by_role("button", name="An empty rule").click()
    expect(counted(page)).to_have_text("–")
    page.get_by_label("Name").fill("Looking again")

    mouse.add("Did something")
    mouse.pick(card(page, 0), "Event", BUY)
    expect(counted(page)).to_have_text("1")
    mouse.choose(card(page, 0), "Unit", "year")
    mouse.number(card(page, 0), "How long", "1")
    expect(counted(page)).to_have_text("4")
    expect(page.locator("[data-delta]")).to_have_text("3 more by the last edit (1 before)")
    mouse.choose(card(page, 0), "What is counted", "sum")
    mouse.choose(card(page, 0), "Comparison", "more_than")
    mouse.number(card(page, 0), "Number", "200")

    mouse.add("In another segment")
    mouse.choose(card(page, 1), "In or not in", "not_in")
    expect(counted(page)).to_have_text("3")

    mouse.add("One thing after another")
    steps = card(page, 2)
    mouse.pick(steps, "Event of step 1", VIEW)
    mouse.number(steps, "How long", "7")
    mouse.pick(steps, "Event of step 2", BUY)
    mouse.choose(steps, "Within a time", "any")
    steps.get_by_role("button", name="where …").first.click()
    mouse.pick(steps, "Property", "category text")
    mouse.pick(steps, "Value", "shoes")
    page.wait_for_load_state("networkidle")  # what is still looked up would draw the card anew under the pointer
    mouse.drag(card(page, 2).get_by_role("button", name="Move the condition"), card(page, 0), below=False)
    assert rule_of(page)["root"]["of"] == wanted(vip)
    expect(counted(page)).to_have_text("0")
    page.get_by_role("button", name="Save segment").dblclick()
    expect(page.get_by_role("heading", name="Looking again")).to_be_visible()

    built = Segment.objects.exclude(pk=vip.pk).get()
    assert built.rule == rule(*wanted(vip))
    people_enter_and_leave(built, shop)


def test_with_keys_alone(builder: Page, vip: Segment, shop: segment.analytics.Client) -> None:
    page, keys = builder, Keys(builder)
    page.reload()
    keys.tab_to("An empty rule")
    keys.press("Enter")
    expect(page.locator("#gallery")).to_be_hidden()
    keys.tab_to("Name", back=True)
    page.keyboard.type("Looking again")

    keys.add("In another segment")
    keys.tab_to("In or not in", back=True) if page.evaluate("document.activeElement.dataset.field") != "op" else None
    page.keyboard.type("are not")
    expect(counted(page)).to_have_text("5")

    keys.add("One thing after another")
    keys.type(VIEW)
    expect(page.get_by_role("option", name=VIEW).first).to_be_visible()
    keys.press("ArrowDown", "Enter")
    keys.tab_to("How long")
    keys.type("7")
    keys.tab_to("where …")
    keys.press("Enter")
    keys.type("category")
    expect(page.get_by_role("option", name="category text").first).to_be_visible()
    keys.press("ArrowDown", "ArrowDown", "Enter")
    keys.pick("Value", "shoes")
    keys.pick("Event of step 2", BUY)
    keys.choose("Within a time", "at")
    expect(counted(page)).to_have_text("1")

    keys.add("Did something")
    keys.type(BUY)
    expect(page.get_by_role("option", name=BUY).first).to_be_visible()
    keys.press("ArrowDown", "Enter")
    keys.choose("What is counted", "with a s")
    keys.choose("Comparison", "more")
    keys.tab_to("Number")
    keys.type("200")
    keys.tab_to("How long")
    keys.type("1")
    keys.choose("Unit", "y")
    expect(counted(page)).to_have_text("0")

    keys.tab_to("Move the condition", back=True)
    keys.tab_to("Move the condition", back=True)
    keys.tab_to("Move the condition", back=True)
    keys.press("Space", "ArrowDown", "ArrowDown")
    expect(page.locator(".rb [role=status]")).to_have_text("3 of 3 in the outer group, all of these")
    keys.press("Enter")
    assert rule_of(page)["root"]["of"] == wanted(vip)
    keys.tab_to("Save segment")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Looking again")).to_be_visible()
    people_enter_and_leave(Segment.objects.exclude(pk=vip.pk).get(), shop)
