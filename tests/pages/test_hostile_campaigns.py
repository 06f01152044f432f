"""Proof S5 (tests/pages/hostile.py): campaigns, the editor and its previews, templates, offers, feeds, the mailbox."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.pages.hostile import Witness, walk, witness
from tests.pages.hostile_content import hostile_content

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.hostile_mail]
__all__ = ["witness"]
SEEN = {
    "/campaigns/",
    "/campaigns/#/",
    "/campaigns/#/check/",
    "/campaigns/mails/#/",
    "/campaigns/mails/#/versions/",
    "/campaigns/mailbox/#/",
    "/campaigns/offers/#/",
    "/campaigns/feeds/#/",
}


def test_no_page_of_campaigns_runs_what_mails_hold(page: Page, live_server: LiveServer, witness: Witness) -> None:
    hostile_content(now=timezone.now())
    kinds = walk(page, live_server.url, witness, area="campaigns")
    assert set(kinds) >= SEEN, sorted(SEEN - set(kinds))
