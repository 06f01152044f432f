from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from cdp.accounts.models import AuditEntry, User, UserSession
from tests.cast import Cast
from tests.factories import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client: Client, *, email: str = "ada@example.com", password: str = PASSWORD, **extra: str) -> int:
    return client.post(LOGIN, {"username": email, "password": password}, **extra).status_code  # type: ignore[arg-type]


def who(client: Client) -> str:
    """The e-mail address the browser is signed in with."""
    return str(User.objects.get(pk=client.session["_auth_user_id"]).email) if "_auth_user_id" in client.session else ""


def test_the_right_password_signs_in_and_is_noted(cast: Cast) -> None:
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    answer = client.post(LOGIN, {"username": "ADA@example.com", "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    assert who(client) == "ada@example.com"
    assert UserSession.objects.get(user=cast.ada).session_key == client.session.session_key
    assert AuditEntry.objects.get().verb == "signed in"


def test_signing_in_gives_a_new_session_key(cast: Cast) -> None:
    client = Client()
    before = client.session.session_key
    assert before
    sign_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize(("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_an_unknown_address_look_the_same(cast: Cast, email: str, password: str) -> None:
    answer = Client().post(LOGIN, {"username": email, "password": password})
    assert answer.status_code == 422
    assert "E-mail or password is wrong." in answer.content.decode()


def test_a_deactivated_person_cannot_sign_in(cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(is_active=False)
    assert sign_in(Client()) == 422


@pytest.mark.parametrize(
    ("wanted", "sent_to"),
    [
        ("/accounts/team/", "/accounts/team/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_one_goes_on_only_within_the_product(cast: Cast, wanted: str, sent_to: str) -> None:
    answer = Client().post(LOGIN, {"username": "ada@example.com", "password": PASSWORD, "next": wanted})
    assert answer.headers["Location"] == sent_to


def test_five_wrong_passwords_pause_even_the_right_one(cast: Cast) -> None:
    statuses = [
        sign_in(Client(), email=email, password="wrong") for email in ("ada@example.com", "Ada@Example.com") * 3
    ]
    assert statuses == [422, 422, 422, 422, 429, 429]
    answer = Client().post(LOGIN, {"username": "ada@example.com", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "Too many attempts" in answer.content.decode()
    assert "15 min" in answer.content.decode()


def test_a_pause_is_of_that_person_from_that_address(cast: Cast) -> None:
    for _ in range(5):
        sign_in(Client(), password="wrong")
    assert sign_in(Client(), REMOTE_ADDR="198.51.100.7") == 302
    assert sign_in(Client(), email="mara@example.com") == 302


def test_the_pause_ends(cast: Cast) -> None:
    for _ in range(5):
        sign_in(Client(), password="wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(Client()) == 302


def test_one_address_may_not_try_many_people(cast: Cast) -> None:
    statuses = [sign_in(Client(), email=f"guess{n}@example.com", password="wrong") for n in range(31)]
    assert statuses == [422] * 30 + [429]
    assert sign_in(Client()) == 429
    assert sign_in(Client(), REMOTE_ADDR="198.51.100.7") == 302


def test_one_person_may_not_be_tried_from_many_addresses(cast: Cast) -> None:
    statuses = [sign_in(Client(), password="wrong", REMOTE_ADDR=f"198.51.100.{n}") for n in range(61)]
    assert statuses == [422] * 60 + [429]
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.1") == 429
    assert sign_in(Client(), email="mara@example.com", REMOTE_ADDR="203.0.113.1") == 302


@override_settings(BEHIND_PROXY=True)
def test_behind_a_proxy_the_client_cannot_choose_its_address(cast: Cast) -> None:
    for n in range(5):
        sign_in(Client(), password="wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, 198.51.100.7")
    assert sign_in(Client(), HTTP_X_FORWARDED_FOR="10.9.9.9, 198.51.100.7") == 429


def test_signing_out_ends_the_session(cast: Cast) -> None:
    client = Client()
    sign_in(client)
    assert client.get("/accounts/logout/").status_code == 405
    client.post("/accounts/logout/")
    assert who(client) == ""
    assert not UserSession.objects.exists()


def test_a_forgotten_password_is_set_by_a_link_that_works_once(cast: Cast) -> None:
    other = Client()
    sign_in(other)
    with override_settings(ALLOWED_HOSTS=["*"]):
        Client().post(reverse("accounts:reset"), {"email": "ada@example.com"}, HTTP_HOST="evil.example")
    (message,) = mail.outbox
    assert message.to == ["ada@example.com"]
    assert "evil.example" not in message.body
    link = next(line for line in str(message.body).splitlines() if "/accounts/reset/" in line)
    path = link[link.index("/accounts/reset/") :]

    client = Client()
    form = client.get(path, follow=True)
    url = form.redirect_chain[0][0]
    new = {"new_password1": "violet-carriage-rain", "new_password2": "violet-carriage-rain"}
    assert client.post(url, new).headers["Location"] == reverse("accounts:reset_done")
    assert sign_in(Client(), password="violet-carriage-rain") == 302
    assert other.get("/").status_code == 302
    assert "does not work any more" in Client().get(path, follow=True).content.decode()


def test_asking_for_a_new_password_tells_nothing_and_mails_five_times_an_hour(cast: Cast) -> None:
    answers = [Client().post(reverse("accounts:reset"), {"email": "ada@example.com"}) for _ in range(6)]
    answers.append(Client().post(reverse("accounts:reset"), {"email": "nobody@example.com"}))
    assert {answer.headers["Location"] for answer in answers} == {reverse("accounts:reset_sent")}
    assert len(mail.outbox) == 5


def test_changing_the_password_needs_the_old_one_and_signs_out_the_others(cast: Cast) -> None:
    here, there = Client(), Client()
    sign_in(here), sign_in(there)
    new = "violet-carriage-rain"
    assert here.post("/accounts/you/password/", {"old": "wrong", "new": new}).status_code == 422
    assert here.post("/accounts/you/password/", {"old": PASSWORD, "new": "short"}).status_code == 422
    assert here.post("/accounts/you/password/", {"old": PASSWORD, "new": new}).status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert [session.session_key for session in cast.ada.sessions.all()] == [here.session.session_key]


def test_a_stolen_browser_cannot_guess_the_password(cast: Cast) -> None:
    client = Client()
    sign_in(client)
    form = {"old": "wrong", "new": "violet-carriage-rain"}
    assert [client.post("/accounts/you/password/", form).status_code for _ in range(5)] == [422] * 4 + [429]


def test_other_browsers_can_be_signed_out_and_only_ones_own(cast: Cast) -> None:
    here, there, mara = Client(), Client(), Client()
    sign_in(here), sign_in(there), sign_in(mara, email="mara@example.com")
    page = here.get("/accounts/you/security/").content.decode()
    assert page.count("This one") == 1
    of_mara = cast.mara.sessions.get()
    here.post(f"/accounts/you/sessions/{of_mara.pk}/end/")
    assert mara.get("/").status_code == 200
    own = {str(session.session_key): session.pk for session in cast.ada.sessions.all()}
    here.post(f"/accounts/you/sessions/{own[str(there.session.session_key)]}/end/")
    assert there.get("/").status_code == 302
    sign_in(there)
    here.post("/accounts/you/sessions/end/")
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_sessions_that_are_over_leave_the_list(cast: Cast) -> None:
    old, new = Client(), Client()
    sign_in(old)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    sign_in(new)
    assert [session.session_key for session in cast.ada.sessions.all()] == [new.session.session_key]
