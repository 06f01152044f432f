"""Who is who does not depend on what came first, in which portions, nor on who took it in."""

import time
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.common.advisory import IDENTITY_LOCK
from cdp.events import inbox
from cdp.pipeline import drain
from identity.by_hand import merge_profiles, unmerge
from identity.models import RuleSet
from tests.taking_in import NOW, ago, identify, rows, source, strays, take_in, track
from tests.unmanaged import empty_unmanaged_tables

DEADLINE_S = 10.0


@pytest.mark.django_db(transaction=True)
def test_an_older_message_dates_identifiers_back_only_when_its_turn_has_come() -> None:
    """It once did so before it waited for the identity lock, and met those who came from the other side."""
    take_in([identify("ada", anonymousId="d1", at=ago(days=1))])
    results: list[int] = []

    def takes_in_an_older_one() -> None:
        older = identify("ada", anonymousId="d1", at=ago(days=3))
        results.append(take_in([older, identify("bob", anonymousId="d2")]).messages)
        connection.close()

    worker = Thread(target=takes_in_an_older_one)
    with transaction.atomic():
        rows("select pg_advisory_xact_lock(%s)", IDENTITY_LOCK)
        worker.start()
        wait_for(lambda: rows("select count(*) from pg_locks where locktype = 'advisory' and not granted") == [(1,)])
        with connection.cursor() as cursor:
            cursor.execute("update profiles_identifier set first_seen_at = %s", [ago(days=2)])
    worker.join(DEADLINE_S)
    assert results == [2]
    assert rows("select distinct first_seen_at from profiles_identifier where value in ('ada', 'd1')") == [
        (ago(days=3),)
    ]


def wait_for(condition: Callable[[], bool]) -> None:
    started_s = time.monotonic()
    while not condition():
        assert time.monotonic() - started_s < DEADLINE_S
        time.sleep(0.02)


class TakenBack(Exception):
    pass


def groups_after(portions: Sequence[Sequence[dict[str, Any]]]) -> tuple[Any, ...]:
    """Who is one person, and what was dropped, after these are taken in; nothing of it is kept."""
    try:
        with transaction.atomic():
            for portion in portions:
                take_in(portion)
            found = (
                rows("select array_agg(key order by key) from profiles_record group by profile_id order by 1"),
                rows(
                    "select r.key, namespace, value, dropped_for, i.first_seen_at from profiles_identifier i"
                    " join profiles_record r on r.id = i.record_id order by 1, 2, 3"
                ),
                rows(
                    "select array_agg(message_id order by message_id) from events_event group by profile_id order by 1"
                ),
                strays(),
            )
            raise TakenBack
    except TakenBack:
        return found


SAID = st.lists(
    st.tuples(
        st.sampled_from(["", "", "ada", "bob", "cy"]),
        st.sampled_from(["", "d1", "d2", "d3"]),
        st.sampled_from(["", "", "x@shop.example", "y@shop.example"]),
        st.sampled_from(["", "", "", "L-1", "L-2"]),
        st.integers(0, 30),
    ).filter(lambda one: one[0] or one[1]),
    min_size=1,
    max_size=10,
)


def messages(said: list[tuple[str, str, str, str, int]]) -> list[dict[str, Any]]:
    found = []
    for n, (user, device, email, card, days) in enumerate(said):
        context: dict[str, Any] = {"externalIds": [{"type": "card", "id": card, "collection": "x"}]} if card else {}
        if email:
            context["traits"] = {"email": email}
        more = {"anonymousId": device} if device else {}
        found.append(track(user, at=ago(days=days, seconds=n % 3), context=context, **more))
    return found


TIGHT = {
    "namespaces": [
        {"name": "user_id", "priority": 1, "is_hard": True, "limit": 1},
        {"name": "email", "priority": 2, "limit": 1},
        {"name": "*", "priority": 4, "limit": 1, "window_days": 7, "most_records": 2},
        {"name": "anonymous_id", "priority": 5, "most_records": 3},
    ]
}


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=SAID, data=st.data())
def test_any_order_in_any_portions_gives_the_same_people(
    said: list[tuple[str, str, str, str, int]], data: st.DataObject
) -> None:
    RuleSet.objects.get_or_create(pk=1, defaults={"rules": TIGHT, "by": "user:1", "at": NOW, "applied_at": NOW})
    everything = messages(said)
    at_once = groups_after([everything])
    other = data.draw(st.permutations(everything))
    cut = data.draw(st.integers(0, len(other)))
    assert groups_after([other[:cut], *([one] for one in other[cut:])]) == at_once


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_people_lose_nothing_and_agree() -> None:
    """Each of two workers takes in half of what is known of the same few people, at once."""
    empty_unmanaged_tables()
    said = [
        (user, device, email, "", day)
        for day in range(6)
        for user, device, email in [("ada", "d1", "x@shop.example"), ("bob", "d1", ""), ("", "d2", "x@shop.example")]
    ]
    everything = messages(said)
    for n, one in enumerate(everything):
        inbox.put(source().pk, [one], now=ago(minutes=n), lane="live")
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while drain("live", now=NOW).rows:
                pass
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(DEADLINE_S)
    assert errors == []
    assert rows("select count(*) from events_event") == [(len(everything),)]
    assert rows("select array_agg(key order by key) from profiles_record group by profile_id order by 1") == [
        (["anon:d2", "user:ada"],),
        (["user:bob"],),
    ]
    assert strays() == 0


@pytest.mark.django_db(transaction=True)
def test_a_steward_who_merges_and_parts_people_while_events_come_loses_nothing() -> None:
    empty_unmanaged_tables()
    take_in([identify(anonymousId=device, at=ago(days=9)) for device in ("d1", "d2")])
    everything = [track(anonymousId=device, at=ago(minutes=n)) for n in range(40) for device in ("d1", "d2")]
    for n, one in enumerate(everything):
        inbox.put(source().pk, [one], now=ago(minutes=100 - n), lane="live")
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while drain("live", now=NOW).rows:
                pass
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    worker = Thread(target=work)
    worker.start()
    ids = [profile for (profile,) in rows("select profile_id from profiles_record order by key")]
    for _ in range(8):
        done = merge_profiles(ids, by="user:1", now=NOW)
        unmerge(done.merge_ids[0], by="user:1", now=NOW)
    worker.join(DEADLINE_S)
    assert errors == []
    assert rows(
        "select r.key, e.profile_id = r.profile_id, count(*) from events_event e"
        " join profiles_record r on r.id = e.record_id group by 1, 2 order by 1"
    ) == [("anon:d1", True, 40), ("anon:d2", True, 40)]
    assert rows("select profile_id, n from events_eventstate order by 1") == [(one, 40) for one in sorted(ids)]
    assert strays() == 0
