"""Proof S12: of a person who was erased nothing is left anywhere, and nothing comes back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from cdp.accounts import audit
from cdp.common.advisory import ERASURE_LOCK
from cdp.common.belongings import Person
from cdp.common.models import Job
from cdp.connectors.imports import upload
from cdp.connectors.models import ImportProblem
from cdp.events import inbox, quarantine
from cdp.events.message import Rejected
from cdp.pipeline import drain
from cdp.privacy import erase, erased, erased_list, export_person, person
from cdp.privacy.consent import Word, record_consents
from cdp.privacy.models import Consent, Erased, PrivacyRequest, Suppression
from cdp.privacy.suppression import suppress
from cdp.profiles.models import Identifier, Profile, Record
from identity.by_hand import unmerge
from identity.models import Merge
from tests.everywhere import hits, put_everywhere
from tests.taking_in import NOW, ago, identify, rows, source, take_in, track

EMAIL, PHONE, NAME = "canary.wren@shop.example", "+442079460000", "Wilhelmina Canarywren"
USER, DEVICE, SECOND = "canary-user-77", "canary-device-a1", "canary-device-b2"
STREET, BODY = "17 Canarywren Lane", "the canarywren wrote this"
CANARIES = (EMAIL, PHONE, NAME, USER, DEVICE, SECOND, STREET, BODY, "canarywren")


@pytest.fixture(autouse=True)
def own_places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ERASED_LIST = tmp_path / "erased.json"


def somebody() -> Person:
    """With two devices that became one person by the address, and a history of it."""
    take_in(
        [
            identify(USER, anonymousId=DEVICE, traits={"email": EMAIL.title(), "name": NAME, "street": STREET}),
            identify(anonymousId=SECOND, traits={"phone": "+44 (0)20 7946 0000"[:4] + " 2079460000"}, at=ago(days=3)),
            track(anonymousId=SECOND, event="Product Viewed", properties={"note": BODY}, at=ago(days=2)),
            track(USER, event="Order Completed", properties={"order_id": "o1", "total": 10, "note": BODY}),
        ]
    )
    take_in([identify(anonymousId=SECOND, traits={"email": EMAIL})])
    return of(EMAIL)


def of(value: str) -> Person:
    with connection.cursor() as cursor:
        (profile_id,) = person.known_by(cursor, value)
        return person.of_profile(cursor, profile_id)


def bystander() -> int:
    """Somebody who mentions them, and stays."""
    take_in([identify("other-1", traits={"email": "other@shop.example", "friend": EMAIL, "city": "Leeds"})])
    take_in([track("other-1", event="Invited", properties={"to": f"Mail {EMAIL}!", "n": 3})])
    return int(Identifier.objects.get(value="other@shop.example").profile_id)


def erased_now(who: Person) -> PrivacyRequest:
    request = erase.begin(who, by=None, via="page", now=NOW)
    erase.run(request.job_id, clock=lambda: NOW)
    return PrivacyRequest.objects.get(pk=request.pk)


def uploads() -> Any:
    file = ContentFile(
        f"email,user_id,name\nother@shop.example,other-1,Ann\n{EMAIL},{USER},{NAME}\nx@y.example,7,Bo\n".encode()
    )
    one = upload(file, name="people.csv", source=source("crm"), actor=None, now=NOW)
    ImportProblem.objects.create(of=one, row=3, reason=f"“{EMAIL}” is odd", cells=[EMAIL, USER, NAME])
    default_storage.save("lists/1.csv", ContentFile(f"email\nother@shop.example\n{EMAIL}\n".encode()))
    return one


def waiting() -> None:
    """Not yet taken in: a batch with others, a single call, and what could not be read."""
    web = source("web").pk
    batch = [
        track("other-1", event="Waiting"),
        track(USER, event="Waiting", properties={"x": BODY}),
        track("other-1", event="Quoting", properties={"to": EMAIL}),
    ]
    inbox.put(web, batch, now=NOW)
    raw = json.dumps({"type": "track", "event": "x", "context": {"traits": {"email": EMAIL}}, "p": BODY}).encode()
    with connection.cursor() as cursor:
        quarantine.add(
            cursor,
            [
                Rejected(web, raw, "track", "plan", f"No event “x” of {EMAIL}.", NOW),
                Rejected(web, f"broken {{ {EMAIL} {BODY}".encode(), "batch", "shape", "It is broken.", NOW),
                Rejected(web, json.dumps({"userId": "other-1", "p": EMAIL}).encode(), "track", "plan", "No.", NOW),
            ],
            now=NOW,
        )


@pytest.mark.django_db
def test_nothing_is_left_in_any_table_file_or_cache(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    stays = bystander()
    who = somebody()
    assert len(who.profile_ids) == 2 and Merge.objects.count() == 1
    tables = put_everywhere(who, f"{NAME} {EMAIL}")
    waiting()
    imported = uploads()
    record_words(EMAIL)
    suppress([("email", EMAIL)], reason=Suppression.Reason.MANUAL, now=NOW, note="asked")
    audit.record(None, verb="suppressed address", target=EMAIL, details={"of": [USER]}, now=NOW)
    Job.objects.create(kind="x", title="Looking up", result={"problems": [{"text": EMAIL}]}, created_at=NOW)
    cache.set("preview", NAME)
    export = export_person.begin(who, by=None, via="page", now=NOW)
    export_person.run(export.job_id, clock=lambda: NOW)
    assert hits([EMAIL, NAME, BODY]) and len(tables) > 30

    request = erased_now(who)

    assert hits(CANARIES) == []
    assert not [one for one in CANARIES if one.lower() in caplog.text.lower()]
    media = b"".join(path.read_bytes() for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file())
    assert [one for one in CANARIES if one.lower().encode() in media.lower()] == []
    assert b"other@shop.example" in media and cache.get("preview") is None
    assert imported.file.open().read().splitlines()[2] == b"", "the numbers of rows stay"
    for table in tables:
        if table != "campaigns_offercode":
            assert not rows(f"select 1 from {table} t where t::text like %s", f"%{who.profile_ids[0]}%Canary%"), table
    assert request.sealed is None and request.job.state == "done" and request.counts["profiles_record"] == 2
    # A given code stays given, to nobody. It was of no offer: the row was made up.
    assert rows("delete from campaigns_offercode returning profile_id, record_id") == [(None, None)]
    kept = Profile.objects.get(pk=stays)
    assert kept.traits == {"email": "other@shop.example", "friend": "erased", "city": "Leeds"}
    said = rows("select properties from events_event where profile_id = %s", stays)
    assert [json.loads(one[0]) if isinstance(one[0], str) else one[0] for one in said] == [
        {"to": "Mail erased!", "n": 3}
    ]
    (left,) = rows("select body from events_inboxbatch")
    assert [one["event"] for one in json.loads(bytes(left[0]))["batch"]] == ["Waiting", "Quoting"]
    assert rows("select count(*) from events_rejectedmessage")[0][0] == 1


def record_words(value: str) -> None:
    with connection.cursor() as cursor:
        record_consents(cursor, [Word("email", value, "email-marketing", "", True, NOW, None, "page")], now=NOW)


@pytest.mark.django_db
def test_what_comes_again_is_counted_and_kept_nowhere() -> None:
    erased_now(somebody())
    again = [
        identify("new-user-9", traits={"email": EMAIL.upper(), "name": NAME}),
        track(anonymousId=DEVICE, event="Product Viewed", properties={"note": BODY}),
        track(anonymousId="fresh-device", event="Signed Up", properties={"email": EMAIL, "note": BODY}),
        {"type": "track", "event": 7, "userId": USER, "note": BODY},
        identify("other-1", traits={"email": "other@shop.example"}),
    ]
    for lane in ("live", "bulk"):
        take_in(again, lane=lane)
    record_words(EMAIL)
    assert suppress([("email", EMAIL)], reason=Suppression.Reason.IMPORT, now=NOW) == []
    assert hits(CANARIES) == []
    assert list(Record.objects.values_list("key", flat=True)) == ["user:other-1"]
    assert not Consent.objects.exists() and not rows("select 1 from events_rejectedmessage")
    with connection.cursor() as cursor:
        assert erased.add_up(cursor) > 3
    assert sum(Erased.objects.values_list("refused", flat=True)) == 10
    assert Erased.objects.filter(namespace="email").get().refused == 6


@pytest.mark.django_db
def test_a_lifted_person_is_taken_in_again() -> None:
    request = erased_now(somebody())
    erase.lift(request, by=None, now=NOW)
    take_in([identify("new-user-9", traits={"email": EMAIL})])
    assert Identifier.objects.filter(value=EMAIL).exists()


@pytest.mark.django_db
def test_the_history_of_an_unmerge_keeps_no_copy() -> None:
    who = somebody()
    (merge,) = Merge.objects.all()
    unmerge(merge.pk, by="user:1", now=NOW)
    first = of(USER)
    assert set(first.profile_ids) < set(who.profile_ids)
    erased_now(first)
    erased_now(of(SECOND))
    assert hits(CANARIES) == []


@pytest.mark.django_db
def test_work_that_was_killed_goes_on_and_a_second_worker_does_no_harm() -> None:
    request = erase.begin(somebody(), by=None, via="page", now=NOW)
    for _ in range(7):
        assert erase.advance(request.job_id, now=NOW)
    did = Job.objects.get(pk=request.job_id).checkpoint["did"]
    Job.objects.filter(pk=request.job_id).update(checkpoint={"did": did[:3]})
    erase.run(request.job_id, clock=lambda: NOW)
    erase.run(request.job_id, clock=lambda: NOW)
    assert hits(CANARIES) == [] and Erased.objects.filter(namespace="email").count() == 1


@pytest.mark.django_db
def test_an_address_that_a_household_shares_stays_with_the_others() -> None:
    take_in(
        [identify("ann", traits={"email": "home@shop.example"}), identify("bob", traits={"email": "b@shop.example"})]
    )
    bob = Identifier.objects.get(value="b@shop.example")
    rows(
        "insert into profiles_identifier (namespace, value, record_id, profile_id, first_seen_at, dropped_for)"
        " values ('email', 'home@shop.example', %s, %s, now(), 'hard') returning 1",
        bob.record_id,
        bob.profile_id,
    )
    erased_now(of("ann"))
    assert not Erased.objects.filter(namespace="email").exists()
    assert Identifier.objects.filter(value="home@shop.example", profile_id=bob.profile_id).exists()


@pytest.mark.django_db
def test_somebody_of_whom_only_the_inbox_knows() -> None:
    waiting()
    who = person.unknown(EMAIL)
    erased_now(who)
    assert rows("select count(*) from events_rejectedmessage")[0][0] == 1
    drain("bulk", now=NOW)
    assert EMAIL not in str(rows("select properties from events_event"))


@pytest.mark.django_db
def test_a_restored_backup_gives_them_up_again() -> None:
    who = somebody()
    before = rows(
        "select source_id, key, profile_id, home_id, traits, first_seen_at, last_seen_at from profiles_record"
    )
    assert len(before) == 2
    stays = bystander()
    erased_now(who)
    listed = erased_list.read_beside(django_settings.ERASED_LIST)
    assert listed is not None and "canary" not in json.dumps(listed)
    # As it was before: nobody was erased, and everybody is there.
    rows("delete from privacy_erased returning 1")
    rows("delete from privacy_erasurekey returning 1")
    rows("delete from events_seenmessage returning 1")
    again = somebody()
    assert again.is_known
    assert erased_list.put_back(listed, now=NOW) == len(listed["erased"])
    assert erase.erase_again(now=NOW + timedelta(days=1)) == 1
    assert hits(CANARIES) == [] and Profile.objects.filter(pk=stays).exists()
    assert erase.erase_again(now=NOW + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_an_erasure_waits_for_what_is_being_taken_in() -> None:
    """Else a message that was read before the fingerprints stood would be written after them."""
    other = connection.copy()
    try:
        take_in([track("ann")])
        with other.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s), pg_try_advisory_lock_shared(%s)", [ERASURE_LOCK] * 2)
            assert cursor.fetchone() == (False, True), "the claim of this transaction holds it; claims go side by side"
    finally:
        other.close()


@pytest.mark.django_db
def test_an_empty_list_costs_one_small_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), connection.cursor() as cursor:
        assert erased.among(cursor, {("email", EMAIL)}) == {}


@pytest.mark.django_db
def test_other_secrets_forget_nobody(settings: Any) -> None:
    erased_now(somebody())
    old = list(settings.ENCRYPTION_KEYS)
    settings.ENCRYPTION_KEYS = ["a new key", *old]
    with connection.cursor() as cursor:
        assert erased.seal_anew(cursor, keys=settings.ENCRYPTION_KEYS) == 1
        settings.ENCRYPTION_KEYS = ["a new key"]
        assert erased.among(cursor, {("email", EMAIL)})
