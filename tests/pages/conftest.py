"""A real browser. What it finds wrong by itself fails the test: script errors, refused scripts and styles."""

import re
import threading
import time
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.pages.looks import faults, is_new
from tests.taking_in import rows
from tests.unmanaged import empty_unmanaged_tables

MEANT = re.compile(r"status of 4|Status Error Code 4|htmx:(sendAbort|afterRequest)")
ANSWERING = (
    "select count(*) from pg_stat_activity, pg_sleep(0.05) where datname = current_database()"
    " and pid <> pg_backend_pid() and state <> 'idle' and backend_type = 'client backend'"
)
"""Looks once in a while: how many statements or transactions are under way."""
MOST_LOOKS = 200

READER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
"""A person's browser: one without a window calls itself so, and would be taken for the machine that it is."""


class UnderWay:
    """Requests the server began to answer and has not done with: between two statements the database cannot tell."""

    def __init__(self) -> None:
        self._n = 0
        self._lock = threading.Lock()
        request_started.connect(self._begun, weak=False)
        request_finished.connect(self._done, weak=False)

    def _begun(self, **_: object) -> None:
        with self._lock:
            self._n += 1

    def _done(self, **_: object) -> None:
        with self._lock:
            self._n -= 1

    def wait(self) -> None:
        """Until there is none, or for ten seconds."""
        for _ in range(MOST_LOOKS):
            if self._n <= 0:
                break
            time.sleep(0.05)


under_way = UnderWay()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", user_agent=READER)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(30_000)
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refused form answers 422, a pause 429, and a part that loads while one leaves is aborted: those are meant.
        if message.type == "error" and not MEANT.search(message.text):
            wrong.append(message.text)

    opened = context.new_page()
    opened.on("console", heard)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    hard_to_use = [*faults(opened)] if is_new(opened.url) else []
    context.close()
    assert not wrong
    assert not hard_to_use, "\n".join(hard_to_use)


@pytest.fixture(autouse=True)
def forget_events(transactional_db: None) -> Iterator[None]:
    """Django empties the tables it manages after such a test; these are the others. The server may still be answering a
    page that the browser left: emptying what it reads would be a deadlock."""
    yield
    under_way.wait()
    for _ in range(MOST_LOOKS):
        if not rows(ANSWERING)[0][0]:
            break
    empty_unmanaged_tables()
