"""Memberships: incremental and by time equal to a full refresh, whatever happens when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.profiles.models import Profile, Touched
from cdp.rules.fields import RuleError
from cdp.rules.tree import UTC
from segments import save
from segments.models import Membership, MembershipChange, Segment, SegmentSize
from segments.refresh import mark_stale, refresh_changes, refresh_fully
from segments.versions import Draft
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, no, rule, trait
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db
Change = MembershipChange


def a_segment(*leaves: dict[str, Any], name: str = "S", now: datetime = NOW) -> Segment:
    segment = save.create(name, rule=rule(*leaves), by=None, now=now)
    refresh_fully(segment.pk, now=now, zone=UTC)
    segment.refresh_from_db()
    return segment


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment_id=segment.pk).values_list("profile_id", flat=True))


def changes(segment: Segment) -> list[tuple[str, str]]:
    return list(Change.objects.filter(segment_id=segment.pk).order_by("id").values_list("kind", "cause"))


def test_an_event_brings_a_person_in_and_time_alone_takes_them_out() -> None:
    segment = a_segment(event(VIEW, window=last(7)))
    take_in([track("ann", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    assert len(members(segment)) == 1
    due = NOW + timedelta(days=7)
    refresh_changes(now=due - timedelta(microseconds=1), zone=UTC)
    assert len(members(segment)) == 1
    refresh_changes(now=due, zone=UTC)
    assert members(segment) == set()
    assert changes(segment) == [("entered", "event"), ("left", "time")]
    assert Change.objects.latest("id").at == due
    segment.refresh_from_db()
    assert (segment.size, segment.as_of) == (0, due)


def test_time_alone_brings_in_who_has_not_bought_for_a_while() -> None:
    segment = a_segment(event(BUY, "exactly", 0, window=last(90)))
    take_in([track("ann", BUY, properties={"order_id": "1"})])
    refresh_changes(now=NOW, zone=UTC)
    assert members(segment) == set()
    refresh_changes(now=NOW + timedelta(days=90), zone=UTC)
    assert changes(segment) == [("entered", "time")]


def test_a_new_person_enters_a_rule_that_names_nothing_they_did() -> None:
    segment = a_segment(event(BUY, "exactly", 0))
    take_in([track("ann", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    assert changes(segment) == [("entered", "event")]


def test_a_person_of_whom_only_the_id_is_known_enters_too() -> None:
    segment = a_segment(event(BUY, "exactly", 0))
    take_in([identify("ann")])
    refresh_changes(now=NOW, zone=UTC)
    assert changes(segment) == [("entered", "trait")]


def test_a_trait_takes_a_person_in_and_out() -> None:
    segment = a_segment(trait("city", "is", "Rome"))
    take_in([identify("ann", traits={"city": "Rome"})])
    refresh_changes(now=NOW, zone=UTC)
    take_in([identify("ann", traits={"city": "Oslo"}, at=NOW + timedelta(minutes=1))])
    refresh_changes(now=NOW, zone=UTC)
    assert changes(segment) == [("entered", "trait"), ("left", "trait")]


def test_a_merge_moves_membership_to_the_survivor() -> None:
    segment = a_segment(event(VIEW))
    take_in([track(anonymousId="phone"), identify("bob", traits={"email": "b@x.org"})])
    refresh_changes(now=NOW, zone=UTC)
    take_in([identify(anonymousId="phone", traits={"email": "b@x.org"})])
    refresh_changes(now=NOW, zone=UTC)
    assert members(segment) == {Profile.objects.get(merged_into=None).pk}
    segment.refresh_from_db()
    assert segment.size == 1


def test_segments_on_segments_follow_in_the_same_turn() -> None:
    first = a_segment(event(VIEW, window=last(1)), name="A")
    second = a_segment({"kind": "segment", "id": first.pk, "op": "in"}, event(BUY, "exactly", 0), name="B")
    third = a_segment({"kind": "segment", "id": second.pk, "op": "not_in"}, event(VIEW), name="C")
    take_in([track("ann", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    assert (len(members(first)), len(members(second)), len(members(third))) == (1, 1, 0)
    refresh_changes(now=NOW + timedelta(days=1), zone=UTC)
    assert (len(members(first)), len(members(second)), len(members(third))) == (0, 0, 1)
    assert changes(third) == [("entered", "time")]


def test_a_full_refresh_tells_the_segments_built_on_it() -> None:
    first = a_segment(event(VIEW), name="A")
    second = a_segment({"kind": "segment", "id": first.pk, "op": "in"}, name="B")
    take_in([track("ann", BUY)])
    refresh_changes(now=NOW, zone=UTC)
    save.change(first, Draft("A", rule(event(BUY))), by=None, now=NOW)
    refresh_fully(first.pk, now=NOW, zone=UTC)
    refresh_changes(now=NOW, zone=UTC)
    assert len(members(second)) == 1
    assert changes(second) == [("entered", "rule")]


def test_a_circle_is_refused() -> None:
    first = a_segment(event(VIEW), name="A")
    second = a_segment({"kind": "segment", "id": first.pk, "op": "in"}, name="B")
    with pytest.raises(RuleError, match="depend on itself"):
        save.change(first, Draft("A", rule({"kind": "segment", "id": second.pk, "op": "in"})), by=None, now=NOW)
    with pytest.raises(save.StillUsed, match="B"):
        save.archive(first, now=NOW)


def test_it_never_runs_with_an_older_clock() -> None:
    segment = a_segment(event(VIEW, window=last(7)), now=NOW + timedelta(days=8))
    take_in([track("ann", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    assert members(segment) == set()


def test_a_broken_segment_delays_only_itself() -> None:
    broken, sound = a_segment(event(VIEW), name="A"), a_segment(event(VIEW), name="B")
    Segment.objects.filter(pk=broken.pk).update(rule=rule(trait("n", "more_than", "x")))
    take_in([track("ann", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    refresh_fully(broken.pk, now=NOW, zone=UTC)
    broken.refresh_from_db()
    assert len(members(sound)) == 1
    assert broken.is_stale
    assert "must be a number" in broken.error


def test_whole_scoring_runs_ask_for_a_full_refresh() -> None:
    by_event, by_trait = a_segment(event(VIEW), name="A"), a_segment(trait("a", "is_set"), name="B")
    assert mark_stale("trait:a") == [by_trait.pk]
    by_event.refresh_from_db()
    assert not by_event.is_stale


def test_the_size_of_each_hour_is_kept() -> None:
    segment = a_segment(event(VIEW))
    take_in([track("ann", VIEW), track("bob", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    assert list(SegmentSize.objects.filter(segment_id=segment.pk).values_list("size", flat=True)) == [2]


names = st.sampled_from([BUY, VIEW])
windows = st.one_of(
    st.just({"kind": "ever"}),
    st.integers(1, 9).map(last),
    st.tuples(st.integers(0, 3), st.integers(4, 9)).map(
        lambda span: {"kind": "between", "from": span[0], "to": span[1], "unit": "day"}
    ),
)
event_leaves = st.builds(
    lambda name, op, value, window, measure: event(name, op, value, window=window, measure=measure),
    names,
    st.sampled_from(["at_least", "more_than", "exactly", "at_most", "less_than"]),
    st.integers(0, 3),
    windows,
    st.sampled_from(["count", "sum"]),
)
trait_leaves = st.builds(
    lambda op, value: trait("level", op, *([] if op.endswith("set") else [value])),
    st.sampled_from(["is", "is_not", "at_least", "less_than", "is_set", "is_not_set"]),
    st.integers(0, 3),
)
trees = st.recursive(
    event_leaves | trait_leaves,
    lambda inner: (
        inner.map(no)
        | st.builds(
            lambda kind, of: {"kind": kind, "of": of},
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        )
    ),
    max_leaves=5,
)
people = st.sampled_from(["ann", "bob", "cat"])
hours = st.integers(0, 24 * 12)
happenings = st.lists(
    st.tuples(
        st.integers(0, 24 * 4),
        people,
        st.one_of(st.tuples(names, hours, st.integers(0, 3)), st.integers(0, 3)),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees, happenings=happenings)
def test_incremental_and_ticks_equal_a_full_refresh(tree: dict[str, Any], happenings: list[Any]) -> None:
    """Facts arrive late, out of order and at random hours; between them only the clock runs."""
    with transaction.atomic():
        check_equal(tree, happenings)
        transaction.set_rollback(True)


def check_equal(tree: dict[str, Any], happenings: list[Any]) -> None:
    kept = a_segment(tree)
    now = NOW
    for wait, who, fact in happenings:
        now += timedelta(hours=wait)
        if isinstance(fact, int):
            take_in([identify(who, at=now, traits={"level": fact})], now=now, lane="bulk")
        else:
            name, age, total = fact
            facts = {"order_id": str(wait), "total": total, "value": total}
            take_in([track(who, name, at=now - timedelta(hours=age), properties=facts)], now=now, lane="bulk")
        refresh_changes(now=now, zone=UTC)
        full = a_segment(tree, name="again", now=now)
        assert members(kept) == members(full), now
        Segment.objects.filter(pk=full.pk).delete()
    later = now + timedelta(days=20)
    refresh_changes(now=later, zone=UTC)
    assert members(kept) == members(a_segment(tree, name="again", now=later))
    assert not Touched.objects.filter(reader="segments").exists()
