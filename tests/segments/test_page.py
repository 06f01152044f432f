"""The page of one segment, its parts, its exports, and why a person is in it or not."""

import csv
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cdp.accounts.models import AuditEntry
from cdp.analytics.models import ComputedTrait, ComputedValue
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from segments.distinguish import differences
from segments.distinguish_computed import computed
from segments.models import Fault, Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from tests.cast import Cast
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule, trait
from tests.factories import NOW
from tests.segments.laid import a_segment, in_segment, people
from tests.taking_in import NOW as THEN
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db


def get(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return str(answer.content.decode())


def change(segment: Segment, profile_id: int, kind: str = "entered", cause: str = "event", days: float = 0) -> None:
    at = NOW - timedelta(days=days)
    MembershipChange.objects.create(segment_id=segment.pk, profile_id=profile_id, kind=kind, cause=cause, at=at)


def test_the_page_costs_the_same_queries_however_many_members(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ids = people(40)
    segment = a_segment("S", ids)
    for pk in ids:
        change(segment, pk)
    client = cast.client("vic")
    client.get(f"/segments/{segment.pk}/")
    with django_assert_max_num_queries(23):
        page = get(client, f"/segments/{segment.pk}/")
    assert page.count("Why?</button>") == 10


def test_members_are_paged_newest_first(cast: Cast) -> None:
    ids = people(25)
    url, seen = f"/segments/{a_segment('S', ids).pk}/", list[int]()
    query = ""
    for _ in range(3):
        context = cast.client("vic").get(url + query).context
        seen += [row.profile_id for row, _ in context["members"]]
        query = f"?after={context['page'].next}"
    assert seen == ids
    assert cast.client("vic").get(f"{url}?after=x").status_code == 400


def test_the_page_says_what_is_wrong(cast: Cast) -> None:
    segment = a_segment("S", error="no such event", failures=3, is_stale=True)
    Fault.objects.create(segment_id=segment.pk, at=NOW, missing=2, extra=1)
    url = f"/segments/{segment.pk}/"
    page = get(cast.client("mara"), url)
    assert "3 times in a row" in page
    assert "no such event" in page
    assert "2 missing and 1 too many" in page
    seen = reverse("segments:faults_seen", args=[segment.pk])
    assert cast.client("vic").post(seen).status_code == 403
    cast.client("mara").post(seen)
    assert "A check found" not in get(cast.client("mara"), url)
    assert "Faults found by checks" in get(cast.client("mara"), url)


def test_a_rule_that_cannot_be_read_is_no_crash(cast: Cast) -> None:
    segment = a_segment("S", people(1), rule={"version": 1, "root": {"kind": "nonsense"}})
    pk = Membership.objects.get().profile_id
    for part in ("", "sentence/", "overlap/", "distinguish/", f"why/{pk}/", "explain/"):
        assert cast.client("vic").get(f"/segments/{segment.pk}/{part}").status_code == 200


def test_used_by_shows_only_what_one_may_see(cast: Cast) -> None:
    segment = a_segment("S")
    a_segment("Built on it", rule=in_segment(segment))
    assert "Built on it" in get(cast.client("vic"), f"/segments/{segment.pk}/")


def test_a_name_says_in_one_sentence_what_it_is(cast: Cast) -> None:
    segment = a_segment("S", rule=rule(trait("city", "is", "<b>Rome</b>")))
    said = get(cast.client("vic"), f"/segments/{segment.pk}/sentence/")
    assert said.startswith("People whose city is")
    assert "<b>" not in said


def test_who_entered_and_left_per_day(cast: Cast) -> None:
    ids = people(3)
    segment = a_segment("S", ids)
    for pk in ids:
        change(segment, pk, cause="trait")
    change(segment, ids[0], "left", "time")
    change(a_segment("T"), ids[0])
    answer = cast.client("vic").get(f"/segments/{segment.pk}/changes/?kind=entered&cause=trait")
    assert [row.profile_id for row, _ in answer.context["lines"]] == ids[::-1]
    assert len(cast.client("vic").get(f"/segments/{segment.pk}/changes/?on=2026-11-20").context["lines"]) == 0
    assert len(cast.client("vic").get(f"/segments/{segment.pk}/changes/?on=2026-11-21").context["lines"]) == 4
    rows = cast.client("mara").get(f"/segments/{segment.pk}/changes/export/?kind=left").getvalue().decode()
    assert [row[2:4] for row in csv.reader(rows.splitlines())] == [["what", "because"], ["Left", "Time passed"]]
    assert cast.client("vic").get(f"/segments/{segment.pk}/changes/export/").status_code == 403


def test_the_parts_tell_overlap_and_what_sets_apart(cast: Cast) -> None:
    romans, others = people(60, city="Rome"), people(140, city="Oslo")
    segment = a_segment("S", romans, rule=rule(event(BUY)))
    a_segment("T", romans[:30] + others[:10])
    url = f"/segments/{segment.pk}/"
    page = get(cast.client("vic"), f"{url}overlap/")
    assert "Counted over all its people" in page
    assert ">30<" in page.replace("\n", "")
    found = cast.client("vic").get(f"{url}distinguish/").context["found"]
    assert ("city", "is Rome") in {(one.thing.name, one.thing.value) for one in found.differences}
    Segment.objects.filter(pk=segment.pk).update(rule=rule(trait("city", "is", "Rome")))
    found = cast.client("vic").get(f"{url}distinguish/").context["found"]
    assert "city" not in {one.thing.name for one in found.differences}
    small = a_segment("Small", romans[:5])
    assert "too few to say anything" in get(cast.client("vic"), f"/segments/{small.pk}/distinguish/")


def test_people_by_segment_and_their_export(cast: Cast) -> None:
    ids = people(6)
    a, b = a_segment("A", ids[:4]), a_segment("B", ids[2:5])
    query = f"?in={a.pk}&not={b.pk}"
    answer = cast.client("vic").get(f"/segments/people/{query}")
    assert [line.profile.pk for line in answer.context["lines"]] == ids[1::-1]
    assert cast.client("vic").get("/segments/people/?in=999999").status_code == 422
    assert cast.client("vic").get(f"/segments/people/export/{query}").status_code == 403
    rows = cast.client("mara").get(f"/segments/people/export/{query}").getvalue().decode().splitlines()
    assert len(rows) == 3
    assert AuditEntry.objects.get(verb="exported people").details == {"in": ["A"], "not in": ["B"]}


def test_members_are_exported_with_the_columns_one_chose(cast: Cast) -> None:
    take_in([identify("u1", traits={"email": "ann@x.org", "city": '=cmd|"/c calc"!A0', "tags": ["a", "b"]})])
    profile = Profile.objects.get()
    segment = a_segment("S", [profile.pk])
    url = f"/segments/{segment.pk}/export/"
    assert "Download CSV" in get(cast.client("mara"), url)
    asked = f"{url}csv/?namespaces=email&namespaces=user_id&traits=city&traits=tags&since=on"
    rows = list(csv.reader(cast.client("mara").get(asked).getvalue().decode().splitlines()))
    assert rows[0] == ["id", "name", "in it since", "email", "user_id", "city", "tags"]
    assert rows[1][3:] == ["ann@x.org", "u1", '\'=cmd|"/c calc"!A0', "a | b"]
    assert AuditEntry.objects.get(verb="exported segment").details["columns"] == rows[0]
    assert cast.client("mara").get(f"{url}csv/?traits=no-such").status_code == 422
    assert cast.client("vic").get(f"{url}csv/").status_code == 403


def test_the_export_holds_everybody_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segments.export.BATCH", 7)
    segment = a_segment("S", people(30))
    rows = cast.client("mara").get(f"/segments/{segment.pk}/export/csv/").getvalue().decode().splitlines()
    assert len(set(rows)) == 31


@pytest.fixture
def viewers() -> Segment:
    take_in([track("ann", VIEW), identify("ann", traits={"email": "ann@x.org"})])
    take_in([identify("bob", traits={"email": "bob@x.org"}), identify("bill", traits={"email": "bill@x.org"})])
    segment = a_segment("S", rule=rule(event(VIEW, window=last(7))), as_of=None, is_stale=True)
    refresh_fully(segment.pk, now=THEN, zone=UTC)
    return segment


def test_why_somebody_is_in_and_somebody_else_is_not(cast: Cast, viewers: Segment) -> None:
    vic, url = cast.client("vic"), f"/segments/{viewers.pk}/explain/"
    answer = vic.get(f"{url}?who=bob@x.org", follow=True)
    page = answer.content.decode()
    assert not answer.context["explanation"].is_in
    assert "who did Product Viewed in the last 7 days" in page
    assert "Never entered or left so far" in page
    page = vic.get(f"{url}?who=email:ann@x.org", follow=True).content.decode()
    assert "Entered because the segment was new" in page
    assert "Several people are known by that" in get(vic, f"{url}?who=b")
    assert "Nobody is known by that" in get(vic, f"{url}?who=zoe")
    assert "Nobody is known by that" in get(vic, f"{url}?who=%00")
    assert vic.get(f"/segments/{viewers.pk}/why/999999/").status_code == 404


def test_the_fragment_for_lists_is_no_whole_page(cast: Cast, viewers: Segment) -> None:
    pk = Profile.objects.first().pk  # type: ignore[union-attr]
    answer = cast.client("vic").get(f"/segments/{viewers.pk}/why/{pk}/", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()


def test_a_persons_segments_since_until_and_history(cast: Cast, viewers: Segment) -> None:
    refresh_changes(now=THEN, zone=UTC)
    ann = Profile.objects.get(pk=Membership.objects.get().profile_id)
    vic = cast.client("vic")
    assert reverse("segments:until", args=[ann.uuid]) in get(vic, reverse("segments:of_person", args=[ann.uuid]))
    known = vic.get(reverse("segments:until", args=[ann.uuid])).context["known"]
    assert [segment.name for segment, *_ in known] == ["S"]
    history = get(vic, reverse("segments:history_of_person", args=[ann.uuid]))
    assert "the segment was new" in history
    assert vic.get(f"{reverse('segments:history_of_person', args=[ann.uuid])}?after=x").status_code == 400


def test_the_page_asks_for_a_refresh(cast: Cast) -> None:
    segment = a_segment("S")
    url = f"/segments/{segment.pk}/refresh/"
    assert cast.client("vic").post(url).status_code == 403
    assert cast.client("mara").post(url).status_code == 302


def test_audit_pages(cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    vic = cast.client("vic")
    assert "Nothing to look after yet" in get(vic, "/segments/audit/")
    ids = people(50)
    chosen = [a_segment(f"S{n:02}", ids[: 50 - n]) for n in range(14)]
    for url in ("/segments/audit/", "/segments/audit/pairs/", "/segments/audit/matrix/"):
        get(vic, url)
        with django_assert_max_num_queries(20):
            get(vic, url)
    assert len(vic.get("/segments/audit/matrix/").context["chosen"]) == 8
    query = "&".join(f"of={one.pk}" for one in chosen)
    refused = vic.get(f"/segments/audit/matrix/?{query}")
    assert refused.status_code == 422
    assert "Choose at most 12" in refused.content.decode()
    rows = vic.get(f"/segments/audit/matrix/?of={chosen[0].pk}&of={chosen[10].pk}").context["rows"]
    assert [round(cell["share"], 2) for _, cells in rows for cell in cells if "share" in cell] == [0.8, 1.0]


def test_computed_traits_set_people_apart_as_well(cast: Cast) -> None:
    ids = people(200)
    spent = a_computed_trait("spent", "number", is_zero_without=True)
    stage = a_computed_trait("stage", "text")
    seen = a_computed_trait("seen", "duration")
    ComputedValue.objects.bulk_create(
        [ComputedValue(profile_id=pk, trait_id=spent.pk, number=100 + n) for n, pk in enumerate(ids[:60])]
        + [ComputedValue(profile_id=pk, trait_id=stage.pk, text="active") for pk in ids[:60]]
        + [ComputedValue(profile_id=pk, trait_id=seen.pk, at=NOW - timedelta(days=n)) for n, pk in enumerate(ids)]
    )
    segment = a_segment("S", ids[:60], rule=rule(event(BUY)))
    found = differences(segment, without=[], also=[partial(computed, now=NOW)]).differences
    told = {(one.thing.name, one.thing.value, one.is_more) for one in found}
    assert ("stage", "is active", True) in told
    assert ("spent", "is 0", False) in told
    assert ("seen", "is at most 49", True) in told


def a_computed_trait(key: str, kind: str, **more: bool) -> ComputedTrait:
    times = {"as_of": NOW, "created_at": NOW, "changed_at": NOW}
    return ComputedTrait.objects.create(key=key, label=key, definition={}, type=kind, **times, **more)
