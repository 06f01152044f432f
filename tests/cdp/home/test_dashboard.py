"""Home: each number, whom it opens, who may see it, and that it stays quick."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Endpoint, Feed
from cdp.accounts.models import Source, User
from cdp.events import shapes
from cdp.events.models import EventVolume, InboxBatch
from cdp.home import growth, kept, views
from cdp.home.span import SpanForm
from cdp.profiles.models import Profile
from identity.models import Candidate
from segments.models import Segment, SegmentSize
from tests.cast import Cast
from tests.factories import a_write_key
from tests.taking_in import identify, take_in, track

pytestmark = pytest.mark.django_db
PARTS = [
    *("home_people", "home_people_chart", "home_live", "home_problems", "home_duplicates"),
    *("home_segments", "home_campaigns", "home_events_chart", "home_revenue_chart", "home_predictions"),
]
MOST_QUERIES = 24


def part(cast: Cast, name: str, query: str = "", *, who: str = "ada") -> str:
    answer = cast.client(who).get(f"{reverse(name)}?{query}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def numbers(html: str) -> list[str]:
    return re.findall(r'class="stat-number">\s*([^<]*?)\s*<', html)


def three_people() -> None:
    """Ada and Bea of today, of whom one was a nameless visitor first; Carl of long ago."""
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=200)
    take_in([identify("carl", at=long_ago, traits={"email": "carl@example.com"})], now=long_ago)
    take_in([track("", "Viewed", at=now, anonymousId="a1")], now=now)
    order = {"order_id": "1", "total": 40, "currency": "EUR"}
    take_in(
        [
            identify("ada", at=now, anonymousId="a1", traits={"email": "ada@example.com"}),
            track("ada", "Order Completed", at=now, properties=order),
            track("bea", "Viewed", at=now),
        ],
        now=now,
    )
    shapes.fold(now=now)


def test_people_are_counted_and_each_number_opens_those_people(cast: Cast) -> None:
    three_people()
    page = part(cast, "home_people", who="vic")
    n_merged = Profile.objects.exclude(merged_into=None).count()
    assert numbers(page) == ["3", "2", str(n_merged), "2"]
    opened = [cast.client("vic").get(url) for url in re.findall(r'href="([^"]+)"', page)]
    assert [len(answer.context["lines"]) for answer in opened] == [3, 2, n_merged, 2]


def test_a_range_of_ones_own_counts_those_days_only(cast: Cast) -> None:
    three_people()
    day = (timezone.now() - timedelta(days=200)).date()
    query = f"first={day - timedelta(days=1)}&last={day + timedelta(days=1)}"
    page = part(cast, "home_people", query)
    assert numbers(page) == ["3", "1", "0", "1"]
    [new] = [url for url in re.findall(r'href="([^"]+)"', page) if "known_from" in url]
    assert "carl@example.com" in cast.client("ada").get(new).content.decode()


def test_the_charts_tell_what_happened_and_what_was_earned(cast: Cast) -> None:
    three_people()
    assert '"name": "Order Completed"' in part(cast, "home_events_chart")
    revenue = part(cast, "home_revenue_chart")
    assert "40.00 EUR" in revenue and "1 order" in revenue
    assert '"name": "New"' in part(cast, "home_people_chart", "days=7")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("first=2026-02-02&last=2026-02-01", "The first day, 2 Feb 2026, lies after the last one, 1 Feb 2026."),
        ("first=2026-02-02", "Choose both days"),
        ("first=2020-01-01&last=2026-01-01", "two years at most"),
        ("first=9000-01-01&last=9000-01-02", "still to come"),
        ("first=yesterday&last=2026-01-01", "Enter a valid date"),
        ("days=31", "Choose 7, 30 or 90 days"),
    ],
)
def test_days_that_make_no_sense_are_refused_in_a_sentence(cast: Cast, query: str, words: str) -> None:
    answer = cast.client("vic").get(f"/?{query}")
    assert answer.status_code == 422
    assert words in unescape(answer.content.decode())
    assert SpanForm({}, now=timezone.now(), zone=answer.context["span"].zone).span == answer.context["span"]


def test_an_empty_deployment_leads_to_the_first_steps(cast: Cast) -> None:
    page = cast.client("vic").get("/").content.decode()
    assert "No data comes in yet" in page and reverse("getting_started") in page
    for name in PARTS:
        assert part(cast, name)


def test_each_role_sees_the_parts_it_may_see(cast: Cast) -> None:
    three_people()
    page = cast.client("vic").get("/").content.decode()
    assert all(reverse(name) in page for name in PARTS)
    User.objects.get(email="vic@example.com").groups.clear()
    assert not any(reverse(name) in cast.client("vic").get("/").content.decode() for name in PARTS)


def test_segments_are_told_by_how_they_moved(cast: Cast) -> None:
    now = timezone.now()
    for name, before, size in (("Up", 10, 14), ("Down", 9, 2), ("Still", 5, 5)):
        one = Segment.objects.create(name=name, rule={}, created_at=now, changed_at=now, as_of=now, size=size)
        SegmentSize.objects.create(segment_id=one.pk, at=now - timedelta(days=40), size=before)
        if size != before:
            SegmentSize.objects.create(segment_id=one.pk, at=now, size=size)
    new = Segment.objects.create(name="New", rule={}, created_at=now, changed_at=now, as_of=now, size=3)
    SegmentSize.objects.create(segment_id=new.pk, at=now - timedelta(days=1), size=1)
    span = SpanForm({"days": "30"}, now=now, zone=timezone.get_current_timezone()).span
    found = growth.growth(span, now=now)
    assert [(one.name, one.change, one.is_new) for one in found.growing] == [("Up", 4, False), ("New", 2, True)]
    assert [(one.name, one.change) for one in found.shrinking] == [("Down", -7)]
    assert found.n_still == 1 and found.growing[0].line
    assert "4 segments" in part(cast, "home_segments")


def test_what_is_wrong_is_said_with_the_worst_first_and_to_whom_it_concerns(cast: Cast) -> None:
    now = timezone.now()
    take_in([track(event="Nobody's", messageId="lost")], now=now)
    key, _ = a_write_key(Source.objects.create(name="Till"))
    key.last_used_at = now - timedelta(days=3)
    key.save()
    for back in range(3, 13):
        EventVolume.objects.create(source_id=key.source_id, name="Sold", on=now.date() - timedelta(days=back), n=9)
    InboxBatch.objects.create(source_id=1, call="track", body=b"{}", received_at=now - timedelta(minutes=5))
    Segment.objects.create(name="Bad", rule={}, created_at=now, changed_at=now, error="No such trait")
    Feed.objects.create(key="w", name="Weather", url="http://x", last_failed_at=now, created_at=now, changed_at=now)
    Endpoint.objects.create(name="Chat", url="http://x", state="disabled", secret=b"", created_at=now, changed_at=now)
    page = part(cast, "home_problems")
    for words in (
        "not taken in",
        "“Till” sends on most days",
        "“Bad” cannot",
        "“Weather” fails",
        "“Chat” was switched",
    ):
        assert words in page
    assert page.index("“Weather” fails") < page.index("1 event in quarantine")
    assert "“Chat”" not in part(cast, "home_problems", who="vic")


def test_duplicates_that_wait_lead_stewards_to_the_queue(cast: Cast) -> None:
    now = timezone.now()
    Candidate.objects.create(record_a=1, record_b=2, weight=3, probability=0.8, found_at=now)
    assert numbers(part(cast, "home_duplicates", who="stew")) == ["1"]
    assert reverse("identity:review") in part(cast, "home_duplicates", who="stew")
    assert reverse("identity:review") not in part(cast, "home_duplicates", who="vic")


def test_what_arrives_is_counted_by_the_minute(cast: Cast) -> None:
    three_people()
    page = part(cast, "home_live")
    assert numbers(page) == ["0.6"]
    assert "Order Completed" in page and "nothing waits" in page


def test_no_part_asks_the_database_much(cast: Cast) -> None:
    """With the request's own: session, person, permissions, and what keeps a count within its time."""
    three_people()
    client = cast.client("ada")
    client.get("/")
    for name in ["home", *PARTS]:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name)).status_code == 200
        assert len(queries) <= MOST_QUERIES, (name, len(queries))


