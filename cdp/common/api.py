"""What every call of the REST API shares: strict parameters, keyset pages, errors that name the place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import APIException, MethodNotAllowed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView, exception_handler

from cdp.common.api_schema import MOST_ROWS
from cdp.common.keyset import PAGE_SIZE, BadCursor, page_of

Row = TypeVar("Row", bound=Model)


class Conflict(APIException):
    """What was asked for cannot be done as things are."""

    status_code = 409
    default_code = "conflict"


class StrictView(APIView):
    """Refuses query parameters it does not know, or that say nothing: a mistyped filter must not answer with
    everything."""

    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")
        empty = sorted(name for name, value in request.query_params.items() if value == "")
        if empty:
            raise ValidationError(dict.fromkeys(empty, "It has no value. Leave it out, or give it one."))
        unknown = sorted(set(request.query_params) - self.parameters)
        if unknown:
            known = ", ".join(sorted(self.parameters)) or "none"
            raise ValidationError(dict.fromkeys(unknown, f"There is no such parameter. There are: {known}."))

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> Any:
        if request.auth and not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")
        super().permission_denied(request, message, code)


def keyset_page(
    rows: QuerySet[Row], request: Request, *, order: tuple[str, ...], said: Callable[[Row], dict[str, Any]]
) -> Response:
    """`?limit=100&after=…`"""
    query = {"after": request.query_params.get("after", "")}
    try:
        page = page_of(rows, order=order, query=query, size=limit_of(request.query_params))
    except BadCursor as error:
        raise ValidationError({"after": str(error.__doc__)}) from error
    return Response({"results": [said(row) for row in page.rows], "next": next_url(request, page.next)})


def limit_of(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST_ROWS):
        raise ValidationError({"limit": f"A whole number from 1 to {MOST_ROWS}."})
    return int(text)


def next_url(request: Request, cursor: str) -> str | None:
    return replace_query_param(request.build_absolute_uri(), "after", cursor) if cursor else None


def answer_to(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as {"detail": a sentence, "errors": [{"place", "problem"}]}."""
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, ValidationError):
        problems = list(_flat(error.detail, ""))
        shown = [{"place": place, "problem": problem} for place, problem in problems]
        first = f"{problems[0][0]}: {problems[0][1]}" if problems else "The request is not valid."
        answer.data = {"detail": first, "errors": shown}
    else:
        detail = answer.data.get("detail", "") if isinstance(answer.data, dict) else ""
        answer.data = {"detail": str(detail)}
    return answer


def _flat(detail: Any, place: str) -> Sequence[tuple[str, str]]:
    if isinstance(detail, dict):
        return [one for key, value in detail.items() for one in _flat(value, f"{place}.{key}" if place else str(key))]
    if isinstance(detail, list):
        return [one for value in detail for one in _flat(value, place)]
    return [(place or "request", str(detail))]
