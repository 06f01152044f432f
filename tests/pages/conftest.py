"""A real browser. What it finds wrong by itself fails the test: script errors, refused scripts and styles."""

import os
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser import chromium

# Playwright's loop runs in the test's own thread, where the factories use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
MEANT = re.compile(r"status of 4|Status Error Code 4")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, "--disable-sync"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refused form answers 422 and a pause 429, which the browser reports as an error: those are meant.
        if message.type == "error" and not MEANT.search(message.text):
            wrong.append(message.text)

    opened = context.new_page()
    opened.on("console", heard)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert not wrong


@pytest.fixture(autouse=True)
def forget_events(transactional_db: None) -> Iterator[None]:
    """Django empties the tables it manages after such a test; these are the others."""
    yield
    others = [model._meta.db_table for model in apps.get_models() if not model._meta.managed]
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(others)}")
