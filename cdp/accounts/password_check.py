"""Is this the person's password? django-axes counts the wrong ones, wherever a password is asked for."""

from django.contrib import auth
from django.http import HttpRequest

from cdp.accounts import lockout
from cdp.accounts.models import User


class Paused(Exception):
    """Too many wrong passwords. Wait until the pause is over."""


def person_with(request: HttpRequest, *, username: str, password: str) -> User | None:
    """The active person with this e-mail and password, or None where they do not match."""
    if lockout.too_many(request, username=username):
        raise Paused
    found = auth.authenticate(request, username=username, password=password)
    if getattr(request, "axes_locked_out", False):
        raise Paused
    return found if isinstance(found, User) else None
