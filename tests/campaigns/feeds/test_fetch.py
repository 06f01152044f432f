"""Feeds for a batch: what is asked, what is kept, what stands in for what failed, and that nothing stops a send."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.feeds import answers as kept_answers
from campaigns.feeds.breaker import IN_A_ROW, REST_S
from campaigns.feeds.fetch import Answer
from campaigns.models import Feed
from tests.campaigns.feeds.making import a_cache, a_feed, asking, living_in
from tests.cdp.common.outbound.answering import answer
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SUNNY = answer(b'{"sky": "sunny"}')


def later(**span: float) -> Any:
    return NOW + timedelta(**span)


def test_one_request_per_distinct_address() -> None:
    feed = a_feed(headers={"X-Api-Key": "s3cret"})
    with asking(lambda request: answer(f'"{request.split()[1]}"'.encode())) as asked:
        got = asked(feed, living_in("Ulm", "Bonn", "Ulm", "São Paulo", "Ulm", None))
    assert [one.value for one in got] == [
        "/weather?city=Ulm",
        "/weather?city=Bonn",
        "/weather?city=Ulm",
        "/weather?city=S%C3%A3o%20Paulo",
        "/weather?city=Ulm",
        "/weather?city=",
    ]
    assert [(one.source, one.why) for one in got] == [("asked", "")] * 6
    assert len(asked.paths) == 4
    assert all("\r\nX-Api-Key: s3cret\r\n" in request for request in asked.server.requests)
    assert all("\r\nAccept: application/json\r\n" in request for request in asked.server.requests)


def test_answers_are_kept_as_long_as_the_feed_says() -> None:
    feed = a_feed(cache_s=60)
    with asking(lambda _: SUNNY) as asked:
        assert asked(feed, living_in("Ulm"))[0].source == "asked"
        assert asked(feed, living_in("Ulm", "Bonn"), now=later(seconds=59)) == [
            Answer({"sky": "sunny"}, source="cache"),
            Answer({"sky": "sunny"}, source="asked"),
        ]
        assert asked(feed, living_in("Ulm"), now=later(seconds=60))[0].source == "asked"
    assert len(asked.paths) == 3


def test_nothing_is_kept_where_the_feed_says_so() -> None:
    feed = a_feed(cache_s=0)
    with asking(lambda _: SUNNY) as asked:
        asked(feed, living_in("Ulm"))
        assert asked(feed, living_in("Ulm"))[0].source == "asked"


def test_a_changed_feed_does_not_get_what_the_old_one_answered() -> None:
    feed = a_feed()
    with asking(lambda _: SUNNY) as asked:
        asked(feed, living_in("Ulm"))
        Feed.objects.filter(pk=feed.pk).update(changed_at=later(seconds=1))
        assert asked(feed, living_in("Ulm"))[0].source == "asked"


def test_an_older_answer_stands_in_then_the_fallback() -> None:
    feed = a_feed(cache_s=60, fallback={"sky": "unknown"})
    replies = [SUNNY, answer(status="503 Unavailable"), answer(status="503 Unavailable")]
    with asking(lambda _: replies.pop(0)) as asked:
        asked(feed, living_in("Ulm"))
        assert asked(feed, living_in("Ulm", "Bonn"), now=later(seconds=61)) == [
            Answer({"sky": "sunny"}, "It answered 503.", source="stale"),
            Answer({"sky": "unknown"}, "It answered 503.", source="fallback"),
        ]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (answer(status="500 Oops"), "It answered 500."),
        (answer(status="404 Not Found"), "It answered 404."),
        (answer(status="204 No Content", body=b""), "Its answer is not JSON."),
        (answer(b"<html>"), "Its answer is not JSON."),
        (answer(b""), "Its answer is not JSON."),
        (answer(b"[" * 5000 + b"]" * 5000), "Its answer is not JSON."),
        (answer(b'{"a": NaN}'), "Its answer is not JSON."),
        (answer(b'"' + b"x" * 13_000 + b'"'), "The answer is larger than 12,000 bytes."),
        (answer(status="302 Found", headers=["Location: http://127.0.0.1/"]), "The address is private or reserved"),
        (answer(status="302 Found", headers=["Location: /"]), "It redirects more than 3 times."),
        (b"no http\r\n\r\n", "The host does not answer as HTTP demands."),
    ],
)
def test_what_fails_takes_the_fallback(reply: bytes, why: str) -> None:
    feed = a_feed(most_bytes=12_000, fallback=[1])
    with asking(lambda _: reply) as asked:
        got = asked(feed, living_in("Ulm"))[0]
    assert (got.value, got.source) == ([1], "fallback")
    assert got.why.startswith(why)
    row = Feed.objects.get(pk=feed.pk)
    assert (row.last_ok_at, row.last_failed_at) == (None, NOW)
    assert row.last_error == got.why
    assert "Ulm" not in row.last_error


def test_a_host_that_is_private_is_not_asked() -> None:
    with asking(lambda _: SUNNY) as asked:
        for url in ("http://169.254.169.254/latest", "http://127.0.0.1:8080/", "http://localhost/"):
            got = asked(a_feed(url), [{}])[0]
            assert (got.value, got.source) == (None, "none")
            assert "not asked" in got.why
    assert asked.paths == []


def test_the_schema_is_held_to_and_says_where_without_saying_what() -> None:
    schema = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": {"properties": {"price": {"type": "number"}}}}},
    }
    feed = a_feed(schema=schema, fallback={"items": []})
    with asking(lambda _: answer(b'{"items": [{"price": 1}, {"price": "ada@example.com"}]}')) as asked:
        got = asked(feed, living_in("Ulm"))[0]
    assert got.value == {"items": []}
    assert "items[1].price" in got.why
    assert "ada" not in got.why
    assert "ada" not in Feed.objects.get(pk=feed.pk).last_error
    with asking(lambda _: answer(b'{"items": [{"price": 1}]}')) as asked:
        assert asked(feed, living_in("Ulm"))[0].value == {"items": [{"price": 1}]}


def test_a_wrong_answer_is_not_kept() -> None:
    feed = a_feed(schema={"type": "array"})
    replies = [answer(b"{}"), answer(b"[]")]
    with asking(lambda _: replies.pop(0)) as asked:
        assert asked(feed, living_in("Ulm"))[0].source == "none"
        assert asked(feed, living_in("Ulm"))[0] == Answer([], source="asked")


def test_unknown_archived_and_unreadable_feeds(settings: Any) -> None:
    archived = a_feed(archived_at=NOW, fallback=1)
    locked = a_feed(headers={"X-Key": "s3cret"}, fallback=2)
    settings.ENCRYPTION_KEYS = ["another key"]
    with asking(lambda _: SUNNY) as asked:
        assert asked("nobody", [{}])[0] == Answer(None, "There is no such feed.", source="none")
        assert asked(archived, [{}])[0] == Answer(1, "The feed was archived.", source="fallback")
        got = asked(locked, [{}])[0]
    assert (got.value, got.source) == (2, "fallback")
    assert "key that is gone" in got.why
    assert asked.paths == []


def test_an_address_that_cannot_be_made_falls_back_for_that_person_alone() -> None:
    feed = a_feed("http://good.test/{{ profile.city }}/x", fallback=0)
    with asking(lambda _: SUNNY) as asked:
        got = asked(feed, living_in("Ulm", "..", "../..", "Bonn"))
    assert [one.source for one in got] == ["asked", "fallback", "fallback", "asked"]
    assert asked.paths == ["/Bonn/x", "/Ulm/x"]


def test_requests_run_at_once() -> None:
    """Sixteen answers that each take 0.1 s, and a feed beside them: together far less than one after the other."""
    slow, quick = a_feed(), a_feed("http://good.test/quick")

    def replies(request: str) -> Iterator[bytes]:
        if "quick" not in request:
            servers[0].is_left.wait(0.1)
        yield SUNNY

    with asking(replies) as asked:
        servers = [asked.server]
        began = time.monotonic()
        assert {one.source for one in asked(slow, living_in(*range(16)))} == {"asked"}
        assert time.monotonic() - began < 0.8
        assert asked(quick, [{}])[0].source == "asked"


def test_a_slow_endpoint_costs_its_time_out() -> None:
    feed = a_feed(timeout_ms=100, fallback=0)

    def replies(request: str) -> Iterator[bytes]:
        servers[0].is_left.wait(5)
        yield SUNNY

    with asking(replies) as asked:
        servers = [asked.server]
        began = time.monotonic()
        got = asked(feed, living_in("Ulm"))[0]
        assert time.monotonic() - began < 1
    assert (got.source, got.why) == ("fallback", "No whole answer within 0.1 s.")


def test_a_dead_endpoint_does_not_slow_a_send() -> None:
    """5,000 addresses in ten batches, each time-out 50 ms: asked one after the other they would take 250 s."""
    feed = a_feed(timeout_ms=50, fallback=0)

    def replies(request: str) -> Iterator[bytes]:
        servers[0].is_left.wait(5)
        yield b""

    with asking(replies) as asked:
        servers = [asked.server]
        began = time.monotonic()
        for batch in range(10):
            got = asked(feed, living_in(*range(batch * 500, batch * 500 + 500)), now=later(seconds=batch))
            assert {one.value for one in got} == {0}
        assert time.monotonic() - began < 5
        n_first = len(asked.server.requests)
        assert n_first < IN_A_ROW + 2 * 16
        # After its rest one request tries, alone.
        asked(feed, living_in(*range(50)), now=later(seconds=REST_S + 1))
        assert len(asked.server.requests) == n_first + 1


def test_an_endpoint_that_came_back_is_asked_again() -> None:
    feed = a_feed(fallback=0)
    is_down = [True]
    with asking(lambda _: answer(status="500 Oops") if is_down[0] else SUNNY) as asked:
        asked(feed, living_in(*range(100)))
        n_first = len(asked.server.requests)
        is_down[0] = False
        resting = asked(feed, living_in("Ulm"), now=later(seconds=REST_S - 1))[0]
        assert resting.why == "It failed several times in a row and is left alone for a while."
        assert len(asked.server.requests) == n_first
        got = asked(feed, living_in(*range(100)), now=later(seconds=REST_S + 1))
        assert {one.source for one in got} == {"asked"}


def test_persons_without_an_answer_do_not_count_as_an_endpoint_that_is_down() -> None:
    feed = a_feed(fallback=0)
    with asking(lambda request: SUNNY if "=Ulm" in request else answer(status="404 Not Found")) as asked:
        got = asked(feed, living_in(*range(100), "Ulm"))
    assert len(asked.paths) == 101
    assert got[-1].value == {"sky": "sunny"}


def test_a_batch_has_an_end() -> None:
    feed = a_feed(timeout_ms=5000, fallback=0)

    def replies(request: str) -> Iterator[bytes]:
        servers[0].is_left.wait(0.05)
        yield SUNNY

    with asking(replies) as asked:
        servers = [asked.server]
        began = time.monotonic()
        got = asked(feed, living_in(*range(400)), within_s=0.4)
        assert time.monotonic() - began < 1.5
    assert {one.source for one in got} == {"asked", "fallback"}


def test_without_a_cache_everything_is_asked() -> None:
    away = RedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 0.1}})
    feed = a_feed()
    with asking(lambda _: SUNNY, cache=away) as asked:
        assert [one.source for one in asked(feed, living_in("Ulm", "Bonn"))] == ["asked", "asked"]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "MOST_KEPT_BYTES", 100)
    feed = a_feed()
    with asking(lambda _: SUNNY) as asked:
        asked(feed, living_in(*range(3)))
        asked(feed, living_in(*range(3, 40)))
        got = asked(feed, living_in(*range(40)))
    assert [one.source for one in got[:3]] == ["cache"] * 3
    assert {one.source for one in got[3:]} == {"asked"}


def test_no_name_stands_in_the_cache() -> None:
    feed, cache = a_feed(), a_cache()
    with asking(lambda _: SUNNY, cache=cache) as asked:
        asked(feed, living_in("Entenhausen"))
    assert not any("Entenhausen" in key for key in cache._cache)  # type: ignore[attr-defined]


def test_few_queries_for_many() -> None:
    feeds = [a_feed() for _ in range(3)]
    with asking(lambda _: SUNNY) as asked, CaptureQueriesContext(connection) as queries:
        asked(feeds[0], living_in(*range(200)))
        asked(feeds[1], living_in(*range(200)))
    assert len(queries) <= 4


def test_counters_are_not_written_again_and_again() -> None:
    feed = a_feed(cache_s=0)
    with asking(lambda _: SUNNY) as asked:
        asked(feed, living_in("Ulm"))
        asked(feed, living_in("Ulm"), now=later(seconds=5))
        assert Feed.objects.get(pk=feed.pk).last_ok_at == NOW
        asked(feed, living_in("Ulm"), now=later(seconds=11))
        assert Feed.objects.get(pk=feed.pk).last_ok_at == later(seconds=11)


def test_how_a_feed_does_is_what_its_last_batch_got() -> None:
    feed = a_feed(cache_s=0)
    down: set[str] = set()
    with asking(
        lambda request: SUNNY if request.split()[1][-1] not in down else answer(status="404 Not Found")
    ) as asked:
        for second, (who, gone, is_failing, is_mixed) in enumerate(
            [
                ("ab", "", False, False),
                ("ab", "b", False, True),
                ("ab", "ab", True, False),
                ("ab", "a", False, True),
                ("ab", "", False, False),
                ("ab", "ab", True, False),
                ("ab", "", False, False),
            ]
        ):
            down.clear()
            down.update(gone)
            asked(feed, living_in(*who), now=later(seconds=second))
            row = Feed.objects.get(pk=feed.pk)
            assert (row.is_failing, row.is_mixed) == (is_failing, is_mixed), second
