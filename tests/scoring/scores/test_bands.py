"""Bands hold on to where a person stands, and each change of one is told once."""

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection

from cdp.events.models import InboxBatch
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from scoring import runs
from scoring.lots import Lot
from scoring.models import Predictor, Score, ScoreChange
from scoring.predict import write_people
from scoring.write import of_people, write
from tests.scoring.scores.made import a_predictor, shop
from tests.taking_in import NOW, identify, rows, take_in, track

pytestmark = pytest.mark.django_db
LOW, MEDIUM, HIGH = "low", "medium", "high"


def a_person() -> int:
    take_in([identify("u1", traits={"email": "u1@example.com"})])
    return Profile.objects.get().pk


def a_lot(predictor: Predictor, profile_id: int, *, value: float = 0.5, percentile: float, **more: Any) -> Lot:
    ids = np.array([profile_id])
    return Lot(predictor.pk, predictor.active_id or 0, ids, np.array([value]), np.array([percentile]), **more)


def put(lot: Lot, *, at: datetime = NOW) -> str:
    with connection.cursor() as cursor:
        write(cursor, [lot], of=of_people(lot.profile_ids), now=at)
    return Score.objects.get(profile_id=int(lot.profile_ids[0]), predictor_id=lot.predictor_id).band


@pytest.mark.parametrize(
    ("cuts", "was", "percentile", "band"),
    [
        ((50, 80), "", 49.9, LOW),
        ((50, 80), "", 50, MEDIUM),
        ((50, 80), "", 79.9, MEDIUM),
        ((50, 80), "", 80, HIGH),
        ((50, 80), LOW, 51.9, LOW),
        ((50, 80), LOW, 52, MEDIUM),
        ((50, 80), LOW, 81.9, MEDIUM),
        ((50, 80), LOW, 82, HIGH),
        ((50, 80), MEDIUM, 48, MEDIUM),
        ((50, 80), MEDIUM, 47.9, LOW),
        ((50, 80), MEDIUM, 81.9, MEDIUM),
        ((50, 80), MEDIUM, 82, HIGH),
        ((50, 80), HIGH, 78, HIGH),
        ((50, 80), HIGH, 77.9, MEDIUM),
        ((50, 80), HIGH, 48, MEDIUM),
        ((50, 80), HIGH, 47.9, LOW),
        ((50, 99), MEDIUM, 99.4, MEDIUM),
        ((50, 99), MEDIUM, 99.5, HIGH),
        ((2, 80), MEDIUM, 1, MEDIUM),
        ((2, 80), MEDIUM, 0.9, LOW),
        ((0, 80), "", 0, MEDIUM),
    ],
)
def test_a_band_changes_only_clearly_beyond_its_boundary(
    cuts: tuple[float, float], was: str, percentile: float, band: str
) -> None:
    person = a_person()
    predictor = a_predictor(low_below=cuts[0], high_from=cuts[1])
    if was:
        put(a_lot(predictor, person, percentile={LOW: 0, MEDIUM: sum(cuts) / 2, HIGH: 100}[was]))
        assert Score.objects.get().band == was
    assert put(a_lot(predictor, person, percentile=percentile)) == band


def test_going_to_and_fro_over_a_boundary_changes_nothing() -> None:
    person, predictor = a_person(), a_predictor()
    bands = [put(a_lot(predictor, person, percentile=one)) for one in (79, 81, 79, 81.5, 78.5, 83, 79, 78.5, 81)]
    assert bands == [MEDIUM] * 5 + [HIGH] * 4
    assert ScoreChange.objects.exclude(was="").count() == 1


@pytest.mark.parametrize(
    ("kind", "values", "noted"),
    [
        ("purchase", [0.50, 0.54, 0.55, 0.58, 0.51, 0.50], [0.50, 0.55, 0.50]),
        ("value", [100, 119, 120, 140, 95], [100, 120, 95]),
        ("value", [0.5, 1.4, 1.5], [0.5, 1.5]),
        ("next_order", [30, 24, 23, 17, 16], [30, 23, 16]),
    ],
)
def test_history_has_what_moved(kind: str, values: list[float], noted: list[float]) -> None:
    person, predictor = a_person(), a_predictor(kind=kind)
    for value in values:
        put(a_lot(predictor, person, value=value, percentile=60))
    assert list(ScoreChange.objects.order_by("id").values_list("value", flat=True)) == noted


