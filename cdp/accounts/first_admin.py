"""The first person who can log in, made once on an empty installation."""

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model

EMAIL = "admin@example.com"


@dataclass(frozen=True)
class FirstAdmin:
    """The login; the password is not kept in clear anywhere else."""

    email: str
    password: str


def ensure_first_admin() -> FirstAdmin | None:
    """Makes the first admin if there is no user yet; None if there is one."""
    users = get_user_model()
    if users._default_manager.exists():
        return None
    admin = FirstAdmin(email=EMAIL, password=secrets.token_urlsafe(12))
    users._default_manager.create_superuser(  # type: ignore[attr-defined]
        **{users.USERNAME_FIELD: EMAIL, "email": EMAIL, "password": admin.password}
    )
    return admin
