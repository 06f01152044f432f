"""Many segments in one claim: what each may delay, what makes them stale, who follows at once, who in turn."""

import json
import random
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections, transaction

from cdp.common.models import Job
from cdp.events.items import ItemRow, upsert_items
from cdp.profiles.models import Identifier, Touched
from cdp.profiles.touched import EVERYBODY
from cdp.rules.parsed import Parser
from cdp.rules.shared import found_sql
from cdp.rules.to_english import to_english
from cdp.rules.tree import UTC
from segments import full_jobs, save, together
from segments.models import Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully, waiting_segments
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, no, rule, trait
from tests.segments.test_kept_right import assert_entering_and_leaving_alternate
from tests.segments.test_refresh import a_segment, changes, members
from tests.taking_in import NOW, identify, take_in, track

SOON = NOW + timedelta(seconds=1)


def fresh(segment: Segment) -> Segment:
    return Segment.objects.get(pk=segment.pk)


@pytest.mark.django_db
def test_claims_of_more_segments_take_no_more_statements(django_assert_max_num_queries: Any) -> None:
    for days in range(1, 41):
        a_segment(event(VIEW, window=last(days)), name=f"{days} days")
    take_in([track(f"user{k}", VIEW) for k in range(30)])
    with django_assert_max_num_queries(34):
        assert refresh_changes(now=SOON, zone=UTC) == 30
    assert Membership.objects.count() == 40 * 30
    with django_assert_max_num_queries(24):
        refresh_changes(now=SOON, zone=UTC)


