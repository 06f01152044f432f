"""People → Quality: the figures are right, and the page shows them as last counted."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from cdp.profiles.models import Profile, Record
from identity import by_hand, figures, rule_jobs, snapshots
from identity.models import Candidate, IdentitySnapshot, Link, Merge
from tests.cast import Cast
from tests.identity.test_reform import two_at_one_till
from tests.taking_in import NOW, ago, identify, rows, take_in, track

pytestmark = pytest.mark.django_db


def profile_of(key: str) -> int:
    return Record.objects.get(key=key).profile_id


def some_people() -> None:
    """Two by identifiers, two by likeness, two by hand, and three alone."""
    two_at_one_till()
    take_in([track(name) for name in ("eve", "fay")])
    take_in([track("", anonymousId=name) for name in ("g1", "g2", "h1")])
    by_hand.merge_profiles([profile_of("anon:g1"), profile_of("anon:g2")], by="user:1", now=NOW)


def test_everybody_is_counted_once_by_what_holds_them_together() -> None:
    some_people()
    a, b = sorted(Record.objects.filter(key__in=["anon:d1", "anon:d2"]).values_list("pk", flat=True))
    Link.objects.create(record_a=a, record_b=b, kind=Link.Kind.FUZZY, at=NOW)
    found = snapshots.take(now=NOW)
    told = {how: one["people"] for how, one in found.figures["joined"].items()}
    assert told == {"single": 5, "exact": 0, "fuzzy": 1, "manual": 1}
    Link.objects.filter(kind="fuzzy").update(dropped_for="apart")
    found = snapshots.take(now=NOW)
    told = {how: one["people"] for how, one in found.figures["joined"].items()}
    assert told == {"single": 5, "exact": 1, "fuzzy": 0, "manual": 1}
    assert (found.people, found.records) == (7, 9)
    by_size = [one["people"] for one in found.figures["sizes"]]
    assert by_size == [5, 2, 0, 0, 0, 0, 0, 0]
    assert [n for _, n in found.figures["largest"]] == [2, 2]
    assert found.figures["merges"]["manual"][-1] == 1
    assert found.strays == 0


def test_conflicts_queue_and_rows_on_merged_people_are_counted() -> None:
    take_in([identify("ada", anonymousId="one", at=ago(days=1)), identify("bob", anonymousId="one")])
    a, b = Record.objects.order_by("pk").values_list("pk", flat=True)
    Candidate.objects.create(record_a=a, record_b=b, weight=1, probability=0.7, found_at=ago(days=3))
    winner = Profile.objects.order_by("pk")[0]
    Profile.objects.exclude(pk=winner.pk).update(merged_into=winner.pk)
    found = snapshots.take(now=NOW)
    assert found.figures["dropped"] == [["anonymous_id", "hard", 1]]
    assert found.figures["queue"] == {"open": 1, "later": 0, "oldest_at": ago(days=3).isoformat()}
    assert found.strays == sum(
        rows(f"select count(*) from {table} t join profiles_profile p on p.id = t.profile_id and merged_into > 0")[0][0]
        for table in ("profiles_record", "profiles_identifier")
    )
    assert found.strays > 0


@pytest.mark.parametrize(
    ("last_24h", "usual", "days", "is_alarm"),
    [
        (51, 0.0, 30, True),
        (50, 0.0, 30, False),
        (501, 100.0, 30, True),
        (500, 100.0, 30, False),
        (5_000, 0.0, 6, False),
        (5_000, 10.0, 7, True),
    ],
)
def test_the_alarm(last_24h: int, usual: float, days: int, is_alarm: bool) -> None:
    assert figures.is_alarm(last_24h, usual, known_for=timedelta(days=days)) is is_alarm


def test_far_more_merges_than_usual_are_told_on_the_page_and_in_the_log(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    def merged(days: int, n: int, how: str = "exact") -> None:
        at = ago(days=days, hours=1)
        Merge.objects.bulk_create(Merge(how=how, winner_id=1, loser_id=2, at=at, xact_id=1) for _ in range(n))

    for day in range(1, 20):
        merged(day, 3)
    merged(0, 40, "fuzzy")
    merged(0, 500, "rules")
    assert not snapshots.take(now=NOW).is_alarm
    merged(0, 11)
    with caplog.at_level(logging.WARNING):
        found = snapshots.take(now=NOW)
    assert (found.is_alarm, found.merges_24h, found.usual_merges) == (True, 51, 3.0)
    assert "51 merges in 24 hours, usual are 3.0" in caplog.text
    text = cast.client("vic").get("/identity/quality/").content.decode()
    assert "Far more merges than usual: 51 in 24 hours, usual are 3 a day" in text


def test_the_page_for_each_role_and_its_links(cast: Cast, django_assert_max_num_queries: Any) -> None:
    assert "Not counted yet" in cast.client("vic").get("/identity/quality/").content.decode()
    some_people()
    snapshots.take(now=NOW)
    for name in ("ada", "stew", "mara", "vic"):
        client = cast.client(name)
        with django_assert_max_num_queries(12):
            text = client.get("/identity/quality/").content.decode()
        assert "/identity/quality/people/joined-manual/" in text
        assert "Compute now" in text
        assert ("/identity/duplicates/" in text) is (name in ("ada", "stew"))
    shown = client.get("/identity/quality/people/joined-manual/").content.decode()
    assert "1 of 1 people" in shown
    assert "2 of 2 people" in client.get("/identity/quality/people/size-1/").content.decode()
    for wrong in ("size-9", "joined-magic", "x"):
        assert client.get(f"/identity/quality/people/{wrong}/").status_code == 404


def test_compute_now_is_a_job(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity.views.quality.ring_rules", lambda job: None)
    client = cast.client("vic")
    client.post("/identity/quality/count/")
    job = rule_jobs.latest(rule_jobs.FIGURES, 0)
    assert job is not None
    assert "Waiting for a worker" in client.get("/identity/quality/").content.decode()
    assert "HX-Refresh" not in client.get(f"/identity/quality/jobs/{job.pk}/").headers
    rule_jobs.run(job.pk, clock=lambda: NOW)
    assert client.get(f"/identity/quality/jobs/{job.pk}/").headers["HX-Refresh"] == "true"
    assert IdentitySnapshot.objects.count() == 1


def test_old_snapshots_go() -> None:
    snapshots.take(now=ago(days=91))
    snapshots.take(now=ago(days=89))
    snapshots.take(now=NOW)
    assert IdentitySnapshot.objects.count() == 2
