"""Somebody who walks through the product: a browser, programs beside it, the workers, and a clock that is held."""

import csv
import http.client
import io
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from celery import Task
from django.db import connection
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, expect

from campaigns.check import job
from campaigns.tasks import check_audience
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.models import Job
from cdp.connectors.models import Import
from cdp.connectors.running import run as run_import
from cdp.events.shapes import fold
from cdp.pipeline import drain
from scoring import runs
from scoring.jobs import KIND, OPEN
from scoring.recommend.run import KIND as RECOMMENDING
from scoring.recommend.tasks import make_recommendations
from scoring.tasks import train_and_score
from segments.refresh import refresh_changes
from segments.tasks import refresh_stale
from tests.stories.held_clock import HeldClock

READER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
"""A person's browser: one without a window calls itself so, and would be taken for the machine that it is."""
DESK, PHONE = ViewportSize(width=1200, height=750), ViewportSize(width=390, height=844)


def work(*due: "Task[Any, Any]") -> None:
    """What workers do within a second."""
    try:
        for lane in ("live", "bulk"):
            while drain(lane, now=utc_now()).rows:
                pass
        fold(now=utc_now())
        refresh_stale.apply(throw=True)
        refresh_changes(now=utc_now(), zone=deployment_zone())
        for task in due:
            task.apply(throw=True)
    finally:
        connection.close()


def work_imports() -> None:
    try:
        for one in Import.objects.filter(queued_at__isnull=False, job__state__in=OPEN):
            run_import(one.pk, clock=utc_now, wait=work)
    finally:
        connection.close()
    work()


def work_predictions() -> None:
    """The training that was asked for, then everybody's scores; and recommendations that were."""
    try:
        for one in Job.objects.filter(kind=KIND, state__in=OPEN):
            train_and_score.apply(args=(one.pk,), throw=True)
        for one in Job.objects.filter(kind=runs.KIND, state__in=OPEN):
            runs.work(one.pk, clock=utc_now)
        for one in Job.objects.filter(kind=RECOMMENDING, state__in=OPEN):
            make_recommendations.apply(args=(one.pk,), throw=True)
    finally:
        connection.close()


def work_checks() -> None:
    """Of whole audiences."""
    try:
        for one in Job.objects.filter(kind=job.KIND, state__in=job.OPEN):
            check_audience.apply(args=(one.pk,), throw=True)
    finally:
        connection.close()


@dataclass
class Http:
    """A program that asks one address; follows nothing, keeps its connection where the other side does."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, target: str, body: Any = None) -> tuple[int, dict[str, str], bytes]:
        where, to = urlsplit(self.url), urlsplit(target)
        with_body = {} if body is None else {"Content-Type": "application/json"}
        connection_ = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
        path = f"{to.path}?{to.query}" if to.query else to.path
        connection_.request(method, path, None if body is None else json.dumps(body), {**self.headers, **with_body})
        answer = connection_.getresponse()
        said = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection_.close()
        return said

    def get(self, target: str) -> bytes:
        status, _, body = self.ask("GET", target)
        assert status == 200, (target, status, body[:500])
        return body

    def json(self, method: str, target: str, body: Any = None) -> Any:
        status, _, said = self.ask(method, target, body)
        assert 200 <= status < 300, (target, status, said[:500])
        return json.loads(said)

    def all(self, target: str, **query: Any) -> list[Any]:
        """Every page of a list of the REST API."""
        page = self.json("GET", f"{target}?{urlencode({'limit': 200, **query})}")
        found = list(page["results"])
        while page["next"]:
            page = self.json("GET", page["next"])
            found += page["results"]
        return found

    def rows(self, target: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.get(target).decode("utf-8-sig"))))


class Links(HTMLParser):
    """The links of a mail with their words, and its pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.pictures: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self._open = [given.get("href") or "", ""]
        elif tag == "img":
            self.pictures.append(given.get("src") or "")

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            self.links.append((self._open[1].strip(), self._open[0]))
            self._open = []

    def to(self, words: str) -> list[str]:
        return [target for text, target in self.links if text == words]


class Walker:
    """In the browser. With SCREENSHOTS=folder it takes pictures on the way."""

    def __init__(self, browser: Browser, url: str, clock: HeldClock) -> None:
        self.url, self.clock = url, clock
        context = browser.new_context(viewport=DESK, color_scheme="light", user_agent=READER, reduced_motion="reduce")
        context.set_default_timeout(30_000)
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def go(self, path: str) -> Page:
        self.page.clock.set_fixed_time(self.clock.now)
        self.page.goto(f"{self.url}{path}")
        return self.page

    def waits(self, working: Callable[[], None]) -> None:
        """Leaves the page while workers work: one that asks how far they are loads itself anew in the end."""
        here = self.page.url
        self.page.goto("about:blank")
        working()
        self.page.goto(here)

    def sees(self, *words: str) -> None:
        for text in words:
            expect(self.page.locator("main")).to_contain_text(re.compile(r"\s+".join(map(re.escape, text.split()))))

    def picture(self, name: str, *, of: str = "", phone: bool = False) -> None:
        """Of the screen, or of one part of the page alone."""
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        self.page.set_viewport_size(PHONE if phone else DESK)
        with suppress(TimeoutError):  # some parts ask again and again
            self.page.wait_for_load_state("networkidle", timeout=10_000)
        place = self.page.locator(of).first if of else self.page
        place.screenshot(path=Path(folder) / f"real-shop-{name}.png", animations="disabled")
        self.page.set_viewport_size(DESK)

    def cookies(self) -> Http:
        """A program that is signed in as the browser is."""
        said = "; ".join(f"{one['name']}={one['value']}" for one in self.page.context.cookies())
        return Http(self.url, {"Cookie": said, "User-Agent": READER})

    def close(self) -> None:
        self.page.context.close()
        assert not self.wrong
