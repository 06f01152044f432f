"""The description of the REST API: as OpenAPI for programs, as a page for people."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from cdp.accounts.access import SignedIn, member, public

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def described() -> dict[str, Any]:
    """Does not change while the program runs."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@cache
def written() -> bytes:
    """A third of a second's work."""
    return bytes(OpenApiJsonRenderer().render(described()))


@public
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """It is the same for every installation of this version, and says nothing about its data."""
    return HttpResponse(written(), content_type="application/vnd.oai.openapi+json; charset=utf-8")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: str
    answers: list[tuple[str, str]]


@member
@require_safe
def docs(request: SignedIn) -> HttpResponse:
    groups: dict[str, list[Operation]] = {}
    for path, methods in described()["paths"].items():
        for method in METHODS:
            if method in methods:
                found = methods[method]
                groups.setdefault(found.get("tags", ["other"])[0], []).append(_operation(method, path, found))
    return render(request, "accounts/api.html", {"groups": groups})


def _operation(method: str, path: str, found: dict[str, Any]) -> Operation:
    answers = [(code, _pretty(_schema_of(answer))) for code, answer in found["responses"].items() if code < "300"]
    return Operation(
        method.upper(),
        path,
        found.get("summary", ""),
        found.get("description", ""),
        found.get("parameters", []),
        _pretty(_schema_of(found.get("requestBody", {}))),
        answers,
    )


def _schema_of(part: dict[str, Any]) -> Any:
    return part.get("content", {}).get("application/json", {}).get("schema")


def _pretty(found: Any) -> str:
    return "" if found is None else json.dumps(found, indent=2, ensure_ascii=False)
