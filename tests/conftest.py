"""The product as a fixture. The servers of the test run are started by tests/settings.py."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from campaigns.channels.base import Message, Receipt
from campaigns.channels.mailbox import Mailbox
from campaigns.models import DomainKey
from cdp.runtime.places import Places
from cdp.runtime.record import stop_orphans
from tests.browser import chromium
from tests.cast import Cast, the_cast
from tests.mails import faults
from tests.product import Product
from tests.servers import forget, stop_test_servers, temporary_var

expect.set_options(timeout=30_000)  # how fast a page is, bench/pages.py tells; a test waits for a busy machine
# Playwright's loop runs in the test's own thread, where the factories use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run: Playwright allows one loop per thread."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield running
        running.close()


def pytest_unconfigure() -> None:
    stop_test_servers()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit run after all others: what they leave lacks what migrations filled in."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if "transactional_db" in getattr(item, "fixturenames", ()) or (marker and marker.kwargs.get("transaction")):
            item.add_marker("commits")


@pytest.fixture(autouse=True)
def unmanaged_emptied(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that commits, Django empties the tables it manages; the partitioned ones are emptied here."""
    yield
    if request.node.get_closest_marker("commits"):
        tables = [model._meta.db_table for model in apps.get_models() if not model._meta.managed]
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(f"truncate {', '.join(tables)}")


@pytest.fixture(autouse=True)
def cache_emptied() -> None:
    """What is kept there is kept of rows that are gone, and new rows have the old ones' numbers."""
    cache.clear()


@pytest.fixture(autouse=True)
def every_mail_is_sound(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever the test is about. `hostile_mail` marks those whose people are called what no mail should say."""
    wrong: list[str] = []
    hand = Mailbox.hand

    def watched(self: Mailbox, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        for one in messages:
            wrong.extend(faults(one.source, is_campaign=one.campaign_id is not None, key_of=_public_key))
        return hand(self, messages, now=now)

    monkeypatch.setattr(Mailbox, "hand", watched)
    yield
    assert not wrong or request.node.get_closest_marker("hostile_mail"), wrong[:5]


def _public_key(domain: str, selector: str) -> str:
    return DomainKey.objects.get(domain__name=domain, selector=selector).public


@pytest.fixture
def new_product() -> Iterator[Callable[..., Product]]:
    """Makes products, each in a folder of its own, and stops them in the end."""
    made: list[Product] = []

    def make(**extra: str) -> Product:
        product = Product(var=temporary_var(), extra=extra)
        made.append(product)
        return product

    yield make
    for product in made:
        product.stop()
        stop_orphans(Places.of(product.var))
        forget(Places.of(product.var))


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """One running product for the stories that only talk to it."""
    running = Product(var=temporary_var())
    try:
        yield running.start()
    finally:
        running.stop()
        forget(Places.of(running.var))


@pytest.fixture
def cast(db: None) -> Cast:
    return the_cast()
