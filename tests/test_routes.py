"""Proof S6: every route of the URLconf × every role. A route that does not say who may open it fails.

Views say it with `public`, `member` or `needs` (cdp/accounts/access.py), API views with their scope
(cdp/accounts/token_auth.py). tests/expected_access.py repeats it by hand: a decorator changed by mistake is noticed.
Add a line there for each new route. Objects of other people are tried in the tests of their app.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cdp.accounts.access import Access, access_of
from cdp.accounts.roles import PERMISSIONS
from cdp.accounts.scopes import SCOPES
from cdp.accounts.token_auth import HasScope, TokenAuthentication, scope_for
from tests.cast import ROLES, Cast
from tests.expected_access import ACCESS, WITHOUT_CSRF
from tests.factories import a_token

EXPECTED = {
    f"{namespace}:{name}" if namespace else name: access
    for namespace, of_app in ACCESS.items()
    for name, access in of_app.items()
}

SAMPLES = {
    "int": "999999999",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "str": "x",
    "slug": "x",
    "path": "x",
    "anything": "x",
}
REFUSED = {302, 401, 403}


@dataclass(frozen=True)
class Route:
    name: str
    url: str
    view: Any

    def __str__(self) -> str:
        return self.name or self.url


def routes(patterns: list[Any], *, namespace: str = "", prefix: str = "/") -> Iterator[Route]:
    for found in patterns:
        text = prefix + _sample(str(found.pattern))
        if isinstance(found, URLResolver):
            inner = f"{namespace}{found.namespace}:" if found.namespace else namespace
            yield from routes(found.url_patterns, namespace=inner, prefix=text)
        elif isinstance(found, URLPattern):
            yield Route(name=f"{namespace}{found.name}" if found.name else "", url=text, view=found.callback)


def _sample(pattern: str) -> str:
    pattern = re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES[match[1] or "str"], pattern)
    pattern = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "x", pattern)
    return re.sub(r"[\^$?\\]|/\?$", "", pattern).replace("Z", "")


ALL = list(routes(get_resolver().url_patterns))


def declared(route: Route) -> Access | None:
    api = getattr(route.view, "cls", None) or getattr(route.view, "view_class", None)
    if api is not None and issubclass(api, APIView):
        return _declared_by_api(api)
    return access_of(route.view)


def _declared_by_api(api: type[APIView]) -> Access | None:
    if HasScope not in api.permission_classes or TokenAuthentication not in api.authentication_classes:
        return access_of(api)
    scopes = {scope_for(api, method.upper()) for method in api.http_method_names if hasattr(api, method)} - {""}
    return Access("token", " ".join(sorted(scopes))) if scopes and scopes <= set(SCOPES) else None


def expected(route: Route) -> Access | None:
    said = EXPECTED.get(route.name)
    if said is None:
        return None
    if said in ("public", "member"):
        return Access(said)
    return Access("token", said) if ":" in said else Access("permission", said)


@pytest.mark.parametrize("route", ALL, ids=str)
def test_every_route_says_who_may_open_it_and_it_is_the_expected(route: Route) -> None:
    assert declared(route), f"{route.url} does not say who may open it: use public, member or needs"
    assert declared(route) == expected(route), f"add or correct {route.name!r} in tests/expected_access.py"


def test_the_table_names_no_route_that_is_gone() -> None:
    assert set(EXPECTED) <= {route.name for route in ALL}


@pytest.mark.parametrize("who", ["stranger", *ROLES])
def test_each_role_gets_in_where_it_may_and_nowhere_else(cast: Cast, who: str) -> None:
    wrong = []
    for route in ALL:
        access = declared(route)
        assert access is not None
        for method in ("get", "post"):
            status = _status(cast.client(who), route, method)
            if _may(who, access) == (status in REFUSED):
                wrong.append(f"{method} {route.url} as {who}: {status}, declared {access}")
    assert not wrong


def _may(who: str, access: Access) -> bool:
    if access.kind == "public":
        return True
    if access.kind == "token" or who == "stranger":
        return False
    return access.kind == "member" or access.permission in PERMISSIONS[ROLES[who]]


def _status(client: Client, route: Route, method: str) -> int:
    """302 stands for being sent to the login page; other redirects, as after an accepted form, become 303."""
    answer = getattr(client, method)(route.url)
    if answer.status_code == 302 and not answer.headers["Location"].startswith("/accounts/login/?next="):
        return 303
    return int(answer.status_code)


def test_every_form_needs_its_csrf_token(cast: Cast) -> None:
    ada = Client(enforce_csrf_checks=True)
    ada.force_login(cast.ada, backend="django.contrib.auth.backends.ModelBackend")
    by_cookie = [route for route in ALL if (access := declared(route)) and access.kind != "token"]
    assert {route.name for route in by_cookie if ada.post(route.url).status_code != 403} <= WITHOUT_CSRF


def test_a_token_without_the_scope_is_refused_everywhere(db: None) -> None:
    for route in ALL:
        api = getattr(route.view, "cls", None)
        for method in ("get", "post", "put", "patch", "delete"):
            needed = scope_for(api, method.upper()) if api and hasattr(api, method) else ""
            if needed:
                others = [scope for scope in SCOPES if scope not in (needed, needed.rpartition(":")[2])]
                _token, text = a_token(*others)
                answer = getattr(Client(), method)(route.url, headers={"Authorization": f"Bearer {text}"})
                assert answer.status_code == 403, f"{method} {route.url}: {answer.status_code}"


def test_an_undeclared_view_would_be_noticed() -> None:
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse("open to all")

    class ForgottenApi(APIView):
        def get(self, request: Request) -> Response:
            return Response()

    patterns = [path("a/<int:pk>/", forgotten), path("b/", include(([path("c/", ForgottenApi.as_view())], "d")))]
    found = list(routes(patterns))
    assert [route.url for route in found] == ["/a/999999999/", "/b/c/"]
    assert [declared(route) for route in found] == [None, None]
