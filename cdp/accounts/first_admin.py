"""The first person who can log in, made once on an empty installation."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import Group

from cdp.accounts.models import User

EMAIL = "admin@example.com"


@dataclass(frozen=True)
class FirstAdmin:
    """The login; the password is kept nowhere in clear."""

    email: str
    password: str


def ensure_first_admin() -> FirstAdmin | None:
    """Makes the first admin if there is no user yet; None if there is one."""
    if User.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(EMAIL, password, name="Admin")
    user.groups.add(Group.objects.get_or_create(name="Admin")[0])
    return FirstAdmin(email=user.email, password=password)
