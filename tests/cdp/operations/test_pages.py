"""The system page and the page of schedules."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from cdp.accounts.models import AuditEntry
from cdp.celery import app
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.operations import sampling
from cdp.operations.models import Heartbeat, Sample, TaskState
from cdp.operations.schedules.periodic import all_jobs, one
from cdp.operations.schedules.words import WORDS
from segments.models import Segment
from tests.cast import Cast

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SYSTEM, SCHEDULES = "/system/", "/system/schedules/"


def test_every_periodic_job_says_what_it_is_for() -> None:
    assert set(WORDS) == set(app.conf.beat_schedule) | {"operations.backup"}
    assert len({words.name for words in WORDS.values()}) == len(WORDS)
    for words in WORDS.values():
        assert words.what.endswith(".") and words.stops.endswith(".")


def test_what_must_go_on_cannot_be_paused() -> None:
    vital = {key for key, words in WORDS.items() if words.is_vital}
    assert vital == {"pipeline.drain", "events.make_partitions", "campaigns.settle_unknown", "privacy.revive"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of tasks that a worker was asked for."""
    found: list[str] = []

    def note(self: Any, *_: Any, **options: Any) -> None:
        assert options["headers"]["asked_for"]
        found.append(self.name)

    monkeypatch.setattr("cdp.operations.running.RecordedTask.apply_async", note)
    return found


def test_run_now_is_safe_to_click_twice(cast: Cast, asked: list[str]) -> None:
    ada = cast.client("ada")
    url = reverse("operations:run_now", args=["segments.check_all"])
    first, second = ada.post(url, follow=True), ada.post(url, follow=True)
    assert asked == ["segments.tasks.check_all"]
    assert "was asked for" in first.content.decode()
    assert "asked for already" in second.content.decode()
    assert AuditEntry.objects.filter(verb="ran periodic job").count() == 1


def test_once_it_ran_it_can_be_asked_for_again(cast: Cast, asked: list[str]) -> None:
    ada, url = cast.client("ada"), reverse("operations:run_now", args=["segments.check_all"])
    ada.post(url)
    then = utc_now() - timedelta(minutes=1)
    TaskState.objects.update(asked_at=then, started_at=then + timedelta(seconds=2))
    ada.post(url)
    assert len(asked) == 2


def test_a_paused_job_says_so_on_both_pages_until_it_is_resumed(cast: Cast) -> None:
    ada = cast.client("ada")
    ada.post(reverse("operations:pause", args=["campaigns.send"]))
    for page in (SYSTEM, SCHEDULES):
        text = ada.get(page).content.decode()
        assert "is paused" in text and "No campaign sends anything." in text
    ada.post(reverse("operations:resume", args=["campaigns.send"]))
    assert "No campaign sends anything. What is due" not in ada.get(SYSTEM).content.decode()
    assert list(AuditEntry.objects.order_by("id").values_list("verb", "target")) == [
        ("paused periodic job", "Send messages"),
        ("resumed periodic job", "Send messages"),
    ]


def test_a_vital_job_is_not_paused_and_says_why(cast: Cast) -> None:
    answer = cast.client("ada").post(reverse("operations:pause", args=["pipeline.drain"]), follow=True)
    assert "the inbox would fill" in answer.content.decode()
    assert not TaskState.objects.filter(paused_at__isnull=False).exists()


def test_an_unknown_job_is_not_found(cast: Cast) -> None:
    assert cast.client("ada").post(reverse("operations:pause", args=["made.up"])).status_code == 404


@pytest.mark.django_db
def test_next_times_follow_the_schedule() -> None:
    TaskState.objects.create(task="segments.tasks.refresh_due", started_at=NOW - timedelta(seconds=10))
    by_key = {job.key: job for job in all_jobs(now=NOW, zone=ZoneInfo("UTC"))}
    assert by_key["segments.check_all"].next_at == datetime(2026, 6, 16, 4, 30, tzinfo=UTC)
    assert by_key["segments.refresh_due"].next_at == NOW + timedelta(seconds=20)
    assert by_key["segments.refresh_due"].every == "every 30 seconds"
    assert by_key["scoring.work_due"].period == timedelta(minutes=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("began_s", "ended_s", "said"),
    [(10, 5, ""), (5, 10, "is_running"), (600, 599, "is_overdue")],
)
def test_how_a_job_stands(began_s: int, ended_s: int, said: str) -> None:
    began, ended = NOW - timedelta(seconds=began_s), NOW - timedelta(seconds=ended_s)
    TaskState.objects.create(task="segments.tasks.refresh_due", started_at=began, finished_at=ended)
    job = one("segments.refresh_due", now=NOW, zone=ZoneInfo("UTC"))
    assert [name for name in ("is_running", "is_overdue", "is_asked") if getattr(job, name)] == ([said] if said else [])


def test_the_system_page_says_what_is_wrong(cast: Cast) -> None:
    ada = cast.client("ada")
    text = ada.get(SYSTEM).content.decode()
    assert "Beat does not run" in text and "No worker for live work runs" in text
    now = utc_now()
    for kind, queue in (("beat", ""), ("worker", "live"), ("worker", "bulk"), ("web", "")):
        facts = {"host": "here", "pid": 7, "version": "1", "started_at": now, "seen_at": now}
        Heartbeat.objects.create(name=f"{kind}:{queue}", kind=kind, queue=queue, **facts)
    assert "All is well" in ada.get(f"{SYSTEM}?part=now").content.decode()


def test_long_work_can_be_cancelled_where_it_listens(cast: Cast) -> None:
    now, State = utc_now(), Job.State
    one = Job.objects.create(kind="scoring", title="Scoring", state=State.RUNNING, created_at=now, heartbeat_at=now)
    deaf = Job.objects.create(
        kind="clustering", title="Grouping", state=State.RUNNING, created_at=now, heartbeat_at=now
    )
    ada = cast.client("ada")
    ada.post(reverse("operations:cancel", args=[one.pk]))
    assert ada.post(reverse("operations:cancel", args=[deaf.pk])).status_code == 404
    assert set(Job.objects.filter(is_cancel_requested=True)) == {one}


def test_people_who_may_see_but_not_change_get_no_buttons(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(cast.ada), "may", lambda _, permission: permission != "manage_schedules")
    text = cast.client("ada").get(SCHEDULES).content.decode()
    assert "Take in events" in text and "Run now" not in text


def test_schedules_that_people_set_are_listed_with_links(cast: Cast) -> None:
    segment = Segment.objects.create(
        name="Big spenders",
        rule={"all": []},
        pace="daily",
        due_at=NOW,
        created_at=NOW,
        changed_at=NOW,
        error="Too slow",
    )
    text = cast.client("ada").get(SCHEDULES).content.decode()
    assert reverse("segments:segment", args=[segment.pk]) in text and "Too slow" in text


@pytest.mark.django_db
def test_samples_are_one_a_minute_and_kept_a_week() -> None:
    sampling.take(now=NOW)
    sampling.take(now=NOW + timedelta(seconds=20))
    sampling.take(now=NOW - timedelta(days=8))
    assert Sample.objects.count() == 2
    sampling.forget(now=NOW)
    assert [sample.at for sample in Sample.objects.all()] == [NOW]


def test_the_pages_ask_a_fixed_number_of_questions(cast: Cast, django_assert_max_num_queries: Any) -> None:
    ada = cast.client("ada")
    for page in (SYSTEM, f"{SYSTEM}?part=now", f"{SYSTEM}?part=charts", SCHEDULES, f"{SCHEDULES}?part=jobs"):
        with django_assert_max_num_queries(45):
            assert ada.get(page).status_code == 200
