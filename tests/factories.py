"""The smallest valid objects; a test states what it asserts on."""

from datetime import UTC, datetime
from itertools import count

from cdp.accounts.models import ApiToken, Source, User, WriteKey
from cdp.accounts.roles import Role, give_role
from cdp.accounts.source_keys import add_key
from cdp.accounts.tokens import create_token

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
numbers = count(1)


def a_user(*, role: Role = Role.VIEWER, email: str = "", name: str = "") -> User:
    user = User.objects.create_user(email or f"person{next(numbers)}@example.com", PASSWORD, name=name)
    give_role(user, role=role)
    return user


def a_source(*, name: str = "", kind: str = Source.Kind.SERVER) -> Source:
    return Source.objects.create(name=name or f"Source {next(numbers)}", kind=kind)


def a_write_key(source: Source | None = None) -> tuple[WriteKey, str]:
    made = add_key(None, source=source or a_source(), now=NOW)
    return made.key, made.text


def a_token(*scopes: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    return create_token(
        None, name=f"Token {next(numbers)}", scopes=list(scopes) or ["read"], expires_at=expires_at, now=NOW
    )
