"""Best hours from events: on each one's own clock, without machines; the nightly run, the lookup for campaigns."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cdp.profiles.models import Profile
from scoring.activity_hours import activity
from scoring.models import SendHour, SendHourFit
from scoring.send_time import Chosen, Whose, best_hour, hour_of
from scoring.send_time_measured import Measured
from scoring.send_time_refresh import refresh_hours
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db
BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
CLICK, OPEN = "Email Link Clicked", "Email Opened"


def person(name: str, **traits: Any) -> int:
    take_in([identify(name, traits={"name": name, **traits})])
    return Profile.objects.get(traits__name=name).pk


def counts(profile_id: int, zone: ZoneInfo = UTC_ZONE, now: datetime = NOW) -> dict[int, float]:
    found = activity(now, zone=zone, ids=[profile_id]).counts
    return {int(hour): round(float(found[0, hour]), 3) for hour in np.flatnonzero(found[0])} if len(found) else {}


def test_hours_are_those_of_the_persons_own_clock() -> None:
    tokyo, here, lost = person("t", timezone="Asia/Tokyo"), person("h"), person("l", timezone="Mars/Olympus")
    for name in ("t", "h", "l"):
        take_in([track(name, CLICK, at=NOW)])  # 12:00 UTC
    assert counts(tokyo, BERLIN) == {21: 1.0}
    assert counts(here, BERLIN) == {13: 1.0}
    assert counts(lost, BERLIN) == {13: 1.0}


def test_a_half_hour_zone_and_both_sides_of_summer_time() -> None:
    kolkata, berlin = person("k", timezone="Asia/Kolkata"), person("b", timezone="Europe/Berlin")
    take_in([track("k", CLICK, at=NOW)])
    assert counts(kolkata) == {17: 1.0}
    winter, summer = datetime(2026, 3, 28, 7, 30, tzinfo=UTC), datetime(2026, 3, 30, 6, 30, tzinfo=UTC)
    take_in([track("b", CLICK, at=winter), track("b", CLICK, at=summer)], now=summer)
    assert list(counts(berlin, now=summer)) == [8], "half past eight on either day"


def test_clicks_weigh_most_and_the_old_fades() -> None:
    one = person("a")
    take_in(
        [
            track("a", CLICK, at=NOW.replace(hour=3)),
            track("a", OPEN, at=NOW.replace(hour=4)),
            track("a", "Product Viewed", at=NOW.replace(hour=5)),
            track("a", "Product Viewed", at=NOW.replace(hour=5, minute=20)),
            track("a", "Order Completed", at=NOW.replace(hour=6), properties={"order_id": "1"}),
            track("a", CLICK, at=NOW.replace(hour=7) - timedelta(days=60)),
            track("a", CLICK, at=NOW.replace(hour=8) - timedelta(days=200)),
            track("a", "Email Delivered", at=NOW.replace(hour=9)),
        ]
    )
    found = counts(one)
    assert list(found) == [3, 4, 5, 6, 7]
    assert [found[hour] for hour in found] == pytest.approx([1, 0.5, 0.5, 0.75, 0.5], abs=0.01)


def test_machines_are_not_people() -> None:
    one, bare = person("a"), {"userAgent": "Mozilla/5.0"}
    take_in(
        [
            track("a", OPEN, at=NOW.replace(hour=1), properties={"machine_open": True}),
            track("a", OPEN, at=NOW.replace(hour=2), context=bare),
            track("a", "Email Delivered", at=NOW.replace(hour=3)),
            track("a", CLICK, at=NOW.replace(hour=3, second=2)),
            track("a", OPEN, at=NOW.replace(hour=4), context={"userAgent": "Mozilla/5.0 (iPhone)"}),
            track("a", "Product Viewed", at=NOW.replace(hour=5), context=bare),
        ]
    )
    assert list(counts(one)) == [4, 5]


def a_crowd(n: int, hour_of_person: Any, *, seed: int = 3, **traits: Any) -> None:
    """Each clicks twice a week for twelve weeks within an hour of their own."""
    generator = np.random.default_rng(seed)
    sent = []
    for number in range(n):
        name = f"{traits.get('country', '')}{number}"
        sent.append(identify(name, traits={"name": name, "habit": hour_of_person(number), **traits}))
        for turn in range(24):
            day = NOW.replace(hour=0) - timedelta(days=1 + 3.5 * turn)
            at = day.replace(hour=0) + timedelta(hours=hour_of_person(number) + float(generator.normal(0.5, 0.6)))
            sent.append(track(name, CLICK, at=at))
    take_in(sent, lane="bulk")


def test_the_nightly_run_finds_habits_and_measures_them() -> None:
    a_crowd(150, lambda number: (7, 12, 20)[number % 3], country="DE")
    person("newcomer", country="DE")
    fit = refresh_hours(now=NOW, zone=UTC_ZONE)
    rows = {row.profile_id: row for row in SendHour.objects.all()}
    habits = {p.pk: p.traits["habit"] for p in Profile.objects.filter(traits__has_key="habit")}
    assert set(rows) == set(habits), "nobody without activity of their own has a row"
    assert np.mean([abs(rows[pk].hour - habit) <= 1 for pk, habit in habits.items()]) > 0.98
    assert all(row.own_share > 0.5 and row.lift > 2 for row in rows.values())
    assert sum(next(iter(rows.values())).shares) == pytest.approx(1, abs=0.01)
    assert sum(fit.spread) == fit.people == sum(fit.own) == 150
    measured = Measured.from_facts(fit.quality)
    assert measured.all is not None
    assert measured.all.is_better
    assert measured.all.chosen > 1.5 * measured.all.fixed
    assert measured.verdict.startswith("Own hours are worth it")


def test_without_habits_it_says_so() -> None:
    generator = np.random.default_rng(5)
    hours = generator.integers(0, 24, 5000).tolist()
    sent = [
        track(f"u{n}", CLICK, at=NOW - timedelta(days=float(day), hours=hours.pop()))
        for n in range(130)
        for day in (2, 9, 16, 33, 40, 51)
    ]
    take_in(sent, lane="bulk")
    found = Measured.from_facts(refresh_hours(now=NOW, zone=UTC_ZONE).quality)
    assert found.all is not None
    assert not found.all.is_better
    assert "not clearly better" in found.verdict


def test_too_few_are_not_measured_and_nobody_is_no_error() -> None:
    assert refresh_hours(now=NOW, zone=UTC_ZONE).people == 0
    person("a")
    take_in([track("a", CLICK)])
    fit = refresh_hours(now=NOW + timedelta(days=1), zone=UTC_ZONE)
    assert fit.people == 1
    assert "Not measured yet" in Measured.from_facts(fit.quality).verdict


def test_rows_of_people_who_fell_silent_go() -> None:
    one = person("a")
    take_in([track("a", CLICK)])
    refresh_hours(now=NOW, zone=UTC_ZONE)
    assert SendHour.objects.filter(profile_id=one).exists()
    refresh_hours(now=NOW + timedelta(days=365), zone=UTC_ZONE)
    assert not SendHour.objects.exists()


def hours_for(ids: list[int], **options: Any) -> dict[int, Any]:
    defaults = {"generator": np.random.default_rng(1), "fallback_hour": 10, "explore": 0.0}
    return best_hour(ids, **{**defaults, **options})


def test_campaigns_are_given_own_hours_and_newcomers_their_groups() -> None:
    a_crowd(40, lambda number: 9, country="DE")
    a_crowd(40, lambda number: 18, country="JP")
    new, stranger = person("new", country="JP"), person("stranger")
    refresh_hours(now=NOW, zone=UTC_ZONE)
    known = Profile.objects.get(traits__name="DE3").pk
    found = hours_for([known, new, stranger])
    assert abs(found[known].hour - 9) <= 1
    assert abs(found[new].hour - 18) <= 1
    assert [found[i].whose for i in (known, new, stranger)] == [Whose.OWN, Whose.GROUP, Whose.GROUP]
    assert not any(one.is_explored for one in found.values())
    assert 12 <= hours_for([known], window=(12, 18))[known].hour < 18


def test_the_explored_share_is_as_promised() -> None:
    person("a")
    take_in([track("a", CLICK)])
    refresh_hours(now=NOW, zone=UTC_ZONE)
    ids = list(range(10**6, 10**6 + 20_000))
    found = hours_for(ids, explore=0.1)
    tried = [one for one in found.values() if one.is_explored]
    assert len(tried) / len(ids) == pytest.approx(0.1, abs=0.007)
    assert len({one.hour for one in tried}) == 13, "every hour from 8 to 20"
    assert len({one.hour for one in found.values() if not one.is_explored}) == 1
    assert hours_for(ids, explore=0.1) == found, "the same draw, the same hours"


def test_while_nothing_is_known_all_get_the_fallback() -> None:
    assert hours_for([1, 2]) == dict.fromkeys((1, 2), Chosen(10, Whose.NOBODY))
    assert hour_of(1, now=NOW, zone=UTC_ZONE) is None


@pytest.mark.parametrize("wrong", [{"window": (8, 8)}, {"explore": 1.5}])
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="No "):
        hours_for([1], **wrong)


def test_one_person_on_demand_sees_what_they_did_since() -> None:
    a_crowd(30, lambda number: 9, country="DE")
    new = person("new", country="DE")
    refresh_hours(now=NOW, zone=UTC_ZONE)
    before = hour_of(new, now=NOW, zone=UTC_ZONE)
    assert before is not None
    assert (before.whose, before.own_share) == (Whose.GROUP, 0)
    take_in([track("new", CLICK, at=NOW.replace(hour=20) - timedelta(days=day)) for day in range(1, 40)])
    after = hour_of(new, now=NOW, zone=UTC_ZONE)
    assert after is not None
    assert (after.hour, after.whose) == (20, Whose.OWN)
    assert after.own_share > 0.5
    assert SendHourFit.objects.count() == 1
