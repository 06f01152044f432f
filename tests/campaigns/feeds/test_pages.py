"""Feeds in the browser: set up, tried as a person, archived; secrets go in and never come out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.feeds.address import host_of, read_address
from campaigns.feeds.ask import judge
from campaigns.feeds.definition import define, unsealed
from campaigns.feeds.first import lay_out_feed
from campaigns.models import Feed, Template
from cdp.accounts.models import AuditEntry
from cdp.common.outbound import Received
from cdp.common.outbound import policy_by_settings as open_policy
from tests.campaigns.feeds.making import a_feed
from tests.cast import Cast
from tests.cdp.common.outbound.answering import Answering, answer
from tests.factories import NOW
from tests.taking_in import identify, take_in

SECRET = "Bearer s3cret-token"
FILLED = {
    "name": "Weather",
    "url": "https://api.example.com/w?city={{ profile.city }}",
    "timeout_ms": "800",
    "cache_s": "300",
    "most_kb": "50",
    "schema": '{"type": "object"}',
    "fallback": "{}",
}


def test_a_marketer_sets_one_up(cast: Cast) -> None:
    client = cast.client("mara")
    made = client.post(
        reverse("campaigns:feed_new"), {**FILLED, "header_1": "Authorization", "value_1": SECRET}, follow=True
    )
    feed = Feed.objects.get()
    assert made.redirect_chain == [(reverse("campaigns:feed", args=[feed.pk]), 302)]
    assert (feed.key, feed.timeout_ms, feed.cache_s, feed.most_bytes) == ("weather", 800, 300, 50_000)
    assert (feed.schema, feed.fallback) == ({"type": "object"}, {})
    assert SECRET.encode() not in bytes(feed.headers)
    entry = AuditEntry.objects.get(verb="created feed")
    assert entry.details == {"key": "weather", "address": FILLED["url"], "headers": ["Authorization"]}


def test_secrets_are_kept_and_never_shown(cast: Cast, settings: Any) -> None:
    feed = a_feed("https://api.example.com/a", headers={"Authorization": SECRET, "X-Two": "2"}, name="Weather")
    client = cast.client("mara")
    edit = reverse("campaigns:feed_edit", args=[feed.pk])
    for url in (edit, reverse("campaigns:feed", args=[feed.pk]), reverse("campaigns:feeds")):
        page = client.get(url).content.decode()
        assert "s3cret" not in page
    assert "Authorization" in client.get(edit).content.decode()
    changed = {**FILLED, "url": "https://api.example.com/b", "header_1": "Authorization", "value_1": ""}
    assert client.post(edit, changed).status_code == 302
    feed.refresh_from_db()
    assert unsealed(bytes(feed.headers), secrets=settings.ENCRYPTION_KEYS) == {"Authorization": SECRET}
    refused = client.post(edit, {**changed, "value_1": "x\r\nX-Injected: 1"})
    assert refused.status_code == 422
    assert "s3cret" not in refused.content.decode()


@pytest.mark.parametrize(
    "url", ["https://evil.example.net/b", "http://api.example.com/a", "https://api.example.com:8443/a"]
)
def test_a_secret_does_not_follow_to_another_host(cast: Cast, settings: Any, url: str) -> None:
    feed = a_feed("https://api.example.com/a", headers={"Authorization": SECRET}, name="Weather")
    client, edit = cast.client("mara"), reverse("campaigns:feed_edit", args=[feed.pk])
    moved = {**FILLED, "url": url, "header_1": "Authorization", "value_1": ""}
    refused = client.post(edit, moved)
    assert refused.status_code == 422
    assert "Enter the value anew" in refused.content.decode()
    assert client.post(edit, {**moved, "value_1": "new"}).status_code == 302
    feed.refresh_from_db()
    assert unsealed(bytes(feed.headers), secrets=settings.ENCRYPTION_KEYS) == {"Authorization": "new"}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("url", "http://127.0.0.1:8080/", "private or reserved"),
        ("url", "http://localhost/", "own network"),
        ("url", "https://{{ profile.city }}.example.com/", "after the host only"),
        ("url", "https://api.example.com:22/", "Port 22"),
        ("url", "https://u:p@api.example.com/", "user name"),
        ("schema", "{", "not JSON"),
        ("schema", '{"type": "nonsense"}', "At"),
        ("fallback", "{", "not JSON"),
        ("fallback", "NaN", "not JSON"),
        ("fallback", "[]", "breaks the schema at the answer"),
        ("timeout_ms", "60000", "10000"),
        ("key", "a b", "slug"),
        ("header_1", "Host", "a value"),
    ],
)
def test_what_is_refused_stands_at_its_field(cast: Cast, field: str, value: str, message: str) -> None:
    page = cast.client("mara").post(reverse("campaigns:feed_new"), {**FILLED, field: value})
    assert page.status_code == 422
    errors = page.context["form"].errors
    assert message in json.dumps(errors.get_json_data())
    assert not Feed.objects.exists()


def test_names_and_keys_are_given_once(cast: Cast) -> None:
    client = cast.client("mara")
    a_feed(key="weather", name="Weather", archived_at=NOW)
    assert "perhaps an archived one" in client.post(reverse("campaigns:feed_new"), FILLED).content.decode()
    assert client.post(reverse("campaigns:feed_new"), {**FILLED, "key": "weather2"}).status_code == 302
    page = client.post(reverse("campaigns:feed_new"), {**FILLED, "key": "weather3"})
    assert "Another feed has this name" in page.content.decode()


@contextmanager
def tried_on(settings: Any, reply: bytes, **fields: Any) -> Iterator[tuple[Feed, Answering]]:
    """A feed of the own network, and Ada, who lives in São Paulo."""
    take_in([identify("ada", traits={"email": "ada@example.com", "city": "São Paulo"})])
    with Answering(lambda _: reply) as server:
        settings.OUTBOUND_OWN = [f"http://127.0.0.1:{server.port}/api/"]
        yield a_feed(f"http://127.0.0.1:{server.port}/api/?c={{{{ profile.city }}}}", **fields), server


def tried(cast: Cast, feed: Feed, who: str) -> str:
    page = cast.client("mara").post(reverse("campaigns:feed_try", args=[feed.pk]), {"person": who})
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("who", ["ada@example.com", "ada", ""])
def test_trying_it_as_a_person(cast: Cast, settings: Any, who: str) -> None:
    with tried_on(settings, answer(b'{"sky": "sunny"}')) as (feed, server):
        page = tried(cast, feed, who)
    assert server.requests[0].startswith("GET /api/?c=S%C3%A3o%20Paulo HTTP/1.1\r\n")
    assert "/api/?c=S%C3%A3o%20Paulo</code>" in page
    assert "200 in" in page
    assert "&quot;sky&quot;: &quot;sunny&quot;" in page
    assert "A good answer" in page
    feed.refresh_from_db()
    assert feed.last_ok_at is not None


def test_trying_it_shows_where_the_schema_is_broken(cast: Cast, settings: Any) -> None:
    schema = {"properties": {"days": {"items": {"properties": {"low": {"type": "number"}}}}}}
    with tried_on(settings, answer(b'{"days": [{"low": 1}, {"low": "x"}]}'), schema=schema) as (feed, _):
        page = tried(cast, feed, "ada")
    assert "<code>days[1].low</code>" in page
    feed.refresh_from_db()
    assert feed.is_failing
    assert "days[1].low" in feed.last_error


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (answer(b"<script>alert(1)</script>", status="500 Oops"), "&lt;script&gt;"),
        (answer(status="302 Found", headers=["Location: http://127.0.0.1:1/"]), "is not asked"),
        (answer(b"\xff\x00"), "not JSON"),
    ],
)
def test_trying_it_when_it_fails(cast: Cast, settings: Any, reply: bytes, shown: str) -> None:
    with tried_on(settings, reply) as (feed, _):
        page = tried(cast, feed, "ada")
    assert shown in page
    assert "<script>" not in page


def test_trying_it_as_nobody(cast: Cast, settings: Any) -> None:
    feed = a_feed()
    assert "There is nobody yet" in tried(cast, feed, "")
    assert "Nobody is known by" in tried(cast, feed, "somebody\x00")


def test_names_nobody_has_are_told(cast: Cast, settings: Any) -> None:
    with tried_on(settings, answer()) as (feed, _):
        Feed.objects.filter(pk=feed.pk).update(url="http://api.example.com/?c={{ profile.citty }}")
        page = cast.client("vic").get(reverse("campaigns:feed", args=[feed.pk])).content.decode()
    assert "names something nobody is known by" in page
    assert "profile.city" in page


def test_a_viewer_sees_and_changes_nothing(cast: Cast) -> None:
    feed = a_feed(last_ok_at=NOW)
    client = cast.client("vic")
    page = client.get(reverse("campaigns:feed", args=[feed.pk])).content.decode()
    assert "Answers" in page
    assert "Try it" not in page
    assert "Archive" not in page
    assert feed.name in client.get(reverse("campaigns:feeds")).content.decode()


def test_archived_and_restored(cast: Cast) -> None:
    feed, client = a_feed(name="Weather"), cast.client("mara")
    client.post(reverse("campaigns:feed_archive", args=[feed.pk]))
    assert "Weather" not in client.get(reverse("campaigns:feeds")).context["lines"]
    assert client.get(reverse("campaigns:feeds") + "?show=archived").context["lines"][0][0] == feed
    client.post(reverse("campaigns:feed_restore", args=[feed.pk]))
    assert client.get(reverse("campaigns:feeds")).context["lines"][0][0] == feed
    verbs = AuditEntry.objects.filter(target="Weather").values_list("verb", flat=True)
    assert sorted(verbs) == ["archived feed", "restored feed"]


@pytest.mark.parametrize(
    ("block", "is_named"),
    [
        ({"kind": "feed", "feed": "weather"}, True),
        ({"kind": "products", "source": {"kind": "feed", "feed": "weather", "path": "items"}}, True),
        ({"kind": "text", "text": "{{ feeds.weather.sky }}"}, True),
        ({"kind": "text", "text": "{% if feeds['weather'].sky %}x{% endif %}"}, True),
        ({"kind": "text", "text": "the weather"}, False),
        ({"kind": "feed", "feed": "weather-2"}, False),
        ({"kind": "text", "text": "{{ feeds.weather-2.sky }}"}, False),
    ],
)
def test_mails_that_name_it(cast: Cast, block: dict[str, Any], is_named: bool) -> None:
    feed = a_feed(key="weather")
    content = {"version": 2, "subject": "Hi", "preheader": "", "blocks": [{"id": "a", **block}]}
    Template.objects.create(name="Rainy days", kind="saved", content=content, created_at=NOW, changed_at=NOW)
    page = cast.client("vic").get(reverse("campaigns:feed", args=[feed.pk])).content.decode()
    assert ("Rainy days" in page) is is_named


def test_the_list_asks_as_much_for_many_as_for_one(cast: Cast) -> None:
    client = cast.client("mara")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("campaigns:feeds"))
        return len(found)

    a_feed()
    few = queries()
    for _ in range(5):
        a_feed()
    assert queries() == few


def test_secrets_are_sealed_anew(db: None, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = ["old"]
    feed = a_feed(headers={"X-Key": "1"})
    a_feed()
    settings.ENCRYPTION_KEYS = ["new", "old"]
    call_command("seal_secrets", stdout=(said := StringIO()))
    assert "1 feeds" in said.getvalue()
    feed.refresh_from_db()
    assert unsealed(bytes(feed.headers), secrets=["new"]) == {"X-Key": "1"}
    settings.ENCRYPTION_KEYS = ["another"]
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("seal_secrets")


def test_the_demo_shop_has_a_feed_that_works(cast: Cast, settings: Any) -> None:
    lay_out_feed(site=settings.PUBLIC_URL, now=NOW)
    lay_out_feed(site=settings.PUBLIC_URL, now=NOW)
    feed = Feed.objects.get()
    assert open_policy().is_own(host_of(read_address(feed.url)))
    served = cast.client("stranger").get(reverse("demo:weather"), {"city": "berlin"})
    definition = define(feed, secrets=settings.ENCRYPTION_KEYS)
    received = Received(served.status_code, {}, served.content, "", 0, 0.0)
    assert judge(definition, received).why == ""
    assert served.json()["city"] == "Berlin"
    assert cast.client("stranger").get(reverse("demo:weather")).status_code == 400
