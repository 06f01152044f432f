"""Static segments: from files, snapshots and chosen people; changed by hand; kept through merges and back."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from cdp.common.models import Job
from cdp.profiles.models import Identifier, Record
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.tree import UTC
from identity.by_hand import merge_profiles, unmerge
from segments import list_upload, listing, save, snapshot
from segments.list_match import ANY, PROFILE
from segments.list_upload import Wanted
from segments.models import Listing, Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from segments.versions import Draft
from tests.cdp.rules.test_rules import VIEW, event, rule
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def people() -> dict[str, int]:
    take_in(
        [
            identify("ann", traits={"email": "Ann@x.org", "phone": "+49 170 1234567"}, at=ago(days=2)),
            identify("bob", traits={"email": "bob@x.org"}, at=ago(days=1)),
            identify("cat", traits={"email": "cat@x.org"}),
        ]
    )
    refresh_changes(now=NOW, zone=UTC)
    return {
        one.value: one.profile_id
        for one in Identifier.objects.filter(namespace="user_id", value__in=["ann", "bob", "cat"])
    }


def upload(text: str | bytes, kind: str = "email", name: str = "VIPs", **more: Any) -> Job:
    content = text if isinstance(text, bytes) else text.encode()
    job = list_upload.begin(ContentFile(content, name="a.csv"), Wanted(kind, name, **more), by=None, now=NOW)
    list_upload.look_up(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    return job


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment_id=segment.pk).values_list("profile_id", flat=True))


def a_list(*profile_ids: int, name: str = "L") -> Segment:
    made = snapshot.static_from(snapshot.of_people(profile_ids), name=name, by=None, now=NOW)
    refresh_fully(made.pk, now=NOW, zone=UTC)
    return made


COUNTS = ("found", "missing", "ambiguous", "invalid")


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        ("ANN@x.org\nbob@x.org\nnobody@x.org\nnonsense\n", "email", (2, 1, 0, 1)),
        ("email\nann@x.org\n", "email", (1, 0, 0, 0)),
        ("name;E-Mail\nAnn;ann@x.org\nBob;bob@x.org\n", "email", (2, 0, 0, 0)),
        ("+49 (170) 1234567\n12\n", "phone", (1, 0, 0, 1)),
        ("ann\nbob\nAnn\n", "user_id", (2, 1, 0, 0)),
        ("ann@x.org\nbob\n+491701234567\n", ANY, (3, 0, 0, 0)),
        ("00000000-0000-0000-0000-000000000000\nx\n", PROFILE, (0, 1, 0, 1)),
        ("\ufeffann@x.org\r\n\r\nbob@x.org\r\n", "email", (2, 0, 0, 0)),
        ("4711\n", "loyalty_card", (0, 1, 0, 0)),
        ("ann\x01\n" + "x" * 600 + "\n", "user_id", (0, 0, 0, 2)),
    ],
)
def test_what_lines_mean(people: dict[str, int], text: str, kind: str, wanted: tuple[int, ...]) -> None:
    job = upload(text, kind)
    assert tuple(job.result[one] for one in COUNTS) == wanted


def test_problems_name_their_line_and_can_be_downloaded(people: dict[str, int], media: Path) -> None:
    job = upload("email\nann@x.org\nnobody@x.org\n\nnonsense\n")
    assert [(one["line"], one["text"]) for one in job.result["problems"]] == [(3, "nobody@x.org"), (5, "nonsense")]
    path = list_upload.problem_lines(job)
    assert path is not None
    assert path.read_text().splitlines()[1:] == [
        "3,nobody@x.org,Nobody is known by this.",
        "5,nonsense,This cannot be such an identifier.",
    ]
    assert not default_storage.exists(job.params["path"])
    list_upload.discard(job)
    assert not list((media / "lists").iterdir())
    assert not Job.objects.exists()


def test_a_number_that_two_people_share_is_ambiguous() -> None:
    take_in([identify(who, traits={"phone": "+41790000001"}) for who in ("a", "b")])
    assert upload("+41 79 000 00 01", "phone").result["ambiguous"] == 1


def test_the_list_is_made_once_and_its_people_are_members(people: dict[str, int], media: Path) -> None:
    job = upload("ann@x.org\nAnn@X.org\nbob@x.org\nnobody@x.org")
    segment, n = list_upload.make(job, by=None, now=NOW)
    assert (segment.kind, segment.rule["root"], n) == ("static", {"kind": "listed", "id": segment.pk}, 2)
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    assert members(segment) == {people["ann"], people["bob"]}
    with pytest.raises(list_upload.NotReady):
        list_upload.make(job, by=None, now=NOW)
    assert [path.suffix for path in (media / "lists").iterdir()] == [".problems"]
    list_upload.forget(now=NOW + list_upload.KEPT)
    assert Job.objects.exists()
    list_upload.forget(now=NOW + list_upload.KEPT * 2)
    assert not list((media / "lists").iterdir())


def test_an_upload_of_nobody_makes_no_list(people: dict[str, int]) -> None:
    with pytest.raises(list_upload.NobodyFound):
        list_upload.make(upload("nobody@x.org"), by=None, now=NOW)
    job = upload("ann@x.org", name="Taken")
    a_list(name="Taken")
    with pytest.raises(save.NameTaken):
        list_upload.make(job, by=None, now=NOW)


def test_a_file_that_is_no_table_says_so() -> None:
    job = list_upload.begin(ContentFile(b"\x00\x01", name="a.csv"), Wanted("email", "X"), by=None, now=NOW)
    with pytest.raises(ValueError, match="not a text file"):
        list_upload.look_up(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, "not a text file" in job.error) == ("failed", True)


def test_a_column_that_is_not_there_is_told() -> None:
    job = list_upload.begin(ContentFile(b"a,b\n1,2", name="a.csv"), Wanted("email", "X", "c"), by=None, now=NOW)
    with pytest.raises(ValueError, match=r"No column is called “c”. There are: a, b"):
        list_upload.look_up(job.pk, clock=lambda: NOW)


def test_pasted_text_is_one_identifier_after_another() -> None:
    assert list_upload.pasted(" a@x.org, b@x.org;\n\nc@x.org ").read() == b"a@x.org\nb@x.org\nc@x.org"


def test_people_are_added_and_taken_off_and_dependents_follow(people: dict[str, int]) -> None:
    segment = a_list(people["ann"])
    built_on = save.create("D", rule=rule({"kind": "segment", "id": segment.pk, "op": "in"}), by=None, now=NOW)
    refresh_fully(built_on.pk, now=NOW, zone=UTC)
    record = Record.objects.get(profile_id=people["bob"])
    assert listing.add(segment, [record.pk], now=NOW) == 1
    assert listing.add(segment, [record.pk], now=NOW) == 0
    assert listing.take_off(segment, [people["ann"], people["cat"]], now=NOW) == 1
    refresh_changes(now=NOW, zone=UTC)
    assert members(segment) == members(built_on) == {people["bob"]}
    assert set(MembershipChange.objects.exclude(cause="first").values_list("cause", flat=True)) == {"trait"}
    with pytest.raises(listing.NotAList):
        listing.add(built_on, [record.pk], now=NOW)


def test_a_snapshot_stays_when_people_leave(people: dict[str, int]) -> None:
    take_in([track("ann", VIEW), track("bob", VIEW)])
    viewers = save.create("V", rule=rule(event(VIEW)), by=None, now=NOW)
    refresh_fully(viewers.pk, now=NOW, zone=UTC)
    of_segment = snapshot.static_from(snapshot.of_segment(viewers.pk), name="A", by=None, now=NOW)
    of_rule = snapshot.static_from(snapshot.of_rule(rule(event(VIEW)), now=NOW, zone=UTC), name="B", by=None, now=NOW)
    take_in([track("cat", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    for one in (of_segment, of_rule):
        refresh_fully(one.pk, now=NOW, zone=UTC)
        assert members(one) == {people["ann"], people["bob"]}
    assert len(members(viewers)) == 3


def test_membership_survives_a_merge_and_its_undoing(people: dict[str, int]) -> None:
    take_in([track(anonymousId="visitor")])
    visitor = Identifier.objects.get(value="visitor").profile_id
    segment = a_list(visitor)
    before = list(Listing.objects.values_list("record_id", "profile_id"))
    done = merge_profiles([people["bob"], visitor], by="user:1", now=NOW)
    refresh_changes(now=NOW, zone=UTC)
    assert members(segment) == {people["bob"]}
    unmerge(done.merge_ids[0], by="user:1", now=NOW)
    refresh_changes(now=NOW, zone=UTC)
    assert members(segment) == {visitor}
    assert list(Listing.objects.values_list("record_id", "profile_id")) == before


def test_it_explains_itself(people: dict[str, int]) -> None:
    segment = a_list(people["ann"])
    told = explain(parse(segment.rule), people["ann"], now=NOW)
    assert told.is_in
    assert told.findings[0].condition == "who are on its list"


def test_a_fixed_list_has_no_other_rule(people: dict[str, int]) -> None:
    segment = a_list(people["ann"])
    renamed = save.change(segment, Draft("Other", segment.rule), by=None, now=NOW)
    assert renamed.name == "Other"
    with pytest.raises(RuleError, match="fixed list has no rule"):
        save.change(segment, Draft("Other", rule(event(VIEW))), by=None, now=NOW)
