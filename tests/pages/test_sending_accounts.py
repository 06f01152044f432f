"""An admin sets up a sender and a mail server in the browser, and sees what the server says."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.roles import Role
from tests.campaigns.channels.mail_server import mail_server
from tests.factories import a_user
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sender_a_key_an_account_and_a_test_mail(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.ADMIN, email="ada@example.com")
    sign_in(page, live_server.url, email="ada@example.com")
    page.goto(f"{live_server.url}/campaigns/senders/")
    page.get_by_label("Name", exact=True).fill("Anna of Example Shop")
    page.get_by_label("Address", exact=True).fill("hello@shop.example")
    page.get_by_role("button", name="Add sender").click()
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_text("tributary1._domainkey.shop.example")).to_be_visible()
    page.get_by_role("button", name="Sign with it").click()
    expect(page.get_by_text("signs", exact=True)).to_be_visible()
    page.goto(f"{live_server.url}/campaigns/accounts/")
    page.get_by_role("link", name="New account").first.click()
    page.get_by_role("link", name="Mail server (SMTP)").click()
    with mail_server() as server:
        page.get_by_label("Name", exact=True).fill("Our server")
        page.get_by_label("Server", exact=True).fill("localhost")
        page.get_by_label("Port").fill(str(server.port))
        page.get_by_label("Encryption").select_option("none")
        page.get_by_role("button", name="Save account").click()
        page.get_by_label("To", exact=True).fill("ada@example.org")
        page.get_by_role("button", name="Send it").click()
        expect(page.get_by_text("250 Ok: queued as 1")).to_be_visible()
        assert server.taken[0][2].startswith(b"DKIM-Signature: ")
