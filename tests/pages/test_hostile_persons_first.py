"""Proof S5 (tests/pages/hostile.py): half of the people with such texts, as the page of a person."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.pages.hostile import Witness, look_at_people, witness

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["witness"]


@pytest.mark.parametrize("part", [0, 1])
def test_every_text_as_the_page_of_a_person(page: Page, live_server: LiveServer, witness: Witness, part: int) -> None:
    look_at_people(page, live_server.url, part=part, of=4)
    assert not witness.wrong, witness.wrong[:3]
