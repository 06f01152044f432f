"""Runs: safe to repeat, started when they are due, and merges in between."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

import pytest

from cdp.common.clock import deployment_zone
from cdp.common.models import Job
from cdp.events.items import ItemRow
from cdp.events.models import Item
from cdp.profiles.find import by_identifier
from cdp.profiles.models import Profile
from scoring.models import ItemNeighbours, Recommendation
from scoring.recommend import reading, tasks
from scoring.recommend.interactions import Did
from scoring.recommend.reading import of_everybody, of_people
from scoring.recommend.run import new_job, run, settings_row
from scoring.recommend.shown import items_for
from scoring.recommend.tasks import LOST, make_due_recommendations, make_recommendations
from tests.scoring.recommend.shop import NOW, demo_shop, happen, sell
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db
ZONE = deployment_zone()


def test_a_run_learns_measures_and_lists_and_a_second_changes_nothing() -> None:
    people = demo_shop(300)
    done: list[tuple[int, int]] = []
    ran = run(now=NOW, zone=ZONE, report=lambda n, total: done.append((n, total)))
    assert done[-1][0] == done[-1][1] == ran.people + 3
    assert done == sorted(done)
    assert 200 < ran.people == Recommendation.objects.count() <= len(people)
    row = settings_row()
    assert (row.ran_at, row.items, row.people) == (NOW, 312, ran.people)
    assert row.due_at is not None and NOW < row.due_at <= NOW + timedelta(days=1)
    assert row.quality["personal"]["recall_10"] > row.quality["popular"]["recall_10"]
    assert row.quality["is_better"]
    assert len(row.weights["mix"]) == 3
    before = kept()
    again = run(now=NOW, zone=ZONE)
    assert (again, kept()) == (ran, before)


def kept() -> list[object]:
    lists = Recommendation.objects.order_by("profile_id").values_list("profile_id", "items")
    return [*lists, *ItemNeighbours.objects.order_by("item_id", "kind").values_list("item_id", "kind", "neighbours")]


def test_both_ways_of_reading_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    demo_shop(60)
    everybody = list(Profile.objects.filter(merged_into=None).values_list("pk", flat=True))
    catalogue = sorted(Item.objects.values_list("pk", flat=True))
    streamed = of_everybody(catalogue, until=NOW)
    rows = of_people(everybody, until=NOW)
    told = sorted((who, item, did, round(at_s, 3)) for who, item, did, at_s in rows)
    found = sorted(
        (int(streamed.people[who]), catalogue[item], int(did), round(float(at_s), 3))
        for who, item, did, at_s in zip(streamed.person, streamed.item, streamed.did, streamed.at_s, strict=True)
    )
    rows_of = Counter(who for who, *_ in told)
    whole = {who for who, n in rows_of.items() if n < reading.LATEST}  # of the others only the latest are read by id
    assert [row for row in found if row[0] in whole] == [row for row in told if row[0] in whole]
    assert len(whole) > 20
    monkeypatch.setattr(reading, "MOST_ROWS", 300)
    part = of_everybody(catalogue, until=NOW)
    assert 0 < len(part.people) < len(streamed.people)
    assert set(part.people.tolist()) <= set(streamed.people.tolist())


def test_later_events_are_not_read() -> None:
    sell(ItemRow(id="a"), ItemRow(id="b"))
    happen([(1, Did.VIEW, ("a",), NOW - timedelta(days=1)), (1, Did.ORDER, ("b",), NOW + timedelta(hours=1))])
    assert len(of_everybody(["a", "b"], until=NOW)) == 1


def test_an_order_without_lines_names_its_item_itself() -> None:
    sell(ItemRow(id="a"))
    take_in([track("u1", "Order Completed", order_id="1", properties={"product_id": "a", "order_id": "1", "total": 5})])
    read = of_everybody(["a"], until=NOW + timedelta(days=1))
    assert read.did.tolist() == [Did.ORDER]


def test_who_is_merged_gets_a_list_from_both_pasts() -> None:
    sell(*(ItemRow(id=key, name=key.upper()) for key in ("a", "b", "c", "d")))
    views = [(n, Did.VIEW, (key,), NOW - timedelta(days=5)) for n in range(9) for key in ("a", "b")]
    views += [(20 + n, Did.VIEW, (key,), NOW - timedelta(days=5)) for n in range(9) for key in ("c", "d")]
    happen(views)
    take_in([track(anonymousId="visitor", properties={"product_id": "a"}), track("u1", properties={"product_id": "c"})])
    later = NOW + timedelta(hours=1)
    run(now=later, zone=ZONE)
    visitor, user = by_identifier("anonymous_id", "visitor").pk, by_identifier("user_id", "u1").pk
    before = items_for([visitor, user], kind="similar", limit=1, now=later)
    assert [before[who][0].item.id for who in (visitor, user)] == ["b", "d"]
    take_in([identify("u1", anonymousId="visitor", traits={"firstName": "Ada"})])
    winner = by_identifier("user_id", "u1").pk
    assert by_identifier("anonymous_id", "visitor").pk == winner
    assert not Recommendation.objects.filter(profile_id__in=(visitor, user)).exists()
    found = items_for([winner], kind="recommended", limit=4, now=later)[winner]
    assert {one.item.id for one in found} == {"a", "b", "c", "d"}
    assert {one.source for one in found if one.why == "similar"} <= {"a", "c"}


def test_the_first_run_waits_for_something_to_learn_from() -> None:
    with patch.object(tasks, "utc_now", lambda: NOW), patch.object(tasks.make_recommendations, "apply_async") as asked:
        make_due_recommendations()
        assert not asked.called
        sell(ItemRow(id="a"))
        happen([(1, Did.VIEW, ("a",), NOW - timedelta(days=1))])
        Job.objects.create(kind="demo", title="Demo shop", state=Job.State.RUNNING, created_at=NOW)
        make_due_recommendations()
        assert not asked.called
        Job.objects.update(state=Job.State.DONE)
        make_due_recommendations()
        make_due_recommendations()  # one is under way
        assert asked.call_count == 1


def test_a_run_whose_worker_died_is_done_again() -> None:
    sell(ItemRow(id="a"))
    happen([(1, Did.VIEW, ("a",), NOW - timedelta(days=1))])
    with patch.object(tasks, "utc_now", lambda: NOW):
        job = new_job(title="Recommendations", by=None, now=NOW - LOST - timedelta(minutes=1))
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, heartbeat_at=NOW - LOST - timedelta(minutes=1))
        with patch.object(tasks.make_recommendations, "apply_async") as asked:
            make_due_recommendations()
        assert asked.call_count == 1
        make_recommendations(job.pk)
        assert settings_row().ran_at == NOW
        job.refresh_from_db()
        assert job.state == Job.State.DONE
        make_recommendations(job.pk)  # heard twice
    row = settings_row()
    assert row.due_at == NOW + timedelta(hours=1)  # too little to measure: soon again
    assert "days of views" in row.quality["missing"]


def test_what_failed_is_kept_on_the_job_and_tried_an_hour_later() -> None:
    sell(ItemRow(id="a"))
    happen([(1, Did.VIEW, ("a",), NOW - timedelta(days=1))])
    job = new_job(title="Recommendations", by=None, now=NOW)
    with patch.object(tasks, "utc_now", lambda: NOW), patch.object(tasks, "run", side_effect=MemoryError("no room")):
        with pytest.raises(MemoryError):
            make_recommendations(job.pk)
    job.refresh_from_db()
    assert "no room" in job.error
    for minutes, times in ((59, 0), (61, 1)):
        with patch.object(tasks, "utc_now", lambda at=NOW + timedelta(minutes=minutes): at):
            with patch.object(tasks.make_recommendations, "apply_async") as asked:
                make_due_recommendations()
            assert asked.call_count == times


def test_a_run_that_is_stopped_waits_for_its_next_regular_time() -> None:
    sell(ItemRow(id="a"))
    happen([(1, Did.VIEW, ("a",), NOW - timedelta(days=1))])
    job = new_job(title="Recommendations", by=None, now=NOW)
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    with patch.object(tasks, "utc_now", lambda: NOW), patch.object(tasks.make_recommendations, "apply_async") as asked:
        make_recommendations(job.pk)
        make_due_recommendations()
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.CANCELLED, "")
    row = settings_row()
    assert row.ran_at is None
    assert row.due_at is not None and row.due_at.isoformat() == "2026-03-02T02:40:00+00:00"
    assert not asked.called


def test_items_that_the_catalogue_does_not_know_are_counted() -> None:
    sell(ItemRow(id="a"))
    days = timedelta(days=1)
    happen([
        (1, Did.VIEW, ("a",), NOW - days), (1, Did.VIEW, ("x",), NOW - days), (2, Did.ORDER, ("x", "y"), NOW - days),
        (2, Did.VIEW, ("z",), NOW - 40 * days),
    ])  # fmt: skip
    assert run(now=NOW, zone=ZONE).strangers == 2
    assert settings_row().quality["strangers"] == 2
