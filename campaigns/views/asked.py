"""What a page's own script posts: JSON, read strictly; a mistake is a 422 that says what is wrong."""

import functools
import json
from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse

LARGEST_BODY = 600_000
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class BadRequestBody(Exception):
    """What was posted cannot be read."""


def answers_mistakes(view: View) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except BadRequestBody as error:
            return JsonResponse({"message": str(error)}, status=422)

    return cast(View, guarded)


def body_of(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > LARGEST_BODY:
        raise BadRequestBody(f"This is too large: at most {LARGEST_BODY // 1000} KB.")
    try:
        asked = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadRequestBody("This is no JSON.") from error
    if not isinstance(asked, dict):
        raise BadRequestBody("This is no JSON object.")
    return asked


def uuid_of(value: object) -> UUID | None:
    """None for an empty text or what is left out."""
    if value in (None, ""):
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        raise BadRequestBody("This is no id of a person.") from error


def number_of(value: object, name: str, *, most: int = 1_000) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
        return value
    raise BadRequestBody(f"“{name}” must be a whole number from 0 to {most:,}.")
