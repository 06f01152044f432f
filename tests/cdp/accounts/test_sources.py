import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cdp.accounts.keys import hash_secret
from cdp.accounts.models import AuditEntry, Source, WriteKey
from tests.cast import Cast
from tests.factories import a_source, a_token, a_user, a_write_key

NEW = "/accounts/sources/new/"
SHOP = {"name": "Web shop", "kind": "web", "trust_rank": "40"}


def test_a_new_source_shows_its_key_once_and_keeps_the_hash(cast: Cast) -> None:
    ada = cast.client("ada")
    page = ada.post(NEW, SHOP)
    (text,) = set(re.findall(r"wk_[\w-]{32}", page.content.decode()))
    key = WriteKey.objects.get()
    assert key.hash == hash_secret(text)
    assert text not in str(key.__dict__)
    assert "no-store" in page.headers["Cache-Control"]
    for url in ("/accounts/sources/", f"/accounts/sources/{key.source_id}/", "/accounts/audit/"):
        assert text not in ada.get(url).content.decode()
    assert not AuditEntry.objects.filter(details__icontains=text).exists()


def test_two_sources_do_not_share_a_name(cast: Cast) -> None:
    cast.client("ada").post(NEW, SHOP)
    answer = cast.client("ada").post(NEW, SHOP)
    assert answer.status_code == 422
    assert "already exists" in answer.content.decode()
    assert WriteKey.objects.count() == 1


def test_rotating_a_key_adds_one_and_revokes_the_old(cast: Cast) -> None:
    old, _text = a_write_key()
    ada = cast.client("ada")
    assert ada.get(f"/accounts/sources/{old.source_id}/keys/").status_code == 405
    page = ada.post(f"/accounts/sources/{old.source_id}/keys/")
    assert "wk_" in page.content.decode()
    ada.post(f"/accounts/sources/{old.source_id}/keys/{old.pk}/revoke/")
    living = WriteKey.objects.get(source=old.source, revoked_at=None)
    assert living.pk != old.pk


def test_a_key_is_revoked_only_through_its_own_source(cast: Cast) -> None:
    key, _text = a_write_key()
    other = a_source()
    assert cast.client("ada").post(f"/accounts/sources/{other.pk}/keys/{key.pk}/revoke/").status_code == 404
    assert WriteKey.objects.get(pk=key.pk).revoked_at is None


def test_a_change_is_noted_with_what_changed(cast: Cast) -> None:
    source = a_source(name="Shop")
    form = {"name": "Shop", "trust_rank": "10", "plan": "reject", "events_per_s": "0"}
    cast.client("ada").post(f"/accounts/sources/{source.pk}/change/", form)
    source.refresh_from_db()
    assert (source.trust_rank, source.plan, source.is_active) == (10, "reject", False)
    entry = AuditEntry.objects.get(verb="changed source")
    assert entry.details == {"trust_rank": 10, "plan": "reject", "is_active": False}


def test_a_wrong_change_says_where_and_keeps_what_was_typed(cast: Cast) -> None:
    source = a_source(name="Shop")
    form = {"name": "Shop 2", "trust_rank": "-1", "plan": "off", "events_per_s": "0"}
    answer = cast.client("ada").post(f"/accounts/sources/{source.pk}/change/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "greater than or equal to 0" in page
    assert 'value="Shop 2"' in page


def test_a_viewer_sees_sources_and_no_buttons(cast: Cast) -> None:
    key, _text = a_write_key()
    page = cast.client("vic").get(f"/accounts/sources/{key.source_id}/").content.decode()
    assert key.hint in page
    assert "Revoke" not in page
    assert "Only admins can change a source." in page


def test_the_internal_source_is_not_shown(cast: Cast) -> None:
    internal = a_source(kind=Source.Kind.INTERNAL)
    assert cast.client("ada").get(f"/accounts/sources/{internal.pk}/").status_code == 404


def a_row_of_each() -> None:
    a_write_key()
    a_user()
    a_token()


@pytest.mark.parametrize("url", ["/accounts/sources/", "/accounts/team/", "/accounts/tokens/"])
def test_lists_need_the_same_queries_for_one_row_and_for_ten(cast: Cast, url: str) -> None:
    a_row_of_each()
    client = cast.client("ada")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(9):
        a_row_of_each()
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
