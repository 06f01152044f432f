"""Canaries: what a person is known by reaches no line of the log, whatever breaks and wherever."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from cdp import urls
from cdp.accounts.access import public
from cdp.celery import app
from cdp.common import log_context
from cdp.common.masking import JsonFormatter, MaskedFormatter, RouteNotPath
from cdp.runtime.log import as_json
from tests.cdp.operations.test_running import in_worker

EMAIL, PHONE, NAME = "ada.canary@example.com", "+49 170 5550123", "Ada-Canary-Lovelace"
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@public
def broken(request: Any, who: str) -> HttpResponse:
    log_context.note(job="3")
    raise ValueError(f"nobody is {EMAIL} or {PHONE}")


urlpatterns = [path("broken/<str:who>/", broken, name="broken"), *urls.urlpatterns]
handler500 = urls.handler500


@pytest.fixture(
    params=[JsonFormatter(), MaskedFormatter("{levelname} {name}: {message}", style="{")], ids=["json", "line"]
)
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the product would write, in either form."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param)
    handler.addFilter(RouteNotPath())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def clean(text: str) -> None:
    for canary in ("canary@", "5550123", NAME):
        assert canary not in text, text


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_a_page_that_breaks(written: io.StringIO) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get(f"/broken/{NAME}/", {"email": EMAIL, "phone": PHONE})
    assert answer.status_code == 500
    text = written.getvalue()
    clean(text)
    assert "Internal Server Error: broken" in text and "ValueError: nobody is" in text
    if text.startswith("{"):
        said = json.loads(text.splitlines()[0])
        assert (said["route"], said["level"], said["logger"]) == ("broken", "ERROR", "django.request")
        assert said["request_id"] == answer["X-Request-ID"] and said["job"] == "3"


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("is_behind_proxy", "given", "is_kept"),
    [(True, "abcdef-123456", True), (False, "abcdef-123456", False), (True, "a b\nc", False), (True, EMAIL, False)],
)
def test_the_id_of_a_request_is_the_proxys_or_our_own(
    settings: Any, is_behind_proxy: bool, given: str, is_kept: bool
) -> None:
    settings.BEHIND_PROXY = is_behind_proxy
    answer = Client().get("/healthz", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) == is_kept
    assert len(answer["X-Request-ID"]) >= 8


@pytest.mark.django_db
def test_a_task_that_breaks(written: io.StringIO) -> None:
    @app.task(name="tests.canary", queue="bulk")
    def canary(address: str) -> None:
        logging.getLogger("tests").warning("about to fail for %s and %s", address, PHONE)
        raise ValueError(f"cannot reach {address}")

    try:
        in_worker(app.tasks["tests.canary"], EMAIL)
    finally:
        app.tasks.pop("tests.canary")
    clean(written.getvalue())
    assert "about to fail" in written.getvalue()
    if written.getvalue().startswith("{"):
        assert json.loads(written.getvalue().splitlines()[0])["task"] == "tests.canary"


def test_every_line_is_one_object_with_its_fields(written: io.StringIO) -> None:
    with log_context.about(request_id="r-1", route="home"):
        logging.getLogger("tests").warning("two\nlines", extra={"duration_ms": 12.5, "status": 200, "secret": EMAIL})
    text = written.getvalue()
    clean(text)
    if text.startswith("{"):
        said = json.loads(text)
        assert said["time"].endswith("+00:00")
        known = {name: said[name] for name in ("message", "request_id", "route", "duration_ms", "status")}
        assert known == {
            "message": "two\nlines",
            "request_id": "r-1",
            "route": "home",
            "duration_ms": 12.5,
            "status": 200,
        }
        assert set(said) == {*known, "time", "level", "logger"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"level": "ERROR", "message": "it"}', "it"),
        ("plain words", "plain words"),
        (f"Traceback of {EMAIL} and {PHONE}", "Traceback of …@… and +…"),
        ("{not json", "{not json"),
        ("[1]", "[1]"),
    ],
)
def test_the_supervisor_writes_objects_too(text: str, message: str) -> None:
    said = json.loads(as_json("live", text, NOW))
    assert (said["process"], said["message"]) == ("live", message)


def test_a_request_passes_its_id_on_to_the_tasks_it_asks_for() -> None:
    from cdp.operations.running import pass_on_request  # noqa: PLC0415

    headers: dict[str, Any] = {}
    pass_on_request(headers=headers)
    assert headers == {}
    with log_context.about(request_id="r-9"):
        pass_on_request(headers=headers)
    assert headers == {"request_id": "r-9"}
