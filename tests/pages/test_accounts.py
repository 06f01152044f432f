"""Signing in, a source and its key, the second factor, as a person does it."""

import base64
import re
import time

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cdp.accounts.audit import record
from cdp.accounts.roles import Role
from tests.factories import NOW, a_source, a_user, a_write_key
from tests.pages.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_admin_signs_in_creates_a_source_and_sees_its_key_once(page: Page, live_server: LiveServer) -> None:
    a_user(role=Role.ADMIN, email="ada@example.com")
    sign_in(page, live_server.url, email="ada@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{live_server.url}/accounts/sources/")
    page.get_by_role("link", name="New source").first.click()
    page.get_by_label("Name").fill("Web shop")
    page.get_by_role("button", name="Create the source").click()

    key = page.locator("#write-key").inner_text()
    assert re.fullmatch(r"wk_[\w-]{32}", key)
    page.locator("button[data-copy=write-key]").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    page.get_by_role("link", name="I have kept the key").click()
    expect(page.get_by_role("heading", name="Web shop")).to_be_visible()
    assert key not in page.content()

    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("dialog", name="Revoke this key?")).to_be_visible()
    page.get_by_role("button", name="Keep as it is").click()
    expect(page.get_by_text("Revoked")).to_have_count(0)
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_role("cell", name="Revoked")).to_be_visible()


def code_now(key: str, *, steps_ahead: int = 0) -> str:
    clock = TOTP(base64.b32decode(key.replace(" ", "")))
    clock.time = time.time() + 30 * steps_ahead
    return f"{clock.token():06d}"


def test_the_second_factor_is_turned_on_and_asked_for(page: Page, live_server: LiveServer) -> None:
    a_user(email="vic@example.com")
    sign_in(page, live_server.url, email="vic@example.com")
    page.get_by_role("button", name="vic@example.com").click()
    page.get_by_role("link", name="Sign-in and security").click()
    page.get_by_role("link", name="Turn on").click()
    picture = page.get_by_role("img", name="QR code")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    key = page.locator("#totp-key").inner_text()
    page.get_by_label("Code").fill(code_now(key))
    page.get_by_role("button", name="Turn it on").click()
    recovery = page.locator("#codes").inner_text().split()
    assert len(recovery) == 10

    page.get_by_role("button", name="vic@example.com").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, live_server.url, email="vic@example.com")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    # The first code is spent; the next half minute's is accepted already.
    page.get_by_label("Code").fill(code_now(key, steps_ahead=1))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_a_wrong_password_is_told_at_the_form(page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server.url, email="nobody@example.com")
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is wrong.")
    expect(page.get_by_label("E-mail")).to_have_value("nobody@example.com")


def test_pages_fit_a_phone(page: Page, live_server: LiveServer) -> None:
    ada = a_user(role=Role.ADMIN, email="ada@example.com", name="Ada with quite a long name")
    a_write_key(a_source(name="A source with quite a long name"))
    record(ada, verb="invited", target="somebody.with.a.long.address@customers.example.com", now=NOW)
    sign_in(page, live_server.url, email="ada@example.com")
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("", "accounts/sources/", "accounts/team/", "accounts/tokens/new/", "accounts/audit/"):
        page.goto(f"{live_server.url}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    settings = page.get_by_role("link", name="Settings")
    expect(settings).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(settings).to_be_visible()
