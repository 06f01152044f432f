from playwright.sync_api import Page

from tests.factories import PASSWORD


def sign_in(page: Page, address: str, *, email: str) -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
