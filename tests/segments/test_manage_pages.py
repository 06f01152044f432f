"""Versions, lists, checks and paces in the browser's eyes: what is asked, what is told, what is kept."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from cdp.accounts.models import AuditEntry
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.models import Identifier
from cdp.rules.tree import UTC
from segments import asked, full_jobs, list_upload, save, snapshot
from segments.models import Fault, Listing, Membership, Segment
from segments.refresh import refresh_changes, refresh_fully
from segments.versions import Draft
from tests.cast import Cast
from tests.cdp.rules.test_rules import BUY, VIEW, event, rule, trait
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db
ROME = rule(trait("city", "is", "Rome"))


@pytest.fixture
def mara(cast: Cast, settings: Settings, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path
    return cast.client("mara")


@pytest.fixture
def segment(db: None) -> Segment:
    return save.create("Romans", rule=ROME, by=None, now=NOW)


def form(segment: Segment | None = None, **more: Any) -> dict[str, Any]:
    given = {"name": "Romans", "description": "", "rule": json.dumps(ROME), "pace": "live", "cron": "", "folder": ""}
    return {**given, **({"version": segment.version} if segment else {}), **more}


def url(name: str, *args: Any) -> str:
    return reverse(f"segments:{name}", args=args)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_segment_is_made_with_its_pace_and_folder(mara: Client) -> None:
    mara.post(url("new"), form(pace="cron", cron=" 30 6  * * 1 ", folder="Cities"))
    made = Segment.objects.get()
    assert (made.pace, made.cron, made.folder, made.version) == ("cron", "30 6 * * 1", "Cities", 1)
    assert made.due_at is not None
    wrong = mara.post(url("new"), form(name="X", pace="cron", cron="often"))
    assert wrong.status_code == 422
    assert "Write five fields" in wrong.content.decode()


def test_who_saves_over_a_newer_version_is_told_and_keeps_what_they_typed(mara: Client, segment: Segment) -> None:
    address = url("edit", segment.pk)
    assert 'name="version" value="1"' in page(mara, address)
    save.change(segment, Draft("Romans", rule(event(VIEW))), by=None, now=NOW)
    typed = form(segment, description="Mine")
    answer = mara.post(address, typed)
    told = answer.content.decode()
    assert answer.status_code == 422
    assert "saved version 2 while you were working" in told
    assert "Mine" in told
    assert 'name="version" value="2"' in told
    assert mara.post(address, {**typed, "version": 2}).status_code == 302
    segment.refresh_from_db()
    assert (segment.version, segment.description, segment.rule) == (3, "Mine", ROME)


def test_versions_are_listed_compared_and_gone_back_to(mara: Client, segment: Segment) -> None:
    save.change(segment, Draft("Romans", rule(trait("city", "is", "Oslo"), event(BUY))), by=None, now=NOW)
    shown = page(mara, url("versions", segment.pk))
    assert "added" in shown
    assert "Made as “Romans”" in shown
    compared = page(mara, url("versions", segment.pk) + "?old=2&new=1")
    assert "From version 2 to version 1" in compared
    assert mara.get(url("versions", segment.pk) + "?old=1&new=99").status_code == 404
    mara.post(url("go_back", segment.pk, 1))
    segment.refresh_from_db()
    assert (segment.rule, segment.version) == (ROME, 3)
    assert AuditEntry.objects.latest("id").details == {"to": 1, "version": 3}


def test_many_versions_cost_no_more_queries(
    mara: Client, segment: Segment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(30):
        save.change(segment, Draft("Romans", rule(trait("n", "at_least", n))), by=None, now=NOW)
    with django_assert_max_num_queries(10):
        page(mara, url("versions", segment.pk))


def test_going_back_to_what_cannot_be_read_says_so(mara: Client, segment: Segment) -> None:
    segment.versions.update(rule={"version": 1, "root": {"kind": "gone"}})
    save.change(segment, Draft("Romans", rule(event(VIEW))), by=None, now=NOW)
    answer = mara.post(url("go_back", segment.pk, 1), follow=True)
    assert "Not gone back" in answer.content.decode()
    assert "root.kind" in answer.content.decode()


def test_copies_folders_and_back_from_the_archive(mara: Client, segment: Segment) -> None:
    mara.post(url("duplicate", segment.pk))
    copy = Segment.objects.get(name="Copy of Romans")
    mara.post(url("move", copy.pk), {"folder": "Old"})
    mara.post(url("archive", copy.pk))
    mara.post(url("restore", copy.pk))
    copy.refresh_from_db()
    assert (copy.folder, copy.archived_at) == ("Old", None)
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"created segment", "moved segment", "archived segment", "restored segment"} <= verbs


def test_a_refresh_that_is_asked_for_is_done_once(mara: Client, segment: Segment) -> None:
    for _ in range(2):
        mara.post(url("refresh_now", segment.pk))
    job = Job.objects.get()
    assert "Refreshing “Romans”" in page(mara, url("job", segment.pk, job.pk))
    full_jobs.refresh(segment.pk, clock=lambda: NOW, zone=UTC, within_s=60)
    assert mara.get(url("job", segment.pk, job.pk)).headers["HX-Refresh"] == "true"


def test_what_was_not_heard_is_asked_for_again(segment: Segment) -> None:
    job = asked.ask_check(segment, by=None, now=NOW)
    assert asked.unheard(now=NOW) == []
    assert asked.unheard(now=NOW + timedelta(minutes=2)) == [job.pk]


def test_a_check_that_finds_faults_raises_an_alarm_until_it_is_seen(mara: Client, segment: Segment) -> None:
    take_in([identify("ann", traits={"city": "Rome"})])
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    refresh_changes(now=NOW, zone=UTC)
    Membership.objects.all().delete()
    mara.post(url("check_now", segment.pk))
    asked.run(Job.objects.get().pk, clock=lambda: NOW, zone=UTC)
    shown = page(mara, url("checks", segment.pk))
    assert "1 missing, 0 too many" in shown
    assert "I have seen them" in shown
    home = page(mara, reverse("home_problems"))
    assert url("checks", segment.pk) in home
    mara.post(url("faults_seen", segment.pk))
    assert Fault.objects.get().seen_at is not None
    assert url("checks", segment.pk) not in page(mara, reverse("home_problems"))


def test_a_list_is_pasted_looked_at_and_made(mara: Client) -> None:
    take_in([identify("ann", traits={"email": "ann@x.org"})])
    answer = mara.post(url("new_list"), {"name": "VIPs", "kind": "email", "pasted": "ann@x.org, nobody@x.org"})
    job = Job.objects.get()
    assert answer.headers["Location"] == url("upload", job.pk)
    shown = page(mara, url("upload", job.pk))
    assert "nobody@x.org" in shown
    assert "Make “VIPs” of 1 line" in shown
    lines = mara.get(url("problem_lines", job.pk))
    assert b"2,nobody@x.org,Nobody is known by this." in b"".join(lines)
    answer = mara.post(url("make_list", job.pk), follow=True)
    assert "1 person was put on “VIPs”" in answer.content.decode()
    made = Segment.objects.get(name="VIPs")
    assert Listing.objects.filter(segment_id=made.pk).count() == 1
    assert mara.post(url("make_list", job.pk), follow=True).status_code == 200
    mara.post(url("discard_upload", job.pk))
    assert mara.get(url("upload", job.pk)).status_code == 404


def test_a_file_adds_people_and_a_button_takes_them_off(mara: Client) -> None:
    take_in([identify("ann"), identify("bob")])
    made = snapshot.static_from(snapshot.of_people([]), name="L", by=None, now=NOW)
    file = SimpleUploadedFile("a.csv", b"name,user_id\nAnn,ann\nBob,bob\n")
    mara.post(url("add_people", made.pk), {"kind": "user_id", "file": file})
    mara.post(url("make_list", Job.objects.get().pk))
    assert Listing.objects.count() == 2
    ann = Identifier.objects.get(value="ann").profile_id
    mara.post(url("remove_person", made.pk, ann))
    assert list(Listing.objects.values_list("segment_id", flat=True)) == [made.pk]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "L", "kind": "email"}, "Paste the people or choose a file"),
        ({"name": "Romans", "kind": "email", "pasted": "a@x.org"}, "Another segment has this name"),
        ({"name": "L", "kind": "nonsense", "pasted": "a"}, "Select a valid choice"),
    ],
)
def test_mistakes_stand_where_they_are(mara: Client, segment: Segment, given: dict[str, str], told: str) -> None:
    answer = mara.post(url("new_list"), given)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_a_file_that_is_no_table_is_told_on_its_page(mara: Client) -> None:
    file = SimpleUploadedFile("a.csv", b"\x00\x01\x02")
    mara.post(url("new_list"), {"name": "L", "kind": "email", "file": file})
    assert "This is not a text file" in page(mara, url("upload", Job.objects.get().pk))


def test_large_uploads_are_left_to_a_worker(mara: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_upload, "AT_ONCE_BYTES", 1)
    mara.post(url("new_list"), {"name": "L", "kind": "email", "pasted": "a@x.org"})
    job = Job.objects.get()
    assert "Waiting for a worker" in page(mara, url("upload", job.pk))
    asked.run(job.pk, clock=utc_now, zone=UTC)
    assert "Lines that name nobody" in page(mara, url("upload", job.pk))


def test_snapshots_of_a_segment_and_of_a_rule(mara: Client, segment: Segment) -> None:
    take_in([identify("ann", traits={"city": "Rome"})])
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    assert "Romans, " in page(mara, url("snapshot", segment.pk))
    mara.post(url("snapshot", segment.pk), {"name": "A"})
    mara.post(url("snapshot_of_rule"), {"name": "B", "rule": json.dumps(ROME)})
    assert mara.post(url("snapshot_of_rule"), {"name": "C", "rule": "{"}).status_code == 422
    assert sorted(Segment.objects.filter(kind="static").values_list("name", flat=True)) == ["A", "B"]
    assert Listing.objects.count() == 2


def test_a_list_is_renamed_and_its_page_offers_what_lists_can(mara: Client) -> None:
    take_in([identify("ann", traits={"name": "Ann"})])
    ann = Identifier.objects.get(value="ann").profile_id
    made = snapshot.static_from(snapshot.of_people([ann]), name="L", by=None, now=NOW)
    refresh_fully(made.pk, now=NOW, zone=UTC)
    shown = page(mara, url("segment", made.pk))
    assert "Take off" in shown
    assert "Add people" in shown
    assert mara.get(url("edit", made.pk)).headers["Location"] == url("rename", made.pk)
    mara.post(url("rename", made.pk), {"name": "M", "description": "d"})
    made.refresh_from_db()
    assert (made.name, made.description, made.version) == ("M", "d", 2)


def test_long_lists_are_made_by_a_worker(mara: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in([identify("ann"), identify("bob")])
    monkeypatch.setattr(list_upload, "AT_ONCE_PEOPLE", 1)
    mara.post(url("new_list"), {"name": "L", "kind": "user_id", "pasted": "ann, bob"})
    job = Job.objects.get()
    mara.post(url("make_list", job.pk))
    assert not Segment.objects.exists()
    assert "Waiting for a worker" in page(mara, url("upload", job.pk))
    for _ in range(2):
        asked.run(job.pk, clock=utc_now, zone=UTC)
    made = Segment.objects.get(name="L")
    assert Listing.objects.filter(segment_id=made.pk).count() == 2
    assert mara.post(url("make_list", job.pk), follow=True).status_code == 200
    assert Segment.objects.count() == 1
