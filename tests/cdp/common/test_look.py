import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from cdp.common.models import Job
from cdp.common.navigation import Area, NavItem, declare, navigation
from cdp.common.templatetags import look

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (None, "unknown")],
)
def test_duration(seconds: float | None, said: str) -> None:
    assert look.duration(seconds) == said


def test_a_time_carries_its_exact_utc() -> None:
    berlin = datetime(2026, 11, 21, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    assert look.when(berlin) == (
        '<time datetime="2026-11-21T12:00:00+00:00" title="2026-11-21 12:00:00 UTC" data-style="moment">'
        "2026-11-21 12:00 UTC</time>"
    )
    assert look.when(None) == "never"


@pytest.mark.parametrize(("part", "whole", "said"), [(1, 3, "33.3 %"), (0, 5, "0.0 %"), (0, 0, "–")])
def test_a_share_shows_both_numbers(part: int, whole: int, said: str) -> None:
    shown = look.share(part, whole)
    assert said in shown
    assert (f"{part} of {whole}" if whole else "none of none") in shown


def job(**fields: object) -> Job:
    started = {"started_at": NOON, "heartbeat_at": NOON + timedelta(seconds=10)}
    return Job(title="Import of orders.csv", **(started | fields))


def bar(work: Job) -> str:
    text = '{% load look %}{% progress job unit="lines" poll_url="/poll" cancel_url="/stop" %}'
    return " ".join(Template(text).render(Context({"job": work})).split())


def test_progress_says_how_far_how_fast_how_long() -> None:
    shown = bar(job(state="running", done=2000, total=12000))
    assert "2,000 of 12,000 lines" in shown
    assert "200 per second" in shown
    assert "about 50 s left" in shown
    assert 'value="2000" max="12000"' in shown
    assert 'hx-get="/poll"' in shown
    assert 'hx-post="/stop"' in shown


def test_progress_of_unknown_length_and_before_the_start_makes_no_promise() -> None:
    for shown in (bar(job(state="running", done=5)), bar(job(state="waiting", started_at=None, heartbeat_at=None))):
        assert "left" not in shown
        assert "value=" not in shown


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_is_over_is_not_polled_and_not_cancelled(state: str) -> None:
    shown = bar(job(state=state, done=5, total=10, error="Line 6 has no e-mail." if state == "failed" else ""))
    assert "hx-get" not in shown
    assert "hx-post" not in shown
    assert ("Line 6 has no e-mail." in shown) == (state == "failed")


class Nobody:
    def may(self, permission: str) -> bool:
        return False


class Everybody:
    def may(self, permission: str) -> bool:
        return True


def test_navigation_hides_what_is_not_allowed_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdp.common.navigation._items", set())
    declare(
        NavItem(Area.SETTINGS, "Team", "accounts:team", "manage_team", order=10),
        NavItem(Area.SETTINGS, "Audit log", "accounts:audit", "view_audit", order=90),
        NavItem(Area.HOME, "Home", "home"),
        NavItem(Area.PEOPLE, "Ghosts", "ghosts:list"),
    )
    areas = navigation(Everybody(), path="/accounts/team/invite/")
    assert [(area.label, area.url, area.is_current) for area in areas] == [
        ("Home", "/", False),
        ("Settings", "/accounts/team/", True),
    ]
    assert [(link.label, link.is_current) for link in areas[1].links] == [("Team", True), ("Audit log", False)]
    assert [area.label for area in navigation(Nobody(), path="/")] == ["Home"]


PAGES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_templates_obey_the_content_security_policy_and_name_icons_there_are(page: Path) -> None:
    text = page.read_text()
    html = re.sub(r"\{[%#].*?[%#]\}", "", text)
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on|hx-vals=[\"']js:", html)
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or 'type="application/json"' in attributes
    sprite = (ROOT / "static" / look.SPRITE).read_text()
    for name in re.findall(r"""(?:\{% icon |icon=)["']([a-z0-9-]+)["']""", text):
        assert f'id="{name}"' in sprite, f"{name}: rebuild the sprite with .ci/icons.py"


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500, 503])
def test_error_pages_need_no_context(code: int) -> None:
    assert re.search(rf">\s*{code}\s*<", render_to_string(f"{code}.html"))
