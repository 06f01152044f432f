from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cdp.accounts import sessions


class SessionSeen:
    """Notes when a signed-in browser was last seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Only where the view already looked at the person: anonymous API calls load no session.
        if request.session.accessed and request.session.session_key and "_auth_user_id" in request.session:
            sessions.touch(request.session.session_key, now=timezone.now())
        return response
