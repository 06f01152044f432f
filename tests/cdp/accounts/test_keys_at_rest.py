"""Proof S14: whoever reads every table learns no key, token or invitation; a key opens only what it is for."""

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cdp.accounts.models import ApiToken, Source, WriteKey
from cdp.accounts.roles import Role
from cdp.accounts.source_keys import create_source
from cdp.accounts.team import invite
from cdp.accounts.tokens import create_token, token_of
from tests.cast import Cast
from tests.factories import PASSWORD


def everything_in_the_tables() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f"select coalesce(string_agg(t::text, ' '), '') from {table} t")
            found.append(cursor.fetchone()[0])
    return " ".join(found)


def test_s14_no_table_holds_a_secret(cast: Cast) -> None:
    now = timezone.now()
    _source, key = create_source(cast.ada, name="web", kind=Source.Kind.WEB, trust_rank=50, now=now)
    _token, token = create_token(cast.ada, name="shop", scopes=["read"], expires_at=None, now=now)
    invited = invite(cast.ada, email="new@example.com", role=Role.VIEWER, now=now, days=7)
    assert Client().post("/accounts/login/", {"username": cast.ada.email, "password": PASSWORD}).status_code == 302
    held = everything_in_the_tables()
    assert WriteKey.objects.get().hash in held
    assert ApiToken.objects.get().hash in held
    for secret in (key.text, key.text.removeprefix("wk_"), token, token.removeprefix("trb_"), invited.token, PASSWORD):
        assert secret not in held


@pytest.mark.django_db
def test_s14_a_write_key_is_no_token_and_a_token_is_no_write_key() -> None:
    now = timezone.now()
    _source, key = create_source(None, name="web", kind=Source.Kind.WEB, trust_rank=50, now=now)
    token, text = create_token(None, name="shop", scopes=["read"], expires_at=None, now=now)
    assert token_of(key.text, now=now) is None
    assert token_of(text, now=now) == token
    assert token_of(token.hash, now=now) is None, "the hash that a stolen table shows opens nothing"
    assert not WriteKey.objects.filter(hash=token.hash).exists()