@pytest.fixture
def slow_sampling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Segments with a sample sleep in the database when they are asked about given people."""

    def slowly(asked: Any, scope: Any) -> Any:
        sql = found_sql(asked, scope)
        if not any("sample" in repr(one.node).lower() for one in asked):
            return sql
        return type(sql)(f"select s.* from ({sql.text}) s, pg_sleep(0.3)", sql.values)

    monkeypatch.setattr(together, "found_sql", slowly)
    yield


@pytest.mark.django_db
@pytest.mark.usefixtures("slow_sampling")
def test_a_slow_segment_delays_only_itself_and_says_so() -> None:
    slow = a_segment({"kind": "sample", "seed": "x", "to": 100}, event(VIEW), name="Slow")
    sound = a_segment(event(VIEW), name="Sound")
    take_in([track("ann", VIEW)])
    refresh_changes(now=SOON, zone=UTC, within_s=0.2)
    assert len(members(sound)) == 1
    assert members(slow) == set()
    found = fresh(slow)
    assert (found.is_stale, found.failures) == (True, 1)
    assert "longer than it may" in found.error
    assert found.retry_at is not None
    assert waiting_segments(now=SOON) == []
    assert waiting_segments(now=found.retry_at) == [slow.pk]
    assert refresh_fully(slow.pk, now=found.retry_at, zone=UTC)
    found = fresh(slow)
    assert (found.is_stale, found.failures, found.error, found.retry_at) == (False, 0, "", None)
    assert len(members(slow)) == 1


@pytest.mark.django_db
def test_a_segment_that_fails_again_is_tried_less_and_less_often() -> None:
    broken = a_segment(event(VIEW), name="A")
    Segment.objects.filter(pk=broken.pk).update(rule=rule(trait("n", "more_than", "x")))
    waits = []
    for _ in range(3):
        assert not refresh_fully(broken.pk, now=NOW, zone=UTC)
        waits.append((fresh(broken).retry_at or NOW) - NOW)
    assert waits[0] < waits[1] < waits[2]


@pytest.mark.django_db
def test_a_full_refresh_that_takes_too_long_is_given_up() -> None:
    segment = save.create("A", rule=rule(event(VIEW)), by=None, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("create function pg_temp.slowly() returns trigger language plpgsql as"
                       " $$ begin perform pg_sleep(0.3); return new; end $$")  # fmt: skip
        cursor.execute("create trigger slowly before insert on segments_membership execute function pg_temp.slowly()")
    take_in([track("ann", VIEW)])
    assert not refresh_fully(segment.pk, now=NOW, zone=UTC, within_s=0.1)
    assert "longer than it may" in fresh(segment).error


@pytest.mark.django_db
def test_another_category_makes_the_rules_that_ask_for_categories_stale_once() -> None:
    shoes = a_segment({"kind": "item", "name": VIEW, "by": "category", "values": ["shoes"]}, name="Shoes")
    other = a_segment(event(VIEW), name="Viewers")
    take_in([track("ann", VIEW, properties={"product_id": "p1"})])
    refresh_changes(now=NOW, zone=UTC)

    def say(**known: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            upsert_items(cursor, [ItemRow(id="p1", **known)], now=NOW)

    say(name="Boot")
    assert not Touched.objects.filter(profile_id=EVERYBODY).exists()
    say(category="shoes")
    say(category="shoes", name="A boot")
    assert Touched.objects.filter(profile_id=EVERYBODY, reader="segments").count() == 1
    refresh_changes(now=SOON, zone=UTC)
    assert (fresh(shoes).is_stale, fresh(other).is_stale) == (True, False)
    assert not MembershipChange.objects.filter(profile_id=EVERYBODY).exists()
    assert refresh_fully(shoes.pk, now=SOON, zone=UTC)
    assert len(members(shoes)) == 1


@pytest.mark.django_db
def test_segments_of_another_pace_follow_only_when_they_are_refreshed_and_tell_those_built_on_them() -> None:
    daily = a_segment(event(VIEW, window=last(1)), name="Daily")
    Segment.objects.filter(pk=daily.pk).update(pace=Segment.Pace.DAILY)
    built = a_segment({"kind": "segment", "id": daily.pk, "op": "in"}, name="Built on it")
    take_in([track("ann", VIEW)])
    refresh_changes(now=SOON, zone=UTC)
    assert (members(daily), members(built)) == (set(), set())
    assert not Touched.objects.filter(reader=f"segment:{daily.pk}").exists()
    refresh_fully(daily.pk, now=SOON, zone=UTC)
    refresh_changes(now=SOON, zone=UTC)
    assert (len(members(daily)), len(members(built))) == (1, 1)
    refresh_changes(now=NOW + timedelta(days=2), zone=UTC)
    assert (len(members(daily)), len(members(built))) == (1, 1)


@pytest.mark.django_db
def test_a_percentile_is_kept_with_the_boundary_of_its_first_refresh() -> None:
    take_in([identify(f"u{k}", traits={"points": k}) for k in range(10)])
    best = a_segment({"kind": "percentile", "percent": 20, "of": {"kind": "trait", "name": "points"}}, name="Best")
    refresh_changes(now=NOW, zone=UTC)
    assert len(members(best)) == 3
    take_in([identify("u0", traits={"points": 99}, at=SOON)], now=SOON)
    refresh_changes(now=SOON, zone=UTC)
    assert len(members(best)) == 4
    assert changes(best)[-1] == ("entered", "trait")


@pytest.mark.django_db
def test_a_refresh_that_was_asked_for_shows_its_progress() -> None:
    segment = a_segment(trait("renews", "is_set"), name="A")
    user = get_user_model().objects.create(email="mara@example.com")
    job = full_jobs.ask(segment, by=user, now=NOW)
    assert full_jobs.ask(segment, by=user, now=NOW) == job
    assert waiting_segments(now=NOW) == [segment.pk]
    full_jobs.refresh(segment.pk, clock=lambda: SOON, zone=UTC, within_s=5)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (Job.State.DONE, 2, 2)
    assert fresh(segment).took_ms is not None
    assert waiting_segments(now=NOW) == []


@pytest.mark.django_db
def test_parsed_rules_are_kept_until_what_they_name_changes(django_assert_num_queries: Any) -> None:
    first = a_segment(event(VIEW), name="A")
    named = json.dumps(rule({"kind": "segment", "id": first.pk, "op": "in"}))
    plain = json.dumps(rule(trait("n", "is_set")))
    node = Parser().parse(named)
    Parser().parse(plain)
    with django_assert_num_queries(0):
        Parser().parse(plain)
    with django_assert_num_queries(1):
        assert Parser().parse(named) is node
    Segment.objects.filter(pk=first.pk).update(name="B")
    assert "“B”" in to_english(Parser().parse(named))
    Segment.objects.filter(pk=first.pk).update(archived_at=NOW)
    with pytest.raises(Exception, match="archived"):
        Parser().parse(named)


WINDOWED = {
    "Viewed lately": event(VIEW, window=last(7)),
    "Not bought lately": event(BUY, "exactly", 0, window=last(30)),
    "Spent much": event(BUY, value=100, measure="sum", window=last(60)),
    "Known and quiet": {"kind": "all", "of": [trait("plan", "is", "pro"), no(event(VIEW, window=last(3)))]},
}


def what_came(seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    found = []
    for number in range(60):
        who, at = f"user{draw.randint(1, 9)}", NOW - timedelta(hours=draw.randint(0, 24 * 90))
        if number % 5 == 0:
            found.append(identify(who, at=at, traits={"plan": draw.choice(["pro", "free"])}))
        else:
            paid = {"order_id": str(number), "total": draw.choice([20, 60])}
            found.append(track(who, draw.choice([BUY, VIEW, VIEW]), at=at, properties=paid))
    found.sort(key=lambda one: one["timestamp"])
    # Clocks that are years off: what they sent is corrected by when they sent it.
    for message in found[::7]:
        off = timedelta(days=365 * draw.choice([-10, 10]))
        message["sentAt"] = (NOW + off).isoformat()
        message["timestamp"] = (datetime.fromisoformat(message["timestamp"]) + off).isoformat()
    return found


def kept_after(messages: list[dict[str, Any]], *, seed: int | None) -> dict[str, set[str]]:
    """User ids per segment, three days later; with a seed in random order, in lots, followed in between."""
    segments = {name: a_segment(leaf, name=name) for name, leaf in WINDOWED.items()}
    if seed is None:
        take_in(messages)
    else:
        draw = random.Random(seed)
        draw.shuffle(messages)
        for start in range(0, len(messages), 7):
            take_in(messages[start : start + 7])
            refresh_changes(now=NOW + draw.randint(0, 60) * timedelta(minutes=1), zone=UTC)
    while refresh_changes(now=NOW + timedelta(days=3), zone=UTC):
        pass
    named = dict(Identifier.objects.filter(namespace="user_id").values_list("profile_id", "value"))
    return {name: {named[pk] for pk in members(segment)} for name, segment in segments.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_r4_any_order_and_wrong_clocks_leave_the_memberships_of_the_sorted_replay(seed: int) -> None:
    found = []
    for order in (None, seed):
        with transaction.atomic():
            found.append(kept_after(what_came(seed), seed=order))
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert sum(map(len, found[0].values())) > 5


@pytest.mark.django_db(transaction=True)
def test_r12_doubled_workers_and_clocks_that_differ_change_no_membership_twice() -> None:
    segments = [a_segment(leaf, name=name) for name, leaf in WINDOWED.items()]
    take_in(what_came(3))
    moments: dict[int, list[datetime]] = {segment.pk: [] for segment in segments}

    def work(behind: timedelta) -> None:
        try:
            for minutes in range(12):
                refresh_changes(now=NOW + minutes * timedelta(hours=9) - behind, zone=UTC)
                for pk, as_of in Segment.objects.values_list("pk", "as_of"):
                    moments[pk].append(as_of or NOW)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(timedelta(hours=5 * k),)) for k in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for segment in segments:
        assert_entering_and_leaving_alternate(segment)
        assert fresh(segment).size == len(members(segment))
        assert fresh(segment).as_of == max(moments[segment.pk])
        before = members(segment)
        assert refresh_fully(segment.pk, now=NOW, zone=UTC)
        assert members(segment) == before
