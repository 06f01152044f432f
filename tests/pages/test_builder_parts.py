"""The parts of the rule builder in a browser: templates, mistakes, undo, import, the histogram, who is in."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.events.shapes import fold
from segments.models import Segment
from tests.cdp.rules.test_rules import BUY, VIEW, event, no, rule, trait
from tests.factories import a_user
from tests.pages.building import Mouse, card, counted, rule_of
from tests.pages.sign_in import sign_in
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def builder(page: Page, live_server: LiveServer) -> Page:
    now = utc_now()
    told = [identify("ann", at=now, traits={"email": "ann@shop.example", "firstName": "Ann", "city": "Rome"})]
    for person in range(12):
        about = {"order_id": str(person), "total": 10 * person + 10}
        told += [track(f"u{person}", VIEW, at=now), track(f"u{person}", BUY, at=now, properties=about)]
    take_in([*told, track("ann", VIEW, at=now, properties={"color": "red"})], now=now, lane="bulk")
    fold(now=now)
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/segments/new/")
    return page


def bring_in(page: Page, text: str) -> None:
    page.get_by_role("button", name="Import or export").click()
    page.get_by_label("The rule as JSON").fill(text)
    page.get_by_role("button", name="Use this rule").click()


def test_a_template_fills_the_builder(builder: Page) -> None:
    builder.get_by_role("button", name="Viewed, not bought").click()
    expect(builder.get_by_label("Name")).to_have_value("Viewed, not bought")
    expect(counted(builder)).to_have_text("0")
    expect(builder.locator(".rb-english")).to_contain_text("who did not do Order Completed in the last 14 days")
    assert [one["name"] for one in rule_of(builder)["root"]["of"]] == [VIEW, BUY]


def test_a_mistake_stands_at_its_condition_and_what_was_typed_is_kept(builder: Page) -> None:
    builder.get_by_role("button", name="An empty rule").click()
    builder.get_by_label("Name").fill("Nothing")
    mouse = Mouse(builder)
    mouse.add("Something known of them")
    builder.keyboard.press("Escape")
    mouse.add("Did something")
    mouse.pick(card(builder, 0), "Trait", "city")
    mouse.pick(card(builder, 0), "Value", "Rome")
    expect(card(builder, 1).locator(".rb-error")).to_have_text("is empty: choose or type it")
    expect(card(builder, 1).get_by_label("Event")).to_have_attribute("aria-invalid", "true")
    builder.get_by_role("button", name="Save segment").click()
    expect(builder.locator("[data-rule-error]")).to_have_text("is empty: choose or type it")
    expect(builder.get_by_label("Name")).to_have_value("Nothing")
    expect(card(builder, 0).get_by_label("Value", exact=True)).to_have_value("Rome")
    expect(card(builder, 1).locator(".rb-error")).to_be_visible()
    assert not Segment.objects.exists()


def test_undo_redo_duplicate_group_and_remove(builder: Page) -> None:
    of = rule(event(VIEW), trait("city", "is", "Rome"))
    bring_in(builder, json.dumps(of))
    expect(counted(builder)).to_have_text("1")
    card(builder, 0).get_by_role("button", name="Duplicate").click()
    card(builder, 2).get_by_role("button", name="Put in a group of its own").click()
    grouped = rule(event(VIEW), event(VIEW), rule(trait("city", "is", "Rome"), kind="any")["root"])
    assert rule_of(builder) == grouped
    card(builder, 0).get_by_role("button", name="Remove").click()
    for _ in range(3):
        builder.get_by_role("button", name="Undo").click()
    assert rule_of(builder) == of
    for _ in range(2):
        builder.get_by_role("button", name="Redo").click()
    assert rule_of(builder) == grouped


def test_moves_into_groups_and_out_again_by_drag_and_by_keyboard(builder: Page) -> None:
    bring_in(builder, json.dumps(rule(event(VIEW), rule(event(BUY), kind="any")["root"])))
    handle = card(builder, 0).get_by_role("button", name="Move the condition")
    Mouse(builder).drag(handle, card(builder, 1))
    assert rule_of(builder) == rule(rule(event(BUY), event(VIEW), kind="any")["root"])
    for key in ("Space", "ArrowLeft", "Space"):
        builder.keyboard.press(key)
    assert rule_of(builder) == rule(rule(event(BUY), kind="any")["root"], event(VIEW))
    expect(card(builder, 1).get_by_role("button", name="Move the condition")).to_be_focused()
    for key in ("Enter", "ArrowUp", "ArrowUp", "Escape"):
        builder.keyboard.press(key)
    assert rule_of(builder) == rule(rule(event(BUY), kind="any")["root"], event(VIEW))
    expect(builder.locator(".rb [role=status]")).to_have_text("Put back where it was.")


def test_import_says_where_the_mistake_is(builder: Page, tmp_path: Path) -> None:
    bring_in(builder, '{"version": 1,\n "root": }')
    said = builder.locator("[data-import-error]")
    expect(said).to_have_text("rule: is no JSON: line 2, character 10: Expecting value")
    for text, words in (("[]", "rule: must be an object"), ('{"version": 3}', "rule.version: must be 1")):
        builder.get_by_label("The rule as JSON").fill(text)
        builder.get_by_role("button", name="Use this rule").click()
        expect(said).to_contain_text(words)
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(rule(trait("city", "is", "Rome"), event(VIEW, "sideways"))))
    builder.get_by_label("Or from a file").set_input_files(file)
    builder.get_by_role("button", name="Use this rule").click()
    expect(card(builder, 1).locator(".rb-error")).to_contain_text("must be one of at_least")
    expect(card(builder, 1).get_by_label("Comparison")).to_have_attribute("aria-invalid", "true")


def test_what_comes_in_goes_out_again_also_what_the_builder_does_not_know(builder: Page) -> None:
    unknown = {"kind": "from the future", "deep": [{"x": None}]}
    of = rule(no(rule(event(VIEW), kind="any")["root"]), unknown)
    bring_in(builder, json.dumps(of))
    expect(card(builder, 1)).to_contain_text('"from the future"')
    expect(card(builder, 1).locator(".rb-error")).to_contain_text("must be one of all, any, not")
    builder.get_by_role("button", name="Import or export").click()
    with builder.expect_download() as started:
        builder.get_by_role("button", name="Download as a file").click()
    assert json.loads(Path(started.value.path()).read_text()) == of


def test_a_threshold_is_chosen_by_looking(builder: Page) -> None:
    """Twelve people spent 10 to 120: the edge of the picture sets the number, by keys and by hand."""
    bring_in(builder, json.dumps(rule(event(BUY, "at_least", 0, measure="sum"))))
    number = card(builder, 0).get_by_label("Number")
    number.click()
    edge = builder.get_by_role("slider", name="Threshold")
    expect(edge).to_have_attribute("aria-valuenow", "0")
    expect(builder.locator(".rb-picture-note")).to_contain_text("12 people have it. Half of them up to 60")
    edge.focus()
    builder.keyboard.press("PageUp")
    builder.keyboard.press("ArrowRight")
    chosen = float(number.input_value())
    assert 10 < chosen < 60
    above = sum(1 for n in range(12) if 10 * n + 10 >= chosen)
    expect(counted(builder)).to_have_text(str(above))
    box = builder.locator(".rb-picture").bounding_box()
    assert box
    builder.mouse.move(*centre(edge.locator("circle").bounding_box()))
    builder.mouse.down()
    builder.mouse.move(box["x"] + box["width"] + 50, box["y"] + 20, steps=4)
    builder.mouse.up()
    expect(counted(builder)).to_have_text("1")
    assert float(number.input_value()) >= 110


def centre(box: Any) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_people_with_what_was_seen_and_the_events_behind_it(builder: Page) -> None:
    of = rule(event(VIEW, window={"kind": "last", "amount": 7, "unit": "day"}), trait("city", "is", "Rome"))
    bring_in(builder, json.dumps(of))
    people = builder.get_by_role("region", name="Some of the people")
    expect(people.get_by_role("link", name="Ann")).to_be_visible()
    people.get_by_text("Rome", exact=True).click()
    expect(people).to_contain_text("No event lies behind it; seen: Rome")
    people.locator("summary").first.click()
    expect(people).to_contain_text("Product Viewed")
    expect(people).to_contain_text("red")
    builder.get_by_label("E-mail, user id or another identifier").fill("ann@shop.example")
    builder.get_by_role("button", name="Look").click()
    expect(builder.locator("#person-answer")).to_contain_text("leaves")
    builder.get_by_label("E-mail, user id or another identifier").fill("u3")
    builder.keyboard.press("Enter")
    expect(builder.locator(".rb-verdict")).to_contain_text("Not in")
    expect(builder.locator(".rb-decides")).to_contain_text("city is")


def test_leaving_with_unsaved_changes_asks(builder: Page, live_server: LiveServer) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    builder.on("dialog", stay)
    builder.get_by_role("button", name="Lapsed").click()
    builder.locator(".crumbs").get_by_role("link", name="Segments").click()
    expect(builder.get_by_label("Name")).to_have_value("Lapsed")
    assert asked == ["beforeunload"]
    builder.get_by_role("button", name="Save segment").click()
    expect(builder.get_by_role("heading", name="Lapsed")).to_be_visible()
    assert asked == ["beforeunload"]


def test_without_any_data_it_says_so_and_still_builds(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 840})
    page.goto(f"{live_server.url}/segments/new/")
    expect(page.get_by_text("Your data has no such event or trait yet").first).to_be_visible()
    page.get_by_role("button", name="An empty rule").click()
    expect(page.get_by_text("No events have arrived yet")).to_be_visible()
    Mouse(page).add("Did something")
    card(page, 0).get_by_label("Event").fill(VIEW)
    expect(page.locator(".rb-bar-count")).to_have_text("0 people")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
