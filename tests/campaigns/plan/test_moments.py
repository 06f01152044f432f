"""When somebody's own clock shows a time, over the nights when clocks change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from campaigns.moments import at_hour, at_time, begins_anywhere
from tests.campaigns.plan.cases import at

OSLO, NEW_YORK, TOKYO = (ZoneInfo(name) for name in ("Europe/Oslo", "America/New_York", "Asia/Tokyo"))


@pytest.mark.parametrize(
    ("clock", "zone", "not_before", "on", "found"),
    [
        ("09:00", OSLO, "2026-06-01 05:00", None, "2026-06-01 07:00"),
        ("09:00", OSLO, "2026-06-01 07:00", None, "2026-06-01 07:00"),  # this very moment
        ("09:00", OSLO, "2026-06-01 07:01", None, "2026-06-02 07:00"),  # passed: the next day
        ("09:00", TOKYO, "2026-06-01 05:00", None, "2026-06-02 00:00"),
        ("09:00", NEW_YORK, "2026-06-01 05:00", date(2026, 6, 3), "2026-06-03 13:00"),  # not before that day
        ("09:00", TOKYO, "2026-06-05 05:00", date(2026, 6, 3), "2026-06-06 00:00"),  # that day has passed
        ("02:30", OSLO, "2026-03-29 00:00", None, "2026-03-29 01:30"),  # leapt over: so long after the leap
        ("02:30", OSLO, "2026-10-25 00:00", None, "2026-10-25 00:30"),  # comes twice: the first
        ("02:30", OSLO, "2026-10-25 00:45", None, "2026-10-26 01:30"),  # … which has passed
        ("09:00", OSLO, "2026-03-28 08:30", None, "2026-03-29 07:00"),  # an hour earlier than yesterday, in UTC
    ],
)
def test_the_first_time_their_clock_shows_it(
    clock: str, zone: ZoneInfo, not_before: str, on: date | None, found: str
) -> None:
    assert at_time(time.fromisoformat(clock), zone=zone, not_before=at(not_before), on=on) == at(found)


@pytest.mark.parametrize(
    ("hour", "not_before", "on", "found"),
    [
        (9, "2026-06-01 07:20", None, "2026-06-01 07:20"),  # the hour is not over
        (9, "2026-06-01 08:00", None, "2026-06-02 07:00"),
        (9, "2026-06-01 07:20", date(2026, 6, 2), "2026-06-02 07:00"),
    ],
)
def test_an_hour_has_not_passed_before_it_is_over(hour: int, not_before: str, on: date | None, found: str) -> None:
    assert at_hour(hour, zone=OSLO, not_before=at(not_before), on=on) == at(found)


def test_a_day_begins_first_in_kiribati() -> None:
    there = datetime(2026, 6, 1, tzinfo=ZoneInfo("Pacific/Kiritimati"))
    assert begins_anywhere(date(2026, 6, 1)) == there.astimezone(UTC)
