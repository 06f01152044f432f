"""Around every request of pages and API: its id in the log and in the answer, and how long it took."""

import logging
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from cdp.common import log_context
from cdp.common.clock import stopwatch
from cdp.operations.metrics.observed import http_answered

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
log = logging.getLogger("cdp.requests")


class Observed:
    """The outermost: what it measures is what the visitor waited for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        lasted, request_id = stopwatch(), _id_of(request)
        with log_context.about(request_id=request_id):
            response = self.get_response(request)
            took_s = lasted()
            response[HEADER] = request_id
            http_answered(_family(request.resolver_match), response.status_code, took_s)
            if settings.LOG_FORMAT == "json":
                facts = {"status": response.status_code, "duration_ms": round(1000 * took_s, 1)}
                log.info("%s answered", request.method, extra=facts)
        return response

    def process_view(self, request: HttpRequest, *_: object) -> None:
        log_context.note(route=log_context.route_of(request))


def _id_of(request: HttpRequest) -> str:
    """The proxy's, where one is trusted; else our own: a client must not choose what stands in our logs."""
    given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
    return given if _GIVEN.match(given) else uuid.uuid4().hex


def _family(match: ResolverMatch | None) -> str:
    """The app whose page it is; of the API and what has no app, the first word of the route's name."""
    if match is None:
        return "none"
    return match.namespaces[0] if match.namespaces else (match.url_name or "none")
