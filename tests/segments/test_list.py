"""The list of segments: filters, sorting, verbs for many, export; what it costs."""

import csv
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cdp.accounts.models import AuditEntry
from cdp.common.clock import utc_now
from segments.models import Segment, SegmentSize
from segments.sizes import sizes_of
from tests.cast import Cast
from tests.factories import NOW
from tests.segments.laid import a_segment, in_segment, people

pytestmark = pytest.mark.django_db
LIST = "/segments/"


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    return [line.segment.name for line in answer.context["lines"]]


def test_it_costs_the_same_queries_however_many_segments(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first = a_segment("000", people(2))
    for n in range(1, 60):
        a_segment(f"{n:03}", rule=in_segment(first), folder=f"F{n % 3}")
    client = cast.client("mara")
    client.get(LIST)
    with django_assert_max_num_queries(20):
        assert len(shown(client)) == 50
    with django_assert_max_num_queries(18):
        client.get("/segments/export/").getvalue()


def test_filters_stay_in_the_address_and_pages_follow_each_other(cast: Cast) -> None:
    for n in range(60):
        a_segment(f"S{n:02}", folder="Lifecycle")
    a_segment("Elsewhere")
    client = cast.client("vic")
    first = client.get(f"{LIST}?folder=Lifecycle&sort=-name")
    second = client.get(f"{LIST}?folder=Lifecycle&sort=-name&after={first.context['page'].next}")
    names = [line.segment.name for page in (first, second) for line in page.context["lines"]]
    assert names == [f"S{n:02}" for n in range(59, -1, -1)]
    assert "folder=Lifecycle&amp;sort=-name&amp;after=" in first.content.decode()


def test_each_filter_and_sort(cast: Cast) -> None:
    ids = people(3)
    a_segment("Buyers", ids, description="who paid", changed_at=NOW + timedelta(days=1))
    a_segment("Daily", ids[:1], pace="daily", folder="Slow")
    a_segment("Fixed", kind="static")
    a_segment("Broken", error="no such event", is_stale=True)
    a_segment("Waiting", is_stale=True)
    a_segment("Gone", archived_at=NOW)
    client = cast.client("vic")
    kept = ["Broken", "Buyers", "Daily", "Fixed", "Waiting"]
    assert shown(client) == kept
    assert shown(client, "?q=paid") == ["Buyers"]
    assert shown(client, "?pace=daily") == shown(client, "?folder=Slow") == ["Daily"]
    assert shown(client, "?kind=static") == ["Fixed"]
    assert shown(client, "?folder=-") == ["Broken", "Buyers", "Fixed", "Waiting"]
    assert shown(client, "?state=failed") == ["Broken"]
    assert shown(client, "?state=waiting") == ["Waiting"]
    assert shown(client, "?state=right") == ["Buyers", "Daily", "Fixed"]
    assert shown(client, "?state=archived") == ["Gone"]
    assert shown(client, "?sort=-size")[:2] == ["Buyers", "Daily"]
    assert shown(client, "?sort=-changed")[0] == "Buyers"
    assert shown(client, "?kind=nonsense&sort=nonsense") == kept
    assert client.get(f"{LIST}?after=x").status_code == 400


def test_sizes_are_carried_over_days_on_which_nothing_changed() -> None:
    segment = a_segment("S", now=NOW - timedelta(days=90))
    for days, size in ((40, 5), (20, 8), (3, 2)):
        SegmentSize.objects.create(segment_id=segment.pk, at=NOW - timedelta(days=days), size=size)
    found = sizes_of([segment.pk], now=NOW, zone=ZoneInfo("UTC"))[segment.pk]
    assert found.per_day == (5,) * 9 + (8,) * 17 + (2,) * 4
    assert found.change_in_week == -6
    assert len(found.line().split()) == 30


def test_a_segment_without_a_past_is_new(cast: Cast) -> None:
    now = utc_now()
    segment = a_segment("S", people(1), now=now)
    SegmentSize.objects.create(segment_id=segment.pk, at=now, size=1)
    assert ">new<" in cast.client("vic").get(LIST).content.decode()


def test_many_are_archived_moved_and_restored_by_who_may(cast: Cast) -> None:
    base = a_segment("Base")
    built = a_segment("Built on it", rule=in_segment(base))
    mara, url = cast.client("mara"), reverse("segments:many")
    both = [base.pk, built.pk]
    assert mara.post(url, {"verb": "move", "segment": both, "folder": "Old"}).status_code == 302
    assert set(Segment.objects.values_list("folder", flat=True)) == {"Old"}
    mara.post(url, {"verb": "archive", "segment": both})
    assert shown(mara) == []
    assert shown(mara, "?state=archived") == ["Base", "Built on it"]
    mara.post(url, {"verb": "restore", "segment": both, "next": "/segments/?state=archived"})
    assert shown(mara) == ["Base", "Built on it"]
    assert set(Segment.objects.values_list("is_stale", flat=True)) == {True}
    assert AuditEntry.objects.filter(verb="archived segment").count() == 2
    assert cast.client("vic").post(url, {"verb": "archive", "segment": both}).status_code == 403


def test_what_is_used_is_not_archived_and_says_by_what(cast: Cast) -> None:
    base = a_segment("Base")
    a_segment("Built on it", rule=in_segment(base))
    answer = cast.client("mara").post(reverse("segments:many"), {"verb": "archive", "segment": [base.pk]}, follow=True)
    assert "“Base” was not archived: it is used by Built on it" in answer.content.decode()
    assert Segment.objects.get(pk=base.pk).archived_at is None


def test_a_segment_built_on_an_archived_one_is_not_restored_before_it(cast: Cast) -> None:
    base = a_segment("Base", archived_at=NOW)
    built = a_segment("Built on it", rule=in_segment(base), archived_at=NOW)
    answer = cast.client("mara").post(reverse("segments:many"), {"verb": "restore", "segment": [built.pk]}, follow=True)
    assert "was not restored" in answer.content.decode()


@pytest.mark.parametrize("data", [{}, {"verb": "burn"}, {"verb": "archive"}, {"verb": "archive", "segment": ["x"]}])
def test_nonsense_changes_nothing(cast: Cast, data: dict[str, object]) -> None:
    segment = a_segment("S")
    to = {"next": "https://evil.example/"}
    answer = cast.client("mara").post(reverse("segments:many"), {**data, **to})
    assert answer.headers["Location"] == LIST
    assert Segment.objects.get(pk=segment.pk).archived_at is None


def test_the_export_is_what_is_seen(cast: Cast) -> None:
    a_segment("=HYPERLINK(1)", people(2), folder="Odd")
    a_segment("Other")
    text = cast.client("vic").get("/segments/export/?folder=Odd").getvalue().decode()
    rows = list(csv.reader(text.splitlines()))
    assert [row[1] for row in rows[1:]] == ["'=HYPERLINK(1)"]
    assert rows[1][4] == "2"


def test_empty_lists_say_what_to_do(cast: Cast) -> None:
    mara, vic = cast.client("mara"), cast.client("vic")
    assert "No segment yet" in mara.get(LIST).content.decode()
    assert "A marketer can build one" in vic.get(LIST).content.decode()
    a_segment("Gone", archived_at=NOW)
    assert "All segments are archived" in vic.get(LIST).content.decode()
    assert "No segment is like that" in vic.get(f"{LIST}?q=zzz").content.decode()
