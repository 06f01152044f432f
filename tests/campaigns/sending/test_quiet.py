"""Quiet hours: nobody is woken, nothing is lost."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Delivery, SendingPolicy
from campaigns.policy import THE_ONE
from campaigns.quiet import Quiet, quiet_of
from tests.campaigns.sending.planned import campaign_of, outcomes, send, somebody
from tests.taking_in import NOW

NIGHT = Quiet(time(22), time(8))
NOON = Quiet(time(12), time(14))
BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "over"),
    [
        (NIGHT, BERLIN, utc(2026, 1, 10, 20, 59), None),
        (NIGHT, BERLIN, utc(2026, 1, 10, 21, 0), utc(2026, 1, 11, 7)),
        (NIGHT, BERLIN, utc(2026, 1, 11, 6, 59), utc(2026, 1, 11, 7)),
        (NIGHT, BERLIN, utc(2026, 1, 11, 7, 0), None),
        (NOON, BERLIN, utc(2026, 1, 10, 11, 30), utc(2026, 1, 10, 13)),
        # The clocks go forward at 2 and back at 3.
        (NIGHT, BERLIN, utc(2026, 3, 28, 22, 0), utc(2026, 3, 29, 6)),
        (NIGHT, BERLIN, utc(2026, 10, 24, 22, 0), utc(2026, 10, 25, 7)),
        # 2:30 comes twice, and does not come at all.
        (Quiet(time(22), time(2, 30)), BERLIN, utc(2026, 10, 25, 0, 15), utc(2026, 10, 25, 0, 30)),
        (Quiet(time(22), time(2, 30)), BERLIN, utc(2026, 10, 25, 1, 15), utc(2026, 10, 25, 1, 30)),
        (Quiet(time(22), time(2, 30)), BERLIN, utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30)),
        (NIGHT, LORD_HOWE, utc(2026, 4, 4, 12, 0), utc(2026, 4, 4, 21, 30)),
    ],
)
def test_when_it_is_over(quiet: Quiet, zone: ZoneInfo, now: datetime, over: datetime | None) -> None:
    assert quiet.over_at(now, zone=zone) == over


def test_every_minute_of_a_year_it_ends_at_a_time_that_is_not_quiet() -> None:
    for zone in (BERLIN, LORD_HOWE):
        for quiet in (NIGHT, NOON, Quiet(time(22), time(2, 30)), Quiet(time(1, 45), time(2, 15))):
            for minutes in range(0, 366 * 24 * 60, 17):
                now = utc(2026, 1, 1) + timedelta(minutes=minutes)
                if over := quiet.over_at(now, zone=zone):
                    assert now < over <= now + timedelta(hours=12), (zone, quiet, now)
                    assert quiet.over_at(over, zone=zone) is None, (zone, quiet, now)


def test_none_where_none_are_set() -> None:
    assert quiet_of(SendingPolicy()) is None
    assert quiet_of(SendingPolicy(quiet_from=time(3), quiet_until=time(3))) is None


@pytest.mark.django_db
def test_who_sleeps_gets_it_when_the_night_is_over_and_who_is_awake_at_once() -> None:
    SendingPolicy.objects.create(pk=THE_ONE, quiet_from=time(22), quiet_until=time(8))
    people = [somebody("rome", timezone="Europe/Rome"), somebody("la", timezone="America/Los_Angeles"), somebody("x")]
    campaign = campaign_of(*people, keeps_quiet=True)  # noon in UTC, 4 in Los Angeles
    assert send(campaign) == ["rome", "x"]
    assert outcomes(campaign)["la"] == "planned"
    row = Delivery.objects.get(profile_id=people[1].pk)
    assert (row.due_at, row.claimed_at, row.lease_until) == (NOW + timedelta(hours=4), None, None)
    assert send(campaign, now=NOW + timedelta(hours=4)) == ["la"]


@pytest.mark.django_db
def test_what_would_come_after_the_end_is_late_and_what_keeps_no_quiet_is_not_asked() -> None:
    SendingPolicy.objects.create(pk=THE_ONE, quiet_from=time(22), quiet_until=time(8))
    la = somebody("la", timezone="America/Los_Angeles")
    late = campaign_of(la, keeps_quiet=True, ends_at=NOW + timedelta(hours=3))
    assert (send(late), outcomes(late)) == ([], {"la": "late"})
    loud = campaign_of(la, keeps_quiet=False)
    assert send(loud) == ["la"]
