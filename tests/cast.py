"""Who tries the views: Ada (admin), Mara (marketer), Stew (data steward), Vic (viewer), and a stranger."""

from dataclasses import dataclass

from django.test import Client

from cdp.accounts.models import User
from cdp.accounts.roles import Role
from tests.factories import a_user

ROLES = {"ada": Role.ADMIN, "mara": Role.MARKETER, "stew": Role.STEWARD, "vic": Role.VIEWER}


@dataclass(frozen=True)
class Cast:
    ada: User
    mara: User
    stew: User
    vic: User

    def client(self, name: str) -> Client:
        """A browser signed in as that person; nobody's for the stranger."""
        client = Client()
        if name != "stranger":
            client.force_login(getattr(self, name), backend="django.contrib.auth.backends.ModelBackend")
        return client


def the_cast() -> Cast:
    people = {
        name: a_user(role=role, email=f"{name}@example.com", name=name.capitalize()) for name, role in ROLES.items()
    }
    return Cast(**people)
