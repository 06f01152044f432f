"""When signing in is paused, and how that is said.

Three limits, all over the last 15 minutes and kept in the database, so that they hold on every web process:
5 failures of one person from one address (django-axes), 30 of one address, 60 of one person from anywhere.
"""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cdp.common.client_ip import client_ip
from cdp.common.templatetags.look import duration

FAILURES_OF_ADDRESS = 30
FAILURES_OF_PERSON = 60


def username_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """E-mail addresses are compared without case, so the counter must not be fooled by it."""
    tried = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(tried).strip().lower()[:255]


def too_many(request: HttpRequest, *, username: str) -> bool:
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    recent = AccessAttempt.objects.filter(attempt_time__gte=since)
    return _failures(recent.filter(ip_address=client_ip(request) or None)) >= FAILURES_OF_ADDRESS or (
        _failures(recent.filter(username=username.strip().lower())) >= FAILURES_OF_PERSON
    )


def _failures(attempts: Any) -> int:
    return int(attempts.aggregate(n=Sum("failures_since_start"))["n"] or 0)


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    return paused(request, retry_after_s=int(settings.AXES_COOLOFF_TIME.total_seconds()))


def paused(request: HttpRequest, *, retry_after_s: int) -> HttpResponse:
    context = {"retry_after_text": duration(retry_after_s)}
    answer = render(request, "429.html", context, status=429)
    answer["Retry-After"] = str(retry_after_s)
    return answer
