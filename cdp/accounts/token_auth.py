"""How the REST API knows who asks: API tokens as Bearer, scopes per view, limits with Retry-After.

A view says what it needs: `scope = "profiles:read"`, or by method
`scope = {"GET": "items:read", "POST": "items:write"}`.
A view that says nothing is closed.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cdp.accounts.models import ApiToken
from cdp.accounts.scopes import allows
from cdp.accounts.tokens import token_of
from cdp.common import rate
from cdp.common.client_ip import client_ip

if TYPE_CHECKING:  # DRF's views load this module by its name in the settings
    from rest_framework.views import APIView

WRONG_TOKENS_PER_MIN = 30


class ApiClient:
    """`request.user` of an API call: an integration, not a person."""

    is_authenticated = True
    is_active = True
    is_anonymous = False
    pk = None

    def __init__(self, token: ApiToken) -> None:
        self.token = token

    def __str__(self) -> str:
        return f"API token {self.token.name}"

    def may(self, permission: str) -> bool:
        """A token has scopes and none of the permissions of people."""
        return False


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[ApiClient, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        now = timezone.now()
        token = token_of(words[1].decode("latin-1"), now=now) if len(words) == 2 else None
        if token is None:
            verdict = rate.count(f"wrong-token:{client_ip(request)}", limit=WRONG_TOKENS_PER_MIN, window_s=60, now=now)
            if not verdict.is_allowed:
                raise Throttled(wait=verdict.retry_after_s)
            raise AuthenticationFailed("This API token is unknown, revoked or expired.")
        return ApiClient(token), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Tributary"'


class HasScope(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        needed = scope_for(view, request.method or "GET")
        if not isinstance(request.auth, ApiToken) or not needed:
            return False
        self.message = f"This token lacks the scope {needed}."
        return allows(request.auth.scopes, needed)


def scope_for(view: Any, method: str) -> str:
    declared = getattr(view, "scope", "")
    if isinstance(declared, dict):
        return str(declared.get("GET" if method in ("HEAD", "OPTIONS") else method, ""))
    return str(declared)


class TokenThrottle(BaseThrottle):
    """So many requests a minute for each token; DRF answers 429 with Retry-After."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        self.verdict = rate.count(
            f"token:{request.auth.pk}", limit=settings.API_REQUESTS_PER_MIN, window_s=60, now=timezone.now()
        )
        return self.verdict.is_allowed

    def wait(self) -> float:
        return float(self.verdict.retry_after_s)
