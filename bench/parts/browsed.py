"""Asks pages as a browser would and follows what they offer: filters, sorting, further pages, fragments."""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

LINK = re.compile(r'\s(href|hx-get|src)="([^"]+)"')
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
SELECT = re.compile(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]+)"')
DEEP = 3
"""Pages on from each list."""
STATEMENT_LIMIT_S = 30


@dataclass
class Asked:
    """One address: its times in milliseconds, the first with the product's cache empty."""

    route: str
    url: str
    status: int = 0
    wall_ms: list[float] = field(default_factory=list)
    server_ms: list[float] = field(default_factory=list)
    """Without what this process and its database backend waited for a processor that others had."""
    processor_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    queries: int = 0
    slowest_ms: float = 0.0
    slowest: str = ""
    size: int = 0


@dataclass(frozen=True)
class Times:
    """In seconds: as the clock said, without waiting for a processor, and of the processor in this process."""

    wall_s: float
    server_s: float
    processor_s: float


class Watch:
    """Counts and times what a request asks the database."""

    def __init__(self) -> None:
        self.n, self.took_s, self.slowest_s, self.slowest = 0, 0.0, 0.0, ""

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - started
            self.n, self.took_s = self.n + 1, self.took_s + took
            if took > self.slowest_s:
                self.slowest_s, self.slowest = took, str(sql)


class Browser:
    """Signed in as an admin; asks the API with a token that may read all."""

    def __init__(self, admin: Any, token: str) -> None:
        from django.test import Client

        self.client = Client(raise_request_exception=False, headers={"host": "localhost"})
        self.client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
        self.token = token

    def get(self, url: str, *, is_fragment: bool = False) -> tuple[Any, Watch, Times]:
        """The answer, what it asked, how long it took."""
        from django.db import connection

        headers = {"host": "localhost"}
        if url.startswith("/api/"):
            headers["authorization"] = f"Bearer {self.token}"
        elif is_fragment:
            headers["hx-request"] = "true"
        watch = Watch()
        waited = self._waited_s()
        with connection.execute_wrapper(watch):
            processor, started = time.process_time(), time.perf_counter()
            answer = self.client.get(url, headers=headers)
            if answer.streaming:
                answer.close()
            took = time.perf_counter() - started
        times = Times(took, max(0.0, took - (self._waited_s() - waited)), time.process_time() - processor)
        return answer, watch, times

    def _waited_s(self) -> float:
        """So long this process and its backend stood in the line for a processor, as the system counts it (Linux)."""
        from django.db import connection

        connection.ensure_connection()
        found = 0
        for pid in ("self", str(connection.connection.info.backend_pid)):
            file = Path("/proc") / pid / "schedstat"
            if file.exists():
                found += int(file.read_text().split()[1])
        return found / 1e9


def measure(browser: Browser, asked: Asked, *, rounds: int, is_fragment: bool) -> str:
    """Once with the product's cache empty, then `rounds` times. Returns what was answered."""
    from django.core.cache import cache

    cache.clear()
    text = ""
    for number in range(1 + rounds):
        answer, watch, times = browser.get(asked.url, is_fragment=is_fragment)
        asked.status = answer.status_code
        asked.wall_ms.append(times.wall_s * 1e3)
        asked.server_ms.append(times.server_s * 1e3)
        asked.processor_ms.append(times.processor_s * 1e3)
        asked.database_ms.append(watch.took_s * 1e3)
        asked.queries = max(asked.queries, watch.n)
        if number == 0 or watch.slowest_s * 1e3 > asked.slowest_ms:
            asked.slowest_ms, asked.slowest = watch.slowest_s * 1e3, watch.slowest
        if not answer.streaming:
            asked.size = len(answer.content)
            if number == 0 and "html" in answer.headers.get("content-type", ""):
                text = answer.content.decode(errors="replace")
        if answer.status_code >= 300 or times.wall_s > STATEMENT_LIMIT_S / 3:
            break
    return text


def offered(url: str, html: str) -> Iterator[tuple[str, bool]]:
    """Addresses that the page offers, and whether each is a fragment: links to itself asked otherwise, forms that
    ask with each choice, and what htmx loads."""
    for kind, found in LINK.findall(html):
        target = urljoin(url, unescape(found))
        if kind == "hx-get" or (target.startswith("/") and kind == "src" and "/static/" not in target):
            yield target, kind == "hx-get"
        elif target.startswith("/") and urlsplit(target).path == urlsplit(url).path and urlsplit(target).query:
            yield target, False
    for attributes, inside in FORM.findall(html):
        if "post" in attributes.lower():
            continue
        action = re.search(r'(?:action|hx-get)="([^"]*)"', attributes)
        path = urljoin(url, unescape(action[1]) if action else urlsplit(url).path)
        for name, options in SELECT.findall(inside):
            for value in OPTION.findall(options)[:2]:
                yield f"{urlsplit(path).path}?{urlencode({name: unescape(value)})}", False


def form_of(url: str) -> tuple[str, ...]:
    """What distinguishes two addresses of one route: which things are asked for."""
    return tuple(sorted({name for name, _ in parse_qsl(urlsplit(url).query)}))


def browse(
    browser: Browser, starts: Sequence[str], *, rounds: int, variants: int, say: Callable[[str], None]
) -> list[Asked]:
    """Asks each start, and of what the answers offer so many addresses per route, also further pages of lists."""
    from django.urls import Resolver404, resolve

    queue = [(url, False, 0) for url in starts]
    known = {url for url, _, _ in queue}
    forms: dict[str, dict[tuple[str, ...], int]] = defaultdict(lambda: defaultdict(int))
    done = []
    while queue:
        url, is_fragment, depth = queue.pop(0)
        match = resolve(urlsplit(url).path)
        asked = Asked(match.view_name, url)
        text = measure(browser, asked, rounds=rounds, is_fragment=is_fragment)
        done.append(asked)
        if len(done) % 100 == 0:
            say(f"  {len(done)} addresses asked, {len(queue)} wait")
        for target, is_part in offered(url, text):
            try:
                name = resolve(urlsplit(target).path).view_name
            except Resolver404:
                continue
            form = form_of(target)
            if target in known or name == "preview_frame":
                continue
            is_further = "after" in form and depth < DEEP and name == match.view_name
            if not is_further and (sum(forms[name].values()) >= variants or forms[name][form] >= 2):
                continue
            forms[name][form] += 1
            known.add(target)
            queue.append((target, is_part, depth + 1 if is_further else depth))
    return done
