import re
from datetime import timedelta

import pytest
from django.test.utils import override_settings
from django.utils import timezone
from redis.exceptions import ConnectionError as CacheGone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from cdp.accounts import scopes, tokens
from cdp.accounts.keys import hash_secret
from cdp.accounts.models import ApiToken
from tests.cast import Cast
from tests.factories import NOW, a_token


class People(APIView):
    scope = {"GET": "profiles:read", "POST": "profiles:write"}

    def get(self, request: Request) -> Response:
        return Response({"asked_by": str(request.user)})

    def post(self, request: Request) -> Response:
        return Response(status=201)

    def delete(self, request: Request) -> Response:
        return Response(status=204)


class Undeclared(APIView):
    def get(self, request: Request) -> Response:
        return Response()


def call(text: str | None, *, method: str = "get", view: type[APIView] = People) -> Response:
    headers = {} if text is None else {"Authorization": f"Bearer {text}"}
    request = getattr(APIRequestFactory(), method)("/", headers=headers)
    return view.as_view()(request)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("granted", "method", "status"),
    [
        (["profiles:read"], "get", 200),
        (["read"], "get", 200),
        (["profiles:read"], "head", 200),
        (["profiles:read"], "post", 403),
        (["profiles:write"], "post", 201),
        (["write"], "post", 201),
        (["write"], "get", 403),
        (["events:read", "items:read"], "get", 403),
        (["read", "write"], "delete", 403),
    ],
)
def test_a_token_may_what_its_scopes_say(granted: list[str], method: str, status: int) -> None:
    _token, text = a_token(*granted)
    assert call(text, method=method).status_code == status


@pytest.mark.django_db
def test_a_view_that_names_no_scope_is_closed() -> None:
    _token, text = a_token("read", "write")
    assert call(text, view=Undeclared).status_code == 403


@pytest.mark.django_db
def test_a_missing_scope_is_named() -> None:
    _token, text = a_token("events:read")
    assert call(text).data == {"detail": "This token lacks the scope profiles:read."}


@pytest.mark.django_db
@pytest.mark.parametrize("text", [None, "", "trb_wrong", "trb_wrong and more", "\udcff", "Ü"])
def test_without_a_good_token_nothing_opens(text: str | None) -> None:
    headers = {} if text is None else {"Authorization": b"Bearer " + text.encode("utf-8", "surrogatepass")}
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=headers.get("Authorization", b""))
    answer = People.as_view()(request)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Tributary"'


def test_cookies_of_people_open_no_api(cast: Cast) -> None:
    request = APIRequestFactory().get("/")
    request.user = cast.ada
    assert People.as_view()(request).status_code == 401


@pytest.mark.django_db
def test_a_revoked_and_an_expired_token_are_refused() -> None:
    now = timezone.now()
    revoked, revoked_text = a_token("read")
    ApiToken.objects.filter(pk=revoked.pk).update(revoked_at=now)
    _expired, expired_text = a_token("read", expires_at=now)
    _living, living_text = a_token("read", expires_at=now + timedelta(minutes=5))
    assert [call(text).status_code for text in (revoked_text, expired_text, living_text)] == [401, 401, 200]


@pytest.mark.django_db
def test_the_last_use_is_noted_at_most_once_a_minute() -> None:
    token, text = a_token("read")
    for at in (NOW, NOW + timedelta(seconds=59), NOW + timedelta(seconds=61)):
        tokens.token_of(text, now=at)
        token.refresh_from_db()
        assert token.last_used_at == (NOW if at < NOW + timedelta(minutes=1) else at)


@pytest.mark.django_db
@override_settings(API_REQUESTS_PER_MIN=3)
def test_each_token_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdp.accounts.token_auth.timezone.now", lambda: NOW + timedelta(seconds=20))
    (_noisy, noisy), (_calm, calm) = a_token("read"), a_token("read")
    answers = [call(noisy) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "40"
    assert call(calm).status_code == 200


@pytest.mark.django_db
def test_guessing_tokens_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdp.accounts.token_auth.timezone.now", lambda: NOW)
    statuses = [call(f"trb_{n}").status_code for n in range(31)]
    assert statuses == [401] * 30 + [429]
    assert call("trb_again").headers["Retry-After"] == "60"
    _token, text = a_token("read")
    assert call(text).status_code == 200


@pytest.mark.django_db
def test_without_the_cache_the_api_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise CacheGone

    monkeypatch.setattr("cdp.common.rate.cache.add", gone)
    _token, text = a_token("read")
    assert call(text).status_code == 200
    assert call("trb_wrong").status_code == 401


def test_the_page_shows_a_new_token_once(cast: Cast) -> None:
    ada = cast.client("ada")
    form = {"name": "Warehouse", "scopes": ["profiles:read", "events:read"], "lifetime": "90"}
    page = ada.post("/accounts/tokens/new/", form).content.decode()
    (text,) = set(re.findall(r"trb_[\w-]{32}", page))
    token = ApiToken.objects.get()
    assert token.hash == hash_secret(text)
    assert token.expires_at and (token.expires_at - timezone.now()).days == 89
    assert token.created_by == cast.ada
    assert text not in ada.get("/accounts/tokens/").content.decode()
    assert call(text).status_code == 200
    ada.post(f"/accounts/tokens/{token.pk}/revoke/")
    assert call(text).status_code == 401


@pytest.mark.parametrize("form", [{"name": "", "scopes": ["read"]}, {"name": "x"}, {"name": "x", "scopes": ["fly"]}])
def test_a_token_needs_a_name_and_known_scopes(cast: Cast, form: dict[str, object]) -> None:
    assert cast.client("ada").post("/accounts/tokens/new/", form).status_code == 422
    assert not ApiToken.objects.exists()


def test_scopes_end_in_read_or_write() -> None:
    assert {scope.rpartition(":")[2] for scope in scopes.SCOPES} == {"read", "write"}
