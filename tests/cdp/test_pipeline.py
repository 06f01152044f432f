"""The path of an event: exactly once, in any order, and what cannot be taken in alone in quarantine."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.events import inbox, quarantine
from cdp.events.models import Event, EventItem, EventState, InboxBatch, RejectedMessage, SeenMessage
from cdp.pipeline import drain
from cdp.profiles.models import Profile, ProfileChange, Record, Touched
from identity.models import Merge
from tests.taking_in import NOW, ago, identify, people, rows, source, strays, take_in, track

pytestmark = pytest.mark.django_db


def only_profile() -> Profile:
    return Profile.objects.get(merged_into=None)


def test_an_event_makes_a_profile_a_record_and_a_state() -> None:
    done = take_in([track("ada", "Order Completed", properties={"total": "12.50", "order_id": "o1"})])
    assert (done.rows, done.messages, done.rejected) == (1, 1, 0)
    event = Event.objects.get()
    assert (event.profile_id, event.name, str(event.value)) == (only_profile().pk, "Order Completed", "12.50")
    state = EventState.objects.get()
    assert (state.name, state.n, str(state.sum), state.first_at, state.last_at) == (
        "Order Completed",
        1,
        "12.50",
        NOW,
        NOW,
    )
    assert not InboxBatch.objects.exists()


def test_products_become_lines() -> None:
    products = [{"product_id": "p1", "quantity": 2, "price": 3}, {"sku": "p2"}, {"name": "no id"}, "nonsense"]
    take_in([track("ada", "Order Completed", properties={"products": products})])
    lines = EventItem.objects.order_by("line").values_list("item_id", "quantity", "value")
    assert [(item, int(quantity), value and int(value)) for item, quantity, value in lines] == [
        ("p1", 2, 6),
        ("p2", 1, None),
    ]


def test_traits_are_picked_from_records_by_time_with_history() -> None:
    take_in([identify("ada", traits={"plan": "pro", "city": "Ulm"})])
    take_in([identify("ada", traits={"plan": "free"}, at=ago(days=1))])
    assert only_profile().traits == {"plan": "pro", "city": "Ulm"}
    take_in([identify("ada", traits={"plan": None}, at=NOW + timedelta(minutes=1))], now=NOW + timedelta(minutes=2))
    assert only_profile().traits == {"city": "Ulm"}
    changes = ProfileChange.objects.filter(what="plan").order_by("id").values_list("old", "new")
    assert list(changes) == [(None, "pro"), ("pro", None)]


def test_anonymous_events_belong_to_the_person_who_later_identifies() -> None:
    take_in([track(anonymousId="a1")])
    take_in([identify("ada", anonymousId="a1", traits={"email": "ada@example.com"})])
    take_in([track("ada", "Order Completed")])
    assert Profile.objects.count() == 1
    assert Record.objects.count() == 2
    assert Event.objects.filter(profile_id=only_profile().pk).count() == 2


def test_an_event_that_connects_two_profiles_merges_them_into_the_older() -> None:
    take_in([track(anonymousId="phone", at=ago(days=2))])
    take_in([identify("ada", traits={"email": "ada@example.com"})])
    older = Profile.objects.order_by("first_seen_at").first()
    assert older is not None
    assert Profile.objects.filter(merged_into=None).count() == 2
    take_in([identify("ada", anonymousId="phone")])
    assert only_profile().pk == older.pk
    merge = Merge.objects.get()
    assert merge.winner_id == older.pk
    assert merge.evidence["identifiers"] == [{"namespace": "anonymous_id", "value": "phone"}]
    assert only_profile().traits == {"email": "ada@example.com"}
    assert EventState.objects.get().profile_id == older.pk
    assert strays() == 0
    assert {row.profile_id for row in Touched.objects.filter(names__contains="merge")} <= {older.pk, merge.loser_id}


def test_two_users_of_one_device_stay_two_people() -> None:
    take_in([identify("ada", anonymousId="tablet"), identify("bob", anonymousId="tablet")])
    take_in([identify("ada", traits={"email": "home@example.com"})])
    take_in([identify("bob", traits={"email": "home@example.com"})])
    assert Profile.objects.filter(merged_into=None).count() == 2
    assert not Merge.objects.exists()


def test_an_alias_links_the_earlier_id() -> None:
    take_in([track(anonymousId="old")])
    take_in([{"type": "alias", "messageId": "al", "userId": "ada", "previousId": "old"}])
    assert Event.objects.get().profile_id == only_profile().pk


def test_sources_keep_their_own_records() -> None:
    take_in([identify("7", traits={"email": "ada@example.com", "city": "Ulm"})], of="web")
    take_in([identify("7", traits={"email": "ada@example.com", "city": "Bonn"}, at=ago(hours=1))], of="shop")
    assert Record.objects.count() == 2
    assert only_profile().traits["city"] == "Ulm"


def test_r2_the_same_message_ten_times_has_one_effect_and_another_body_is_reported() -> None:
    message = track("ada", properties={"value": 5})
    take_in([message] * 10)
    take_in([message])
    take_in([message], now=NOW + timedelta(days=20))
    take_in([{**message, "properties": {"value": 500}}])
    assert Event.objects.count() == 1
    state = EventState.objects.get()
    assert (state.n, int(state.sum)) == (1, 5)
    assert list(RejectedMessage.objects.values_list("code", flat=True)) == ["duplicate"]


def test_message_ids_are_a_sources_own_and_imports_keep_theirs_for_good() -> None:
    message = track("ada")
    take_in([message], of="web")
    take_in([message], of="shop")
    take_in([track("ada")], of="crm", lane="bulk")
    assert Event.objects.count() == 3
    kept = SeenMessage.objects.filter(seen_at=None).values_list("source_id", flat=True)
    assert list(kept) == [source("crm").pk]


def test_a_message_without_an_id_gets_one() -> None:
    message = track("ada")
    del message["messageId"]
    take_in([message, message])
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "track", "event": "V", "userId": {"a": 1}}, "shape"),
        ({"type": "track", "event": "V", "userId": "a", "properties": [1]}, "shape"),
        ({"type": "track", "event": "V", "userId": "a", "timestamp": "yesterday"}, "shape"),
        ({"type": "track", "event": "V", "userId": "null"}, "identity"),
        ({"type": "track", "event": "V"}, "identity"),
        ({"type": "track", "event": "V\x00", "userId": "a"}, "error"),
        ({"type": "identify", "userId": "a", "traits": {"x": "\x00"}}, "error"),
    ],
)
def test_r3_the_guilty_message_goes_to_quarantine_and_the_rest_goes_on(message: dict[str, Any], code: str) -> None:
    good = [track(f"user{n}") for n in range(20)]
    take_in([*good[:10], {"messageId": "bad", **message}, *good[10:]])
    assert Event.objects.count() == 20
    rejected = RejectedMessage.objects.get()
    assert rejected.code == code
    assert rejected.reason.endswith(".")
    assert Profile.objects.count() == 20


def test_what_the_collector_refused_is_quarantined_with_its_reason() -> None:
    take_in([track("ada"), track("bob")])
    InboxBatch.objects.create(
        source_id=source().pk,
        call="batch",
        body=b'{"batch":[{"type":"track","messageId":"x","userId":"a","event":"V"},7]}',
        refused={"1": {"code": "shape", "reason": "batch[1] is not an object."}},
        received_at=NOW,
    )
    drain("live", now=NOW)
    assert Event.objects.count() == 3
    assert RejectedMessage.objects.get().reason == "batch[1] is not an object."


def test_replay_takes_the_fixed_message_in_once() -> None:
    take_in([{"type": "track", "messageId": "m", "event": "V", "userId": "null"}])
    rejected = RejectedMessage.objects.get()
    fixed = bytes(rejected.body).replace(b'"null"', b'"ada"')
    assert quarantine.replay(rejected.pk, body=fixed, now=NOW)
    assert not quarantine.replay(rejected.pk, body=fixed, now=NOW)
    drain("live", now=NOW)
    assert Event.objects.get().message_id == "m"
    assert RejectedMessage.objects.get().state == "replayed"


def test_a_claim_that_fails_leaves_the_inbox_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **named: object) -> None:
        raise RuntimeError("the worker died")

    monkeypatch.setattr("cdp.pipeline.touch", fail)
    with pytest.raises(RuntimeError):
        take_in([track("ada")])
    assert InboxBatch.objects.count() == 1
    assert not Event.objects.exists()
    assert not SeenMessage.objects.exists()


def test_clocks_that_are_wrong_are_corrected() -> None:
    wrong = NOW + timedelta(days=3650)
    late = track("ada", "late", at=wrong - timedelta(minutes=10), sentAt=wrong.isoformat())
    future = track("ada", "future", at=NOW + timedelta(days=1))
    take_in([late, future, track("ada", "old", at=ago(days=3650))])
    found = dict(Event.objects.values_list("name", "occurred_at"))
    assert found == {"late": ago(minutes=10), "future": NOW, "old": ago(days=3650)}


def test_times_stand_in_any_zone_and_on_leap_days() -> None:
    take_in([{**track("ada"), "timestamp": "2024-02-29T23:30:00-05:00"}])
    assert Event.objects.get().occurred_at.isoformat() == "2024-03-01T04:30:00+00:00"


MESSAGES = st.lists(
    st.builds(
        lambda n, kind, user, device, minutes, trait: {
            "type": kind,
            "messageId": f"h{n}",
            "userId": user,
            "anonymousId": device,
            "event": "V" if kind == "track" else None,
            "timestamp": ago(minutes=minutes).isoformat(),
            "traits": {"plan": trait} if kind == "identify" else None,
            "properties": {"value": minutes},
        },
        st.integers(0, 10_000),
        st.sampled_from(["track", "identify"]),
        st.sampled_from(["ada", "bob", None]),
        st.sampled_from(["d1", "d2", "d3"]),
        st.integers(0, 500),
        st.sampled_from(["free", "pro", None]),
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda message: message["messageId"],
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=MESSAGES, data=st.data())
def test_r4_any_order_and_batching_of_one_persons_messages_gives_the_same(
    messages: list[dict[str, Any]], data: st.DataObject
) -> None:
    """With one user per device there is no conflict whose outcome could hang on arrival."""
    for message in messages:
        if message["userId"]:
            message["userId"] = {"d1": "ada", "d2": "ada", "d3": "bob"}[message["anonymousId"]]
    forget_all()
    take_in(messages)
    expected = people()
    forget_all()
    other = data.draw(st.permutations(messages))
    cut = data.draw(st.integers(0, len(other)))
    for part in (other[:cut], other[cut:], other):
        if part:
            take_in(part)
    assert people() == expected
    assert strays() == 0


def forget_all() -> None:
    tables = "profiles_profile, profiles_record, profiles_identifier, profiles_profilechange, profiles_touched"
    more = "events_event, events_eventitem, events_eventstate, events_order, events_seenmessage, identity_merge"
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {tables}, {more}")


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_people_neither_lose_nor_double() -> None:
    forget_all()
    pk = source().pk
    for n in range(60):
        messages = [
            track(f"u{(n * 7 + k) % 25}", anonymousId=f"d{(n + k) % 25}", properties={"value": 1}) for k in range(40)
        ]
        InboxBatch.objects.create(source_id=pk, call="batch", body=body(messages + messages[:5]), received_at=NOW)
    with ThreadPoolExecutor(3) as pool:
        for worker in [pool.submit(work) for _ in range(3)]:
            worker.result()
    assert Event.objects.count() == 2400
    assert rows("select sum(n), sum(sum) from events_eventstate") == [(2400, 2400)]
    assert strays() == 0
    assert Record.objects.count() == rows("select count(distinct (source_id, key)) from profiles_record")[0][0]


@pytest.mark.django_db(transaction=True)
def test_workers_on_the_same_people_in_any_order_of_time_never_wait_in_a_ring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forget_all()
    monkeypatch.setattr(inbox, "CLAIM_BYTES", 1)  # one row at a time: as many meetings as can be
    pk = source().pk
    draw = random.Random(7)
    take_in([track(f"u{n}", anonymousId=f"d{n}") for n in range(200)])
    for _ in range(40):
        messages = [track(f"u{n}", anonymousId=f"d{n}", at=ago(minutes=draw.random() * 9999)) for n in range(200)]
        draw.shuffle(messages)
        InboxBatch.objects.create(source_id=pk, call="batch", body=body(messages), received_at=NOW)
    with ThreadPoolExecutor(3) as pool:
        for worker in [pool.submit(work) for _ in range(3)]:
            worker.result()
    assert Event.objects.count() == 41 * 200


def body(messages: list[dict[str, Any]]) -> bytes:
    return json.dumps({"batch": messages}).encode()


def work() -> None:
    try:
        while drain("live", now=NOW).rows:
            pass
    finally:
        connection.close()
