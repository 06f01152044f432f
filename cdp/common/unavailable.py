"""What is answered when a page breaks: a 503 with Retry-After while the database is away, else a 500."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

RETRY_AFTER_S = 2
PROGRAMS = ("/api/",)
"""Paths whose callers read JSON rather than a page."""


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. It runs while the exception is being handled and says nothing of what is in it."""
    is_away = isinstance(sys.exception(), OperationalError | InterfaceError)
    status = 503 if is_away else 500
    if request.path.startswith(PROGRAMS):
        detail = f"The database does not answer. Try again in {RETRY_AFTER_S} s." if is_away else "Something broke."
        answer: HttpResponse = JsonResponse({"detail": detail}, status=status)
    else:
        answer = render(None, f"{status}.html", status=status)
    if is_away:
        answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer
