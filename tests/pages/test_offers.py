"""A marketer sets an offer up in a browser, uploads its codes and reads what came of it, on a screen and a phone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Offer
from campaigns.offers.give import Asked, Given, give
from campaigns.offers.redeem import read_orders
from cdp.accounts.roles import Role
from cdp.common.clock import utc_now
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.factories import a_user
from tests.pages.sign_in import sign_in
from tests.pages.test_imports import FITS
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def test_a_marketer_sets_an_offer_up_and_reads_what_came_of_it(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.MARKETER, email="mara@example.com")
    take_in([identify(name, traits={"name": name.title()}) for name in ("ann", "bob", "eve")])
    sign_in(page, live_server.url, email="mara@example.com")
    page.goto(f"{live_server.url}/campaigns/offers/")
    page.get_by_role("link", name="New offer").first.click()
    page.get_by_label("Name", exact=True).fill("Spring sale")
    page.get_by_label("Codes begin with").fill("spr-")
    expect(page.locator("[data-example]")).to_have_text("SPR-K7QX9MRT4D")
    expect(page.get_by_label("Currency")).to_be_hidden()
    page.get_by_label("Only people of a rule or segment").check()
    expect(page.get_by_role("button", name="Add a condition")).to_be_visible()
    page.get_by_label("Everybody whom a mail offers it to").check()
    page.get_by_label("A code of one's own, from a list").check()
    expect(page.get_by_label("Codes begin with")).to_be_hidden()
    page.get_by_role("button", name="Save offer").click()
    expect(page.get_by_text("Say how much is taken off.")).to_be_visible()
    page.get_by_label("How much").fill("10")
    page.get_by_role("button", name="Save offer").click()
    page.get_by_label("Codes", exact=True).fill("AAA, BBB\nCCC\naaa\n=1+1")
    page.get_by_role("button", name="Add codes").click()
    expect(page.locator(".stat").first.locator(".stat-number")).to_have_text("3")
    expect(page.get_by_role("row", name="4 aaa stands in the list before")).to_be_visible()
    use_some()
    page.get_by_role("link", name="To the offer").click()
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.reload()
        expect(page.locator(".stat").first.locator(".stat-number")).to_have_text("1")
        expect(page.get_by_role("link", name="Eve", exact=True)).to_be_visible()
        expect(page.get_by_text("passed on by")).to_be_visible()
        expect(page.locator("[data-chart] canvas").first).to_be_visible()
        page.wait_for_function(FITS)


def use_some() -> None:
    """Two are given; one of them is used by somebody else."""
    now = utc_now()
    people = Profile.objects.order_by("pk")[:2]
    asked = [Asked(uuid4(), one.pk, None, "spring-sale") for one in people]
    given = give(asked, now=now - timedelta(hours=1), zone=UTC)
    codes = [one.code for one in given.values() if isinstance(one, Given)]
    bought = {"order_id": "1001", "total": 80, "discount": 8, "coupon": codes[0]}
    Offer.objects.update(created_at=now - timedelta(days=9))
    take_in([track("eve", "Order Completed", at=now, properties=bought)], now=now)
    assert read_orders(now=now)
