"""Merged and un-merged is as if nothing had been: in every table that holds something about people."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Delivery, MailboxMessage
from cdp.common import belongings
from cdp.common.belongings import Belonging, OnMerge, declared
from cdp.profiles.models import Profile, Record
from cdp.rules.tree import UTC
from identity.by_hand import CannotMerge, CannotPart, keep_apart, merge_profiles, split, undo_keep_apart, unmerge
from identity.models import Apart, Link, Merge, Separation
from segments import save
from segments.models import Membership
from segments.refresh import refresh_changes, refresh_fully
from tests.cdp.rules.test_rules import BUY, event, rule
from tests.taking_in import NOW, ago, identify, people, rows, strays, take_in, track

BY = "user:1"
APART_FROM = {
    "identity_merge",
    "identity_apart",
    "profiles_profilechange",
    "profiles_touched",
    "segments_membershipchange",
}
"""The ledger, separations, history and queues: what may differ afterwards."""


@pytest.fixture
def own_table() -> Iterator[None]:
    """A table of a part that does not exist yet."""
    with connection.cursor() as cursor:
        cursor.execute("create table tests_visit (profile_id bigint, record_id bigint, place text)")
    belongings.declare(Belonging("tests_visit", OnMerge.MOVE_BY_RECORD))
    yield
    belongings._declared.pop("tests_visit")


def everything() -> dict[str, list[Any]]:
    """Every row of every declared table, and of profiles and consent."""
    tables = {one.table for one in declared()} - APART_FROM | {"profiles_profile", "privacy_consent"}
    return {table: sorted(rows(f"select t::text from {table} t")) for table in sorted(tables)}


def profile_of(user: str) -> Profile:
    record = Record.objects.get(key=f"user:{user}")
    return Profile.objects.get(pk=record.profile_id)


def anonymous(device: str) -> int:
    return Record.objects.get(key=f"anon:{device}").profile_id


SAID = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["Product Viewed", "Order Completed", "identify"]),
        st.sampled_from(["x@shop.example", "y@shop.example", ""]),
        st.integers(1, 400),
    ),
    min_size=2,
    max_size=12,
)


def said(everybody: list[tuple[str, str, str, int]]) -> list[dict[str, Any]]:
    """Devices, not user ids: nothing hard stands between any two of them."""
    found = []
    for n, (device, what, email, days) in enumerate(everybody):
        more: dict[str, Any] = {"anonymousId": f"device-{device}", "at": ago(days=days, minutes=n)}
        if what == "identify":
            traits = {"city": device.upper(), **({"email": email} if email else {})}
            found.append(identify(traits=traits, **more))
        elif what == "Order Completed":
            order = {"order_id": f"o{n % 3}", "total": 10.0 + n, "products": [{"product_id": f"p{n}", "price": 5}]}
            found.append(track(event=what, properties=order, **more))
        else:
            found.append(track(event=what, properties={"product_id": f"p{n}"}, **more))
    return found


def with_deliveries(ids: list[int]) -> None:
    for record in Record.objects.filter(profile_id__in=ids):
        place = {"profile_id": record.profile_id, "record_id": record.pk}
        with connection.cursor() as cursor:
            cursor.execute("insert into tests_visit values (%s, %s, 'here')", [record.profile_id, record.pk])
        Delivery.objects.get_or_create(
            profile_id=record.profile_id,
            campaign_id=7,
            occurrence="once",
            defaults={"planned_at": NOW, "record_id": record.pk, "address": "x@shop.example"},
        )
        ref = Delivery.objects.get(profile_id=record.profile_id, campaign_id=7).ref
        MailboxMessage.objects.get_or_create(
            ref=ref, defaults={**place, "recipient": "x", "subject": "s", "source": b"", "at": NOW}
        )


@pytest.mark.django_db
@pytest.mark.usefixtures("own_table")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(everybody=SAID, data=st.data())
def test_merge_then_unmerge_is_as_before(everybody: list[tuple[str, str, str, int]], data: st.DataObject) -> None:
    """Each example in a savepoint that is rolled back."""
    try:
        with transaction.atomic():
            _merge_and_unmerge(everybody, data)
            raise TakenBack
    except TakenBack:
        pass


class TakenBack(Exception):
    pass


def _merge_and_unmerge(everybody: list[tuple[str, str, str, int]], data: st.DataObject) -> None:
    take_in(said(everybody))
    buyers()
    ids = list(Profile.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    if len(ids) < 2:
        return
    with_deliveries(ids)
    settle(NOW)
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=2, max_size=3, unique=True))
    before = everything()
    done = merge_profiles(chosen, by=BY, now=NOW)
    settle(NOW)
    assert len(done.profile_ids) == 1
    assert strays() == 0
    for merge_id in reversed(done.merge_ids):
        unmerge(merge_id, by=BY, now=NOW)
    settle(NOW)
    assert everything() == before
    assert Apart.objects.count() > 0


def buyers() -> None:
    made = save.create("Buyers", rule=rule(event(BUY)), by=None, now=NOW)
    refresh_fully(made.pk, now=NOW, zone=UTC)


def settle(now: datetime) -> None:
    while refresh_changes(now=now, zone=UTC):
        pass


@pytest.mark.django_db
def test_a_manual_merge_joins_and_tells_why() -> None:
    take_in([identify(anonymousId="d1", traits={"city": "Bonn"}, at=ago(days=2)), track(anonymousId="d2")])
    older, newer = anonymous("d1"), anonymous("d2")
    done = merge_profiles([newer, older], by=BY, now=NOW)
    assert done.profile_ids == [older]
    row = Merge.objects.get(pk=done.merge_ids[0])
    assert (row.verb, row.how, row.winner_id, row.loser_id, row.by) == ("merged", "manual", older, newer, BY)
    assert row.evidence["links"][0]["kind"] == "manual"
    assert Profile.objects.get(pk=newer).merged_into == older
    assert strays() == 0


@pytest.mark.django_db
def test_two_user_ids_are_refused_and_nothing_is_left_behind() -> None:
    take_in([identify("ada"), identify("bob")])
    before = everything()
    with pytest.raises(CannotMerge, match=r"different values of user_id \(ada, bob\)"):
        merge_profiles([profile_of("ada").pk, profile_of("bob").pk], by=BY, now=NOW)
    assert everything() == before
    with pytest.raises(CannotMerge, match="one person already"):
        merge_profiles([profile_of("ada").pk] * 2, by=BY, now=NOW)


@pytest.mark.django_db
def test_what_came_after_the_merge_follows_its_own_record() -> None:
    take_in([identify("ada", traits={"email": "a@shop.example"}, at=ago(days=3)), track(anonymousId="d2")])
    ada, device = profile_of("ada").pk, anonymous("d2")
    done = merge_profiles([ada, device], by=BY, now=NOW)
    take_in([track("ada", "Cart Viewed"), track(anonymousId="d2", event="Order Completed", properties={"total": 9})])
    assert rows("select count(distinct profile_id) from events_event") == [(1,)]
    unmerge(done.merge_ids[0], by=BY, now=NOW)
    found = dict(rows("select name, profile_id from events_event where name <> 'Product Viewed'"))
    assert found == {"Cart Viewed": ada, "Order Completed": device}
    assert rows("select profile_id, n from events_eventstate where name = 'Order Completed'") == [(device, 1)]


@pytest.mark.django_db
def test_those_parted_stay_apart_until_a_steward_says_otherwise() -> None:
    take_in([identify("ada", traits={"email": "a@shop.example"}, at=ago(days=3)), track(anonymousId="d2")])
    take_in([identify(anonymousId="d2", traits={"email": "a@shop.example"})])
    ada = profile_of("ada").pk
    merge = Merge.objects.get()
    assert anonymous("d2") == ada
    done = unmerge(merge.pk, by=BY, now=NOW)
    assert anonymous("d2") == merge.loser_id
    assert done.ambiguous == [
        "Both know the email a@shop.example: it now names the one that stayed, and so do messages sent to it."
    ]
    take_in([identify(anonymousId="d2", traits={"email": "a@shop.example", "city": "Bonn"})])
    assert anonymous("d2") == merge.loser_id
    with pytest.raises(CannotPart, match="undone already"):
        unmerge(merge.pk, by=BY, now=NOW)
    assert done.separation_id
    undo_keep_apart(done.separation_id, by=BY, now=NOW)
    assert anonymous("d2") == ada
    assert not Separation.objects.exists()


@pytest.mark.django_db
def test_a_record_is_split_off_and_comes_back() -> None:
    take_in([identify("ada", anonymousId="d1", at=ago(days=3)), track(anonymousId="d1", event="Cart Viewed")])
    before, ada = people(), profile_of("ada")
    record = Record.objects.get(key="anon:d1")
    done = split([record.pk], by=BY, now=NOW)
    assert profile_of("ada").pk == ada.pk
    assert anonymous("d1") != ada.pk
    assert rows("select profile_id from events_event") == [(anonymous("d1"),)]
    assert done.separation_id
    undo_keep_apart(done.separation_id, by=BY, now=NOW)
    assert people() == before
    with pytest.raises(CannotPart, match="leave at least one"):
        split(list(Record.objects.values_list("pk", flat=True)), by=BY, now=NOW)


@pytest.mark.django_db
def test_two_people_are_kept_apart_whatever_comes() -> None:
    take_in([track(anonymousId="d1"), track(anonymousId="d2")])
    one, other = anonymous("d1"), anonymous("d2")
    keep_apart((one, other), by=BY, now=NOW)
    both: dict[str, Any] = {"traits": {"email": "a@shop.example"}}
    take_in([identify(anonymousId="d1", **both), identify(anonymousId="d2", **both)])
    assert (anonymous("d1"), anonymous("d2")) == (one, other)
    merge_profiles([one, other], by=BY, now=NOW)
    assert anonymous("d1") == anonymous("d2")
    assert Link.objects.count() == 1


@pytest.mark.django_db
def test_memberships_are_what_they_were_since_when_they_were() -> None:
    take_in([track(anonymousId="d1", event="Order Completed", properties={"total": 9}), track(anonymousId="d2")])
    buyers()
    one, other = anonymous("d1"), anonymous("d2")
    before = list(Membership.objects.values_list("profile_id", "entered_at"))
    done = merge_profiles([one, other], by=BY, now=NOW)
    later = NOW.replace(hour=15)
    settle(later)
    unmerge(done.merge_ids[0], by=BY, now=later)
    settle(later.replace(hour=16))
    assert list(Membership.objects.values_list("profile_id", "entered_at")) == before
