"""A marketer at the rule builder: what hands do there, with a mouse or with keys alone."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 80
NAMED = """() => {
    const at = document.activeElement;
    return [at.getAttribute("aria-label") ?? at.closest("label")?.querySelector("span")?.textContent
        ?? at.labels?.[0]?.textContent ?? at.textContent, at.closest("[data-node]")?.dataset.node ?? ""];
}"""


def card(page: Page, nth: int) -> Locator:
    return page.locator(".rb-card").nth(nth)


def rule_of(page: Page) -> dict[str, Any]:
    """What would be saved."""
    found: dict[str, Any] = json.loads(page.locator("[name=rule]").input_value())
    return found


def counted(page: Page) -> Locator:
    return page.locator(".preview-count")


class Mouse:
    """Clicks and drags; only names and numbers are typed."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def add(self, title: str) -> None:
        self.page.locator(".rb-add").last.click()
        self.page.get_by_role("menuitem", name=title).click()

    def choose(self, place: Locator, label: str, value: str) -> None:
        place.get_by_label(label, exact=True).select_option(value)

    def pick(self, place: Locator, label: str, option: str) -> None:
        """From the suggestions of a field."""
        place.get_by_role("combobox", name=label, exact=True).click()
        place.get_by_role("option", name=option).first.click()

    def number(self, place: Locator, label: str, value: str) -> None:
        place.get_by_role("spinbutton", name=label, exact=True).fill(value)

    def drag(self, what: Locator, onto: Locator, *, below: bool = True) -> None:
        onto.evaluate("one => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
        start, end = what.bounding_box(), onto.bounding_box()
        assert start and end
        mouse = self.page.mouse
        mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
        mouse.down()
        mouse.move(start["x"] + 20, start["y"] + 30, steps=3)
        mouse.move(end["x"] + 80, end["y"] + (end["height"] - 6 if below else 4), steps=5)
        mouse.up()


class Keys:
    """Never touches the mouse, and finds its way with Tab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, label: str, *, back: bool = False) -> None:
        """The next control of that name, from where the focus is."""
        passed = []
        for _ in range(MOST_TABS):
            self.press("Shift+Tab" if back else "Tab")
            name, _ = self.page.evaluate(NAMED)
            if (name or "").strip().startswith(label):
                return
            passed.append(name)
        raise AssertionError(f"no way to {label!r} past {passed}")

    def type(self, text: str) -> None:
        self.press("Control+a")
        self.page.keyboard.type(text)

    def pick(self, label: str, text: str) -> None:
        """From the suggestions of a field: types, waits for them, takes the first."""
        self.tab_to(label)
        self.type(text)
        expect(self.page.get_by_role("option", name=text).first).to_be_visible()
        self.press("ArrowDown", "Enter")

    def choose(self, label: str, starts: str) -> None:
        """In a list, by its first letters."""
        self.tab_to(label)
        self.page.keyboard.type(starts)

    def add(self, title: str) -> None:
        """From anywhere: to the last button that adds, and in its menu by the first letter."""
        for _ in range(MOST_TABS):
            self.press("Tab")
            if self.page.evaluate("() => document.activeElement.matches('.rb-add')"):
                break
        self.press("Enter")
        for _ in range(20):
            if self.page.evaluate("() => document.activeElement.textContent").startswith(title):
                break
            self.press(title[0])
        self.press("Enter")
