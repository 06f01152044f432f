import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cdp.accounts.first_admin import ensure_first_admin
from cdp.accounts.keys import hash_secret
from cdp.accounts.models import ApiToken, User, WriteKey
from cdp.accounts.roles import Role, role_of

pytestmark = pytest.mark.django_db


def said(*command: str) -> dict[str, str]:
    out = StringIO()
    call_command(*command, stdout=out)
    (line,) = out.getvalue().splitlines()
    return dict(json.loads(line))


def test_source_create_prints_source_and_key() -> None:
    answer = said("source", "create", "Till", "--kind", "shop")
    assert set(answer) == {"source", "write_key"}
    key = WriteKey.objects.get(hash=hash_secret(answer["write_key"]))
    assert (key.source.name, key.source.kind) == ("Till", "shop")
    with pytest.raises(CommandError, match="already"):
        said("source", "create", "Till")


def test_token_create_prints_the_token() -> None:
    answer = said("token", "create", "Warehouse", "--scope", "profiles:read", "--scope", "events:read")
    assert set(answer) == {"token"}
    assert ApiToken.objects.get(hash=hash_secret(answer["token"])).scopes == ["events:read", "profiles:read"]
    with pytest.raises(CommandError, match="no scope 'fly'"):
        said("token", "create", "x", "--scope", "fly")


def test_user_create_prints_a_password_that_works() -> None:
    answer = said("user", "create", "Nora@Example.com", "--role", "steward")
    user = User.objects.get(email="nora@example.com")
    assert user.check_password(answer["password"])
    assert role_of(user) is Role.STEWARD
    with pytest.raises(CommandError, match="already"):
        said("user", "create", "nora@example.com", "--role", "admin")
    with pytest.raises(CommandError, match="no e-mail address"):
        said("user", "create", "nora", "--role", "admin")


def test_the_first_admin_is_made_once() -> None:
    first = ensure_first_admin()
    assert first
    user = User.objects.get()
    assert user.check_password(first.password)
    assert role_of(user) is Role.ADMIN
    assert ensure_first_admin() is None
