"""Each page of the documentation as those see it who have a phone, no mouse or weak eyes."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from cdp.help.contents import files
from tests.factories import a_user
from tests.pages.looks import faults, trap
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
BY_KEY = ("rules-reference", "tracking-api", "real-shop")
"""Between them they have tables that scroll, code to copy, pictures and a contents list."""


def test_each_page_of_the_docs_is_for_everybody(page: Page, live_server: LiveServer) -> None:
    a_user(email="vic@example.com")
    sign_in(page, live_server.url, email="vic@example.com")
    wrong = []
    for name in files():
        page.goto(f"{live_server.url}/docs/{name}/")
        wrong += [f"{name}: {one}" for one in faults(page)]
        stuck = trap(page) if name in BY_KEY else ""
        wrong += [f"{name}: Tab does not reach {stuck}"] if stuck else []
    assert not wrong, "\n".join(wrong)
