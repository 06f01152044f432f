"""Who may open a view. Every view of the URLconf says so; tests/test_routes.py proves it."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect

from cdp.accounts.models import User
from cdp.accounts.roles import known

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
PUBLIC, MEMBER, PERMISSION, TOKEN = "public", "member", "permission", "token"


@dataclass(frozen=True)
class Access:
    """`kind` public: anybody; member: anybody signed in; permission: those who have `permission`;
    token: holders of an API token with `permission` as scope."""

    kind: str
    permission: str = ""


class SignedIn(HttpRequest):
    """A request behind `member` or `needs`."""

    user: User


def public(view: View) -> View:
    """Anybody may open it, also people who never signed in."""
    view.access = Access(PUBLIC)  # type: ignore[attr-defined]
    return view


def member(view: View) -> View:
    """Anybody signed in."""
    return _guarded(view, Access(MEMBER))


def needs(permission: str) -> Callable[[View], View]:
    """Those whose role has it (cdp/accounts/roles.py); others get the 403 page, strangers the login page."""
    access = Access(PERMISSION, known(permission))
    return lambda view: _guarded(view, access)


def access_of(view: Any) -> Access | None:
    found = getattr(view, "access", None)
    return found if isinstance(found, Access) else None


def _guarded(view: View, access: Access) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        if access.permission and not request.user.may(access.permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.access = access  # type: ignore[attr-defined]
    return cast(View, guarded)


def _to_login(request: HttpRequest) -> HttpResponse:
    to_login = redirect_to_login(request.get_full_path())
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(to_login.url)
    return to_login
