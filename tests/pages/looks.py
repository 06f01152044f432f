"""What a page must be for everybody, looked at in a real browser: no serious fault by axe (WCAG 2.2 AA and good
practice) on a desk in light colours and on a phone in dark ones; nothing hangs over the side of a phone; what the mouse
can do the Tab key reaches, and gets away from again."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import Page, ViewportSize

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations'], iframes: false, preload: false});
  return found.violations.filter(one => ['serious', 'critical'].includes(one.impact)).map(one => ({
    id: one.id, help: one.help, nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)),
    why: one.nodes[0].failureSummary.slice(0, 300)}));
}"""
THEME = "name => { document.documentElement.dataset.bsTheme = name; }"
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)

HANGS_OVER = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  const scrolls = one => { for (let up = one.parentElement; up; up = up.parentElement)
    if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(up).overflowX) && up !== document.body
        && up !== document.documentElement) return true; return false; };
  return [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > most + 1
    && one.getClientRects().length && !scrolls(one)).slice(0, 3).map(one => one.outerHTML.slice(0, 160));
}"""
OUT_OF_REACH = """() => {
  const shown = one => one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert]');
  const acts = '[hx-get],[hx-post],[hx-delete],[hx-put],[role=button],[onclick],[data-bs-toggle]';
  const reached = one => one.tabIndex >= 0 || one.role === 'tab' || one.disabled || one.matches('form, [disabled]');
  const byItself = one => /load|every|revealed|intersect|sse|changed|from:/.test(one.getAttribute('hx-trigger') || '');
  return [...document.querySelectorAll(acts)].filter(one => shown(one) && !reached(one) && !byItself(one))
    .slice(0, 3).map(one => one.outerHTML.slice(0, 160));
}"""
"""What acts on a click without being a link, a button or a field."""
LAST = """() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')];
  const shown = all.filter(one => one.tabIndex >= 0 && !one.disabled && one.type !== 'hidden' && one.type !== 'radio'
    && one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert]'));
  shown.forEach((one, n) => one.dataset.tabNumber = n);
  document.activeElement?.blur(); getSelection().removeAllRanges();
  return shown.length;
}"""
STILL_THERE = """numbers => [...document.querySelectorAll('[data-tab-number]')]
  .filter(one => numbers.includes(one.dataset.tabNumber)).map(one => one.outerHTML.slice(0, 200))"""
"""What was replaced meanwhile does not count."""
AT = "() => document.activeElement?.dataset?.tabNumber ?? -1"
SETTLED = "() => !document.querySelector('.htmx-request, [aria-busy=true]')"
"""What is being loaded is faint, and not all there, for a moment."""
ONCE_MORE_MS = 1_000
STOPS_EACH = 4


_looked_at: set[str] = set()


def kind_of(path: str) -> str:
    """Pages that one view makes."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<=^/docs/)[\w-]+", "#", urlsplit(path).path)


def is_new(url: str) -> bool:
    """Whether no page of the kind was looked at by this process yet; from now on one was."""
    kind = kind_of(url)
    if not url.startswith("http") or kind in _looked_at:
        return False
    _looked_at.add(kind)
    return True


def faults(page: Page) -> Iterator[str]:
    """In words, of the page that is open; it is left as wide and as bright as it was. What is wrong is wrong twice: a
    part that just began to load is looked at again when it has come."""
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function(SETTLED)
    if list(_faults(page)):
        page.wait_for_timeout(ONCE_MORE_MS)
        page.wait_for_function(SETTLED)
        yield from _faults(page)


def hangs_over(page: Page) -> Iterator[str]:
    """What is wider than a phone."""
    before = page.viewport_size
    page.set_viewport_size(PHONE)
    yield from (f"wider than a phone: {one}" for one in page.evaluate(HANGS_OVER))
    page.set_viewport_size(before or DESK)


def _faults(page: Page) -> Iterator[str]:
    yield from _axe(page, "desk")
    yield from (f"cannot be reached by key: {one}" for one in page.evaluate(OUT_OF_REACH))
    before = page.viewport_size
    page.evaluate(THEME, "dark")
    page.set_viewport_size(PHONE)
    yield from (f"wider than a phone: {one}" for one in page.evaluate(HANGS_OVER))
    yield from _axe(page, "phone, dark")
    page.evaluate(THEME, "light")
    page.set_viewport_size(before or DESK)


def _axe(page: Page, where: str) -> Iterator[str]:
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN)
    for one in found:
        yield f"{where}: {one['id']}: {one['help']}: {one['nodes']} {one['why']}"


def trap(page: Page) -> str:
    """Where Tab does not get on, if anywhere: it should come by all that can be reached. Wrong is wrong twice."""
    return _trap(page) and _trap(page)


def _trap(page: Page) -> str:
    """Fields of dates, and frames, are more than one stop."""
    page.wait_for_function(SETTLED)
    missing = set(range(page.evaluate(LAST)))
    for _ in range(30 + STOPS_EACH * len(missing)):
        if not missing:
            return ""
        page.keyboard.press("Tab")
        missing.discard(int(page.evaluate(AT)))
    said: list[str] = page.evaluate(STILL_THERE, [str(n) for n in missing])
    return said[0] if said else ""
