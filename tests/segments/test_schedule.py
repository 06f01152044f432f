"""Paces: when the next full refresh is due, and that scheduled segments follow then and not before."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cdp.profiles.models import Touched
from cdp.rules.tree import UTC
from segments import save, scheduled
from segments.models import Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from segments.schedule import BadCron, Schedule, due, read_cron
from segments.versions import Draft
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule, trait
from tests.taking_in import NOW, ago, identify, take_in, track

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("schedule", "after", "wanted"),
    [
        (Schedule(), "2026-03-01T12:00Z", None),
        (Schedule("hourly"), "2026-03-01T12:00Z", "2026-03-01T13:00Z"),
        (Schedule("hourly"), "2026-03-01T12:59:59Z", "2026-03-01T13:00Z"),
        (Schedule("daily", zone=BERLIN), "2026-03-01T02:59Z", "2026-03-01T03:00Z"),
        (Schedule("daily", zone=BERLIN), "2026-03-28T03:00Z", "2026-03-29T02:00Z"),  # summer time began
        (Schedule("cron", "30 2 * * *", BERLIN), "2026-03-28T12:00Z", "2026-03-29T01:00Z"),  # 2:30 was leapt over
        (Schedule("cron", "30 2 * * *", BERLIN), "2026-10-25T00:30Z", "2026-10-26T01:30Z"),  # 2:30 came twice
        (Schedule("cron", "0 6 * * 1-5"), "2026-02-27T06:00Z", "2026-03-02T06:00Z"),
        (Schedule("cron", "0 0 29 2 *"), "2026-03-01T00:00Z", "2028-02-29T00:00Z"),
    ],
)
def test_the_next_time(schedule: Schedule, after: str, wanted: str | None) -> None:
    assert schedule.next_after(at(after)) == (wanted and at(wanted))


@pytest.mark.parametrize("text", ["", "* * * *", "* * * * * *", "61 * * * *", "0 0 31 2 *", "@daily", "x y z a b"])
def test_times_that_cannot_be_read_are_told(text: str) -> None:
    with pytest.raises(BadCron, match=r"\.$"):
        read_cron(text)


def test_times_are_for_their_pace_only() -> None:
    with pytest.raises(BadCron):
        Schedule("daily", "0 0 * * *")
    assert Schedule("cron", "30 6 * * 1", BERLIN).english() == "at 06:30 on monday (Europe/Berlin)"


@pytest.mark.django_db
def test_the_time_is_set_when_saved_and_after_each_run() -> None:
    segment = save.create("S", rule=rule(event(VIEW)), by=None, now=NOW, schedule=Schedule("hourly"))
    assert segment.due_at == NOW + timedelta(hours=1)
    late = NOW + timedelta(hours=5, minutes=20)
    assert due(now=NOW) == []
    assert due(now=late) == [segment.pk]
    scheduled.run(segment.pk, now=late, zone=UTC)
    segment.refresh_from_db()
    assert (segment.due_at, segment.as_of) == (NOW + timedelta(hours=6), late)
    assert due(now=late) == []
    live = save.change(segment, Draft("S", segment.rule), by=None, now=late)
    assert (live.due_at, live.is_stale) == (None, True)


@pytest.mark.django_db
def test_one_whose_refresh_failed_is_not_due_before_it_is_tried_again() -> None:
    segment = save.create("S", rule=rule(event(VIEW)), by=None, now=NOW, schedule=Schedule("hourly"))
    later = NOW + timedelta(hours=2)
    Segment.objects.filter(pk=segment.pk).update(retry_at=later + timedelta(minutes=1))
    assert due(now=later) == []
    save.archive(segment, now=NOW)
    assert due(now=later + timedelta(hours=1)) == []


@pytest.mark.django_db
def test_scheduled_ones_wait_for_their_time_and_say_why_then() -> None:
    """Triggers react to who entered by an event, a trait or time, also when that was noticed later."""
    take_in([track("old", VIEW, at=ago(days=6, hours=12)), identify("bob", at=ago(days=30))])
    viewed = save.create("V", rule=rule(event(VIEW, window=last(7))), by=None, now=NOW, schedule=Schedule("daily"))
    romans = save.create("R", rule=rule(trait("city", "is", "Rome")), by=None, now=NOW, schedule=Schedule("daily"))
    for one in (viewed, romans):
        refresh_fully(one.pk, now=NOW, zone=UTC)
    later = NOW + timedelta(hours=16)
    take_in([track("ann", VIEW, at=later), track("ann", BUY, at=later)], now=later)
    take_in([identify("bob", at=later, traits={"city": "Rome"})], now=later)
    refresh_changes(now=later, zone=UTC)
    assert Membership.objects.filter(segment_id=viewed.pk).count() == 1
    for one in (viewed, romans):
        scheduled.run(one.pk, now=later, zone=UTC)
    found = MembershipChange.objects.exclude(cause="first").order_by("segment_id", "kind")
    assert [(one.segment_id, one.kind, one.cause) for one in found] == [
        (viewed.pk, "entered", "event"),
        (viewed.pk, "left", "time"),
        (romans.pk, "entered", "trait"),
    ]


@pytest.mark.django_db
def test_a_full_refresh_of_a_live_segment_tells_news_that_waited_from_faults() -> None:
    segment = save.create("V", rule=rule(event(VIEW)), by=None, now=NOW)
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    take_in([track("missed", VIEW)])
    Touched.objects.all().delete()
    take_in([track("ann", VIEW)])
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    causes = MembershipChange.objects.order_by("profile_id").values_list("cause", flat=True)
    assert list(causes) == ["repair", "event"]
