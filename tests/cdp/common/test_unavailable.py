"""What a page or the API answers when something breaks underneath."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from cdp.common.unavailable import server_error

SECRET = "ada@shop.example"


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError(f"could not connect; {SECRET}")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


urlpatterns = [path(f"{place}{view.__name__}", view) for place in ("", "api/") for view in (away, broken)]
handler500 = server_error

pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("place", ["/", "/api/"])
@pytest.mark.parametrize(("what", "status", "retry_after"), [("away", 503, "2"), ("broken", 500, None)])
def test_a_break_is_told_apart_and_tells_nothing(place: str, what: str, status: int, retry_after: str | None) -> None:
    answer = Client(raise_request_exception=False).get(f"{place}{what}?email={SECRET}")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == retry_after
    assert answer.headers["Content-Type"].startswith("application/json" if place == "/api/" else "text/html")
    assert SECRET not in answer.content.decode()
