"""A marketer sets up a clustering in a browser, sees map and cards, and begins a segment with a cluster in it."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from scoring.cluster.run import run
from scoring.models import Clustering
from tests.cdp.connectors.demo.features import UNTIL as NOW
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import FITS
from tests.scoring.cluster.test_run import UTC, shoppers
from tests.scoring.cluster.truth import NAMED

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def test_a_marketer_sets_up_clusters_and_uses_one(page: Page, live_server: LiveServer) -> None:
    for place, kind in enumerate(NAMED):
        shoppers(1 + 40 * place, 40, kind)
    a_user(role=Role.MARKETER, email="mara@example.com")
    sign_in(page, live_server.url, email="mara@example.com")
    page.goto(f"{live_server.url}/predictions/clusters/new/")
    page.get_by_label("Name", exact=True).fill("Ways to shop")
    expect(page.locator("[data-population]")).to_be_hidden()
    page.get_by_label("People by a rule").check()
    page.get_by_role("button", name="Add a condition").first.click()
    page.get_by_role("menuitem", name="First or last seen").or_(
        page.get_by_role("button", name="First or last seen")
    ).first.click()
    page.get_by_role("button", name="Value and freshness").click()
    expect(page.get_by_label("days since the last order", exact=True)).to_be_checked()
    page.get_by_role("button", name="Ways to shop").click()
    expect(page.get_by_label("days since the last order", exact=True)).not_to_be_checked()
    page.get_by_label("HDBSCAN").check()
    expect(page.get_by_label("How many clusters")).to_be_hidden()
    page.get_by_label("K-Means").check()
    page.get_by_role("radio", name="Everybody", exact=True).check()
    page.get_by_role("button", name="Save and group people").click()
    expect(page.get_by_role("heading", name="Ways to shop")).to_be_visible()
    made = Clustering.objects.get()
    assert made.population is None
    run(made, now=NOW, zone=UTC)
    Clustering.objects.update(last_job=None, ran_at=utc_now())
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.reload()
        expect(page.get_by_role("heading", name="Window shoppers")).to_be_visible()
        expect(page.locator("#map-title")).to_contain_text("120 people")
        expect(page.locator(".cluster-map canvas")).to_be_visible()
        page.wait_for_function(FITS)
    page.locator(".card", has=page.get_by_role("heading", name="Window shoppers")).get_by_role(
        "link", name="Make a segment"
    ).click()
    expect(page.locator("[data-rule-sentence]")).to_contain_text("in the cluster “Window shoppers” of “Ways to shop”")
