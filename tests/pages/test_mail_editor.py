"""A marketer writes a mail in the browser: blocks, a condition, undo, saving by itself, and whose changes stand."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns import content_save
from campaigns.models import Template
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from tests.campaigns.library.cases import a_template, content, text
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.taking_in import identify, take_in

pytestmark = pytest.mark.django_db(transaction=True)


SAVED = "() => document.querySelector('[data-saved]').dataset.state === 'saved'"


def stored(template: Template) -> Any:
    return Template.objects.get(pk=template.pk).content


def test_a_mail_is_written(page: Page, live_server: LiveServer) -> None:
    take_in([identify("ann", at=utc_now(), traits={"email": "ann@x.org", "firstName": "Ann", "level": "gold"})])
    template = a_template(of=content(text("b1", "Hello {{ first_name | default: 'you' }}"), subject="News"))
    a_user(role=Role.MARKETER, email="mara@example.com")
    other = a_user(role=Role.MARKETER, email="lou@example.com", name="Lou")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/campaigns/mails/{template.pk}/")
    frame, settings = page.frame_locator(".me-frame:not([data-coming])"), page.locator("[data-settings]")
    expect(frame.get_by_text("Hello Ann")).to_be_visible()
    kinds = page.locator(".me-pick-title")

    page.get_by_role("button", name="Add a block", exact=True).click()
    page.get_by_role("menuitem", name="Button").click()
    expect(kinds).to_have_text(["Subject and look", "Text", "Button", "Footer"])
    settings.get_by_label("Words on it", exact=True).fill("To the shop")
    settings.get_by_label("Only people who …").check()
    dialog = page.get_by_role("dialog", name="Show this block to whom?")
    dialog.get_by_role("button", name="Add a condition").click()
    dialog.get_by_role("menuitem", name="Something known of them").click()
    dialog.get_by_role("combobox", name="Trait").fill("level")
    dialog.get_by_role("combobox", name="Value").fill("gold")
    expect(dialog.locator(".preview-count")).to_have_text("1")
    dialog.get_by_role("button", name="Use this condition").click()
    expect(page.locator("[data-outline] .me-chip").first).to_contain_text("only people whose level is “gold”")
    expect(frame.get_by_role("link", name="To the shop")).to_be_visible()
    page.wait_for_function(SAVED)
    made = stored(template)["blocks"][1]
    assert (made["kind"], made["text"]) == ("button", "To the shop")
    assert made["when"]["root"]["of"] == [{"kind": "trait", "name": "level", "op": "is", "value": "gold"}]

    page.locator('[data-pick="b1"]').focus()
    page.keyboard.press("Delete")
    expect(kinds).to_have_text(["Subject and look", "Button", "Footer"])
    page.keyboard.press("Control+z")
    expect(kinds).to_have_text(["Subject and look", "Text", "Button", "Footer"])
    page.locator('[data-handle="b1"]').focus()
    for key in ("Space", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(kinds).to_have_text(["Subject and look", "Button", "Text", "Footer"])
    expect(page.locator('[data-handle="b1"]')).to_be_focused()
    page.wait_for_function(SAVED)
    assert [one["kind"] for one in stored(template)["blocks"]] == ["button", "text", "footer"]

    now = Template.objects.get(pk=template.pk)
    content_save.save(now, content=content(text("b1", "Lou's")), revision=now.revision, by=other, now=utc_now())
    page.locator('[data-pick="b1"]').click()
    settings.get_by_label("Text", exact=True).fill("Mine")
    expect(page.get_by_role("alert")).to_contain_text("Lou changed this at")
    page.get_by_role("button", name="Load that version").click()
    expect(kinds).to_have_text(["Subject and look", "Text", "Footer"])
    page.keyboard.press("Control+z")
    page.wait_for_function(SAVED)
    assert json.dumps(stored(template)).count("Mine") == 1


CASES = Path(__file__).with_name("mail_blocks.js")
EXPECTED = {
    "down": "c[a x|y] d>e>f g",
    "through": "c[x|y] a d>e>f g",
    "up": "a c[x|d>e>f y] g",
    "sideways": "a c[|x y] d>e>f g",
    "noColumnsInside": "a d>e>f g c[x|y]",
    "into": "c[x|a y] d>e>f g",
    "columnsInto": "no",
    "elseAlone": "no",
    "removedElse": "a c[x|y] d>f g",
    "removedHead": "a c[x|y] g",
    "fewer": "a c[x y] d>e>f g",
    "more": "a c[x|y|] d>e>f g",
    "above": "a c[x|y] d>e>f n g",
    "beside": "a c[x|y n] d>e>f g",
    "columnsBeside": "a c[x|y] n[] d>e>f g",
    "unique": True,
    "splits": "subject:1 d:2",
    "changed": "e none",
    "places": "e:text d: :subject.cases[0].when :",
    "bold": "a **word**@4-8",
    "unbold": "a word@2-6",
    "link": "see [it](https://)@9-17",
    "list": "- one\n- two@0-11",
    "listed": "one\ntwo@0-7",
    "afterWords": "so:\n\n- one@5-10",
}


def test_what_can_be_done_with_blocks_and_words(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    assert page.evaluate(CASES.read_text()) == EXPECTED