def test_expected_times_are_counted_from_the_scoring_and_may_be_none() -> None:
    person, predictor = a_person(), a_predictor(kind="next_order")
    put(a_lot(predictor, person, value=10, percentile=60, days=np.array([[4.0, 10.0, 30.5]])))
    found = Score.objects.get()
    days = [(at - NOW) / timedelta(days=1) for at in (found.earliest_at, found.expected_at, found.latest_at) if at]
    assert days == [4, 10, 30.5]
    put(a_lot(predictor, person, value=3650, percentile=1, days=np.full((1, 3), np.nan)))
    assert Score.objects.get().expected_at is None


def told() -> list[Any]:
    while drain("live", now=NOW).rows or drain("bulk", now=NOW).rows:
        pass
    found = rows(
        "select profile_id, properties::text from events_event where name = 'Score Band Changed' order by occurred_at"
    )
    return [(profile_id, json.loads(properties)) for profile_id, properties in found]


def test_a_change_becomes_an_event_of_the_person_once_and_not_of_the_first_score() -> None:
    person, predictor = a_person(), a_predictor()
    for minutes, percentile in enumerate((60, 60, 90, 90)):
        lot = a_lot(predictor, person, value=0.7, percentile=percentile)
        for _ in range(2):
            write_people([lot], [person], now=NOW + timedelta(minutes=minutes))
    [(who, said)] = told()
    assert who == person
    assert said == {
        "predictor": predictor.name,
        "predictor_id": predictor.pk,
        "from": MEDIUM,
        "to": HIGH,
        "score": 0.7,
        "percentile": 90,
    }
    assert Profile.objects.count() == 1


def test_to_be_told_of_is_not_to_be_seen() -> None:
    person, predictor = a_person(), a_predictor()
    seen_at = Profile.objects.get().last_seen_at
    later = NOW + timedelta(days=40)
    write_people([a_lot(predictor, person, percentile=60)], [person], now=NOW)
    write_people([a_lot(predictor, person, percentile=10)], [person], now=later)
    while drain("live", now=later).rows:
        pass
    assert rows("select count(*) from events_event where name = 'Score Band Changed'") == [(1,)]
    assert Profile.objects.get().last_seen_at == seen_at


def test_a_cold_score_is_no_band_to_hold_on_to() -> None:
    person, predictor = a_person(), a_predictor()
    write_people([a_lot(predictor, person, percentile=81, is_cold=True)], [person], now=NOW)
    write_people([a_lot(predictor, person, percentile=79)], [person], now=NOW + timedelta(minutes=1))
    assert Score.objects.get().band == MEDIUM
    assert told() == []


def test_who_has_no_identifier_of_their_own_becomes_nobody_else() -> None:
    person, predictor = a_person(), a_predictor()
    rows("update profiles_identifier set dropped_for = 'blocked' returning 1")
    for percentile in (60, 90):
        write_people([a_lot(predictor, person, percentile=percentile)], [person], now=NOW)
    assert told() == []
    assert Profile.objects.count() == 1


def test_a_run_tells_its_changes_once_in_the_lane_for_many() -> None:
    shop(20)
    predictor = a_predictor()
    _run(predictor, NOW)
    orders = [track("u0", "Order Completed", properties={"order_id": f"n{k}", "total": 5}) for k in range(6)]
    take_in(orders, now=NOW + timedelta(hours=1))
    _run(predictor, NOW + timedelta(hours=1))
    assert not InboxBatch.objects.filter(lane=InboxBatch.Lane.LIVE).exists()
    changes = ScoreChange.objects.exclude(was="").order_by("profile_id").values_list("profile_id", "was", "band")
    events = [(who, said["from"], said["to"]) for who, said in told()]
    assert sorted(events) == list(changes)
    assert (Profile.objects.order_by("pk")[0].pk, LOW, HIGH) in events


def _run(predictor: Predictor, now: datetime) -> None:
    job = runs.start([predictor], by=None, now=now, people=6)
    assert job is not None
    runs.work(job.pk, clock=lambda: now)
