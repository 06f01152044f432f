"""The first person who can log in, made once on an empty installation."""

import secrets
from dataclasses import dataclass

from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.accounts.roles import Role, create_roles, give_role

EMAIL = "admin@example.com"
LOCK = 7_310_001


@dataclass(frozen=True)
class FirstAdmin:
    """The login; the password is kept nowhere in clear."""

    email: str
    password: str


@transaction.atomic
def ensure_first_admin() -> FirstAdmin | None:
    """Makes the first admin if there is no user yet; None if there is one. Two starts at once make one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if User.objects.exists():
        return None
    create_roles()
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(EMAIL, password, name="Admin")
    give_role(user, role=Role.ADMIN)
    return FirstAdmin(email=user.email, password=password)
