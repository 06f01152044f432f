"""Settings, the library, RudderStack's source configuration and the pixel."""

import base64
import json
from urllib.parse import quote

import pytest

from cdp.events.models import InboxBatch
from tests.collecting import Sender, an_event, inbox_bodies
from tests.serving import Serving


def test_settings_point_to_the_address_the_browser_used(serving: Serving, sender: Sender) -> None:
    reply = Sender(serving.url).ask("GET", f"/v1/projects/{sender.key}/settings", Host="events.shop.example:8443")
    assert reply.json["integrations"]["Segment.io"]["apiHost"] == "events.shop.example:8443/v1"
    assert reply.json["integrations"]["Segment.io"]["apiKey"] == sender.key
    assert reply.json["integrations"]["Segment.io"]["protocol"] == "http"
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("host", ["evil.example/v1?", "a b", 'x"y', "<script>"])
def test_a_strange_host_is_not_repeated(serving: Serving, sender: Sender, host: str) -> None:
    for path in (f"/v1/projects/{sender.key}/settings", f"/analytics.js/v1/{sender.key}/analytics.min.js"):
        body = Sender(serving.url).ask("GET", path, Host=host).body
        assert host.encode() not in body[:1000]
        assert f"127.0.0.1:{serving.port}".encode() in body[:1000]


def test_the_library_knows_its_home_and_its_parts_are_there(serving: Serving, sender: Sender) -> None:
    reply = Sender(serving.url).ask("GET", f"/analytics.js/v1/{sender.key}/analytics.min.js")
    assert reply.headers["content-type"].startswith("text/javascript")
    assert f'"http://127.0.0.1:{serving.port}"'.encode() in reply.body[:400]
    assert len(reply.body) > 100_000
    part = Sender(serving.url).ask("GET", "/analytics-next/bundles/ajs-destination.bundle.40628baed746e9904edc.js")
    assert part.status == 200
    assert Sender(serving.url).ask("GET", "/analytics-next/bundles/..%2f..%2fsettings.py").status == 404


@pytest.mark.parametrize("path", ["/v1/projects/nobody/settings", "/analytics.js/v1/nobody/analytics.min.js"])
def test_unknown_keys(serving: Serving, sender: Sender, path: str) -> None:
    assert Sender(serving.url).ask("GET", path).status == 404


def test_source_config(serving: Serving, sender: Sender) -> None:
    asked = [
        Sender(serving.url).ask("GET", f"/sourceConfig/?p=npm&v=3.34&writeKey={sender.key}"),
        sender.ask("GET", "/sourceConfig/"),
        sender.ask("GET", "/sourceConfig"),
    ]
    for reply in asked:
        assert (reply.json["source"]["writeKey"], reply.json["source"]["enabled"]) == (sender.key, True)
    assert Sender(serving.url).ask("GET", "/sourceConfig/?writeKey=nobody").status == 401


def pixel(event: dict[str, object], *, padded: bool = True) -> str:
    data = base64.b64encode(json.dumps(event).encode()).decode()
    return quote(data if padded else data.rstrip("="))


def test_the_pixel_takes_base64_and_dotted_parameters(serving: Serving, sender: Sender) -> None:
    own, event = Sender(serving.url), {**an_event(), "writeKey": sender.key}
    replies = [
        own.ask("GET", f"/v1/pixel/track?data={pixel(event)}"),
        own.ask("GET", f"/v1/pixel/track?data={pixel(event, padded=False)}"),
        own.ask("GET", f"/v1/pixel/page?writeKey={sender.key}&anonymousId=a&name=Home&properties.subject=Hello%20you"),
    ]
    assert {(reply.status, reply.headers["content-type"], reply.body[:6]) for reply in replies} == {
        (200, "image/gif", b"GIF89a")
    }
    assert inbox_bodies()[:2] == [event, event]
    assert inbox_bodies()[2]["properties"] == {"subject": "Hello you"}
    assert set(InboxBatch.objects.values_list("call", flat=True)) == {"track", "page"}


@pytest.mark.parametrize("query", ["", "data=%%%", "data=aGVsbG8", "writeKey=nobody&userId=a", "a.b=1&a=2&a.b.c=3"])
def test_the_pixel_is_always_an_image(serving: Serving, sender: Sender, query: str) -> None:
    reply = Sender(serving.url).ask("GET", f"/v1/pixel/track?{query}")
    assert (reply.status, reply.body[:6]) == (200, b"GIF89a")
    assert not InboxBatch.objects.exists()
