"""Proof S5 (tests/pages/hostile.py): home, settings, the account."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.pages.hostile import Witness, walk, witness

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["witness"]


def test_no_page_of_rest_runs_what_people_are_called(page: Page, live_server: LiveServer, witness: Witness) -> None:
    kinds = walk(page, live_server.url, witness, area="rest")
    assert {"/", "/accounts/audit/", "/accounts/sources/#/", "/api/docs"} <= set(kinds)
