"""A marketer and predictions in a browser: sets up churn, watches the training, reads how good it is, slides the
threshold, makes a segment of valuable people about to leave, and sees why on a profile."""

import threading
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from scoring.models import Predictor, Score
from segments.models import Membership, Segment
from segments.refresh import refresh_fully
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_segments import WIDER
from tests.scoring.pages.laid import a_predictor, a_version, scored
from tests.scoring.pages.learning import learn_and_score
from tests.scoring.pages.shop import customers
from tests.segments.laid import people

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(page: Page, live_server: LiveServer) -> Page:
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page
