import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from cdp.accounts import second_factor
from cdp.accounts.models import User
from tests.cast import Cast
from tests.cdp.accounts.test_sign_in import sign_in, who
from tests.factories import PASSWORD

ON = "/accounts/you/security/on/"
OFF = "/accounts/you/security/off/"
CODES = "/accounts/you/security/codes/"
CODE = "/accounts/login/code/"


class Phone:
    """An authenticator app; the test moves its clock, which is the server's too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 1_800_000_000
        monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", lambda: self.at)

    def code(self, user: User) -> str:
        """The code of the next half minute: each works once."""
        self.at += 30
        clock = TOTP(TOTPDevice.objects.get(user=user).bin_key)
        clock.time = self.at
        return f"{clock.token():06d}"


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(monkeypatch)


def unthrottle() -> None:
    """As if the wait after a wrong code were over."""
    long_ago = timezone.now() - timedelta(hours=1)
    TOTPDevice.objects.filter(throttling_failure_count__gt=0).update(throttling_failure_timestamp=long_ago)
    StaticDevice.objects.filter(throttling_failure_count__gt=0).update(throttling_failure_timestamp=long_ago)


def enrol(client: Client, phone: Phone, user: User) -> list[str]:
    """Turns the second factor on through its page; returns the recovery codes it shows."""
    client.get(ON)
    page = client.post(ON, {"code": phone.code(user)}).content.decode()
    return re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", page)


def test_once_on_the_password_alone_does_not_sign_in(cast: Cast, phone: Phone) -> None:
    assert len(enrol(cast.client("ada"), phone, cast.ada)) == 10
    client = Client()
    assert sign_in(client) == 302
    assert who(client) == ""
    assert client.get("/").status_code == 302
    assert client.post(CODE, {"code": "000000"}).status_code == 422
    unthrottle()
    assert client.post(CODE, {"code": phone.code(cast.ada)}).headers["Location"] == "/"
    assert who(client) == "ada@example.com"


def test_the_page_offers_the_key_as_picture_and_text(cast: Cast) -> None:
    page = cast.client("ada").get(ON)
    assert 'src="data:image/svg+xml' in page.content.decode()
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert second_factor.typed_key(TOTPDevice.objects.get(user=cast.ada)) in page.content.decode()


def test_a_wrong_code_does_not_turn_it_on(cast: Cast, phone: Phone) -> None:
    client = cast.client("ada")
    client.get(ON)
    assert client.post(ON, {"code": "000000"}).status_code == 422
    assert not second_factor.is_on(cast.ada)


def test_a_code_works_once(cast: Cast, phone: Phone) -> None:
    enrol(cast.client("ada"), phone, cast.ada)
    code = phone.code(cast.ada)
    first, second = Client(), Client()
    sign_in(first), sign_in(second)
    assert first.post(CODE, {"code": code}).status_code == 302
    assert second.post(CODE, {"code": code}).status_code == 422
    assert who(second) == ""


def test_a_recovery_code_works_once_and_is_kept_as_a_hash(cast: Cast, phone: Phone) -> None:
    recovery = enrol(cast.client("ada"), phone, cast.ada)[0]
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert not kept & {recovery, recovery.replace("-", "")}
    first, second = Client(), Client()
    sign_in(first), sign_in(second)
    assert first.post(CODE, {"code": recovery.upper()}).status_code == 302
    assert second.post(CODE, {"code": recovery}).status_code == 422
    assert second_factor.codes_left(cast.ada) == 9


def test_wrong_codes_are_slowed_down_and_then_paused(cast: Cast, phone: Phone) -> None:
    enrol(cast.client("ada"), phone, cast.ada)
    client = Client()
    sign_in(client)
    statuses = []
    for _ in range(6):
        statuses.append(client.post(CODE, {"code": "000000"}).status_code)
        unthrottle()
    assert statuses == [422, 422, 422, 422, 429, 429]
    assert client.post(CODE, {"code": phone.code(cast.ada)}).status_code == 429


def test_after_a_wrong_code_even_the_right_one_must_wait(cast: Cast, phone: Phone) -> None:
    enrol(cast.client("ada"), phone, cast.ada)
    client = Client()
    sign_in(client)
    for _ in range(3):
        client.post(CODE, {"code": "000000"})
    assert client.post(CODE, {"code": phone.code(cast.ada)}).status_code == 422


def test_the_second_step_must_follow_soon(cast: Cast, phone: Phone) -> None:
    enrol(cast.client("ada"), phone, cast.ada)
    client = Client()
    sign_in(client)
    session = client.session
    session["second_factor_pending"]["at"] -= 301
    session.save()
    assert client.post(CODE, {"code": phone.code(cast.ada)}).headers["Location"] == "/accounts/login/"
    assert who(client) == ""


def test_the_second_step_alone_leads_nowhere(cast: Cast) -> None:
    assert Client().post(CODE, {"code": "123456"}).headers["Location"] == "/accounts/login/"


def test_turning_it_on_signs_out_other_browsers(cast: Cast, phone: Phone) -> None:
    here, there = Client(), Client()
    sign_in(here), sign_in(there)
    enrol(here, phone, cast.ada)
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_turning_it_off_needs_the_password(cast: Cast, phone: Phone) -> None:
    client = cast.client("ada")
    enrol(client, phone, cast.ada)
    assert client.post(OFF, {"password": "wrong"}).status_code == 422
    assert second_factor.is_on(cast.ada)
    assert client.post(OFF, {"password": PASSWORD}).status_code == 302
    assert not second_factor.is_on(cast.ada)
    assert not StaticToken.objects.exists()


def test_new_recovery_codes_replace_the_old(cast: Cast, phone: Phone) -> None:
    client = cast.client("ada")
    old = enrol(client, phone, cast.ada)
    assert client.post(CODES, {"password": "wrong"}).status_code == 422
    assert client.post(CODES, {"password": PASSWORD}).status_code == 200
    other = Client()
    sign_in(other)
    assert other.post(CODE, {"code": old[0]}).status_code == 422


def test_an_admin_can_remove_the_second_factor_of_somebody_who_lost_it(cast: Cast, phone: Phone) -> None:
    enrol(cast.client("mara"), phone, cast.mara)
    cast.client("ada").post(f"/accounts/team/{cast.mara.pk}/remove-second-factor/")
    client = Client()
    sign_in(client, email="mara@example.com")
    assert who(client) == "mara@example.com"