def test_what_takes_long_is_counted_by_a_worker_and_its_age_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    slow, now = _counter(), timezone.now()
    monkeypatch.setattr(kept, "_in_time", lambda *_: None)

    def ask(*call: str) -> None:
        asked.append(call)

    key = f"days-{now.timestamp()}"
    for _ in range(2):
        found = kept.look_up(slow, key, now=now, ask=ask)
        assert found.value is None and found.is_counted_anew
    assert asked == [("counted_slowly", key)]
    kept.count_and_keep("counted_slowly", key, now=now)
    assert kept.look_up(slow, key, now=now, ask=ask).value == 7
    later = now + timedelta(hours=1)
    old = kept.look_up(slow, key, now=later, ask=ask)
    assert (old.value, old.at, old.is_counted_anew) == (7, now, True)
    assert len(asked) == 2


def test_an_old_number_is_replaced_once_a_newer_one_is_there(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    at = timezone.now() - timedelta(hours=2)
    old = kept.Kept({"orders": [1], "revenue": [5.0]}, at, 3.0, True)
    monkeypatch.setattr(views, "look_up", lambda *_, **__: old)
    page = part(cast, "home_revenue_chart")
    [again] = re.findall(r'hx-get="([^"]+)"', page)
    assert "counting anew" in page
    assert cast.client("ada").get(again).status_code == 204
    monkeypatch.setattr(views, "look_up", lambda *_, **__: kept.Kept(old.value, timezone.now(), 3.0))
    assert "counting anew" not in cast.client("ada").get(again).content.decode()


def _counter() -> Callable[..., int]:
    @kept.counter
    def counted_slowly(_: str) -> int:
        return 7

    return counted_slowly
