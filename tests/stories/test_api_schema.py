"""Proof S1: generated calls to every operation of the API. 0 server errors, 0 answers other than described,
0 successes without a token. S1_CASES is how many at least; `S1_CASES=10000` for the whole proof."""

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from pytest_django import Settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from cdp.wsgi import application
from segments import save, snapshot
from tests.campaigns.offers.making import an_offer
from tests.crowd import crowd
from tests.factories import a_token
from tests.taking_in import NOW

CASES = int(os.environ.get("S1_CASES", "350"))
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
]
schema = schemathesis.openapi.from_wsgi("/api/schema", application)
OPERATIONS = sum(len(methods) for methods in schema.raw_schema["paths"].values())
known = cycle(["user_id:c1", "user_id:c2", "email:nobody@example.com", "x", "user_id:c1"])

segments: list[int] = []
"""Ids of a segment by a rule and of a fixed list, which `token` makes."""


@schema.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Half of the generated names of people are those of somebody."""
    if path_parameters and "who" in path_parameters and len(str(path_parameters["who"])) % 2:
        path_parameters = {**path_parameters, "who": next(known)}
    if segments and path_parameters and "number" in path_parameters and len(str(path_parameters["number"])) % 2:
        segments.reverse()
        path_parameters = {**path_parameters, "number": str(segments[0])}
    if path_parameters and "key" in path_parameters and len(str(path_parameters["key"])) % 2:
        path_parameters = {**path_parameters, "key": "spring"}
    return path_parameters


@pytest.fixture(scope="module")
def counted() -> Iterator[dict[str, int]]:
    seen: dict[str, int] = {}
    yield seen
    assert len(seen) == OPERATIONS
    assert sum(seen.values()) >= CASES


@schema.parametrize()
@settings(
    max_examples=2 * CASES // OPERATIONS + 1,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_every_operation(case: Any, token: str, counted: dict[str, int]) -> None:
    label = case.operation.label
    counted[label] = counted.get(label, 0) + 1
    # Bodies are read generously (7 is the id "7"), and a list of people may hold good and bad ones.
    excluded = [] if label.startswith("GET ") else [negative_data_rejection]
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(headers=headers, checks=[check for check in CHECKS if check not in excluded])


@pytest.fixture
def token(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The calls run in the test's own transaction, which the end of a request must not close."""
    settings.API_REQUESTS_PER_MIN = 10**9
    monkeypatch.setattr("cdp.accounts.token_auth.WRONG_TOKENS_PER_MIN", 10**9)
    settings.ALLOWED_HOSTS = ["*"]
    crowd(5, now=NOW)
    segments[:] = _two_segments()
    an_offer(codes="uploaded")
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield a_token("read", "write")[1]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _two_segments() -> list[int]:
    rule = {"version": 1, "root": {"kind": "trait", "name": "city", "op": "is_set"}}
    by_rule = save.create("By a rule", rule=rule, by=None, now=NOW)
    of_people = snapshot.static_from(snapshot.of_people([]), name="A list", by=None, now=NOW)
    return [by_rule.pk, of_people.pk]


def test_no_operation_answers_without_a_token(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdp.accounts.token_auth.WRONG_TOKENS_PER_MIN", 10**9)
    tried = 0
    for path, methods in schema.raw_schema["paths"].items():
        for method in methods:
            url = path.replace("{who}", "user_id:c1").replace("{item_id}", "x").replace("{number}", "1")
            for headers in ({}, {"Authorization": "Bearer trb_wrong"}, {"Authorization": "Basic YTpi"}):
                answer = getattr(Client(), method)(url, headers=headers)
                assert answer.status_code == 401, (method, url, headers)
                tried += 1
    assert tried == OPERATIONS * 3
