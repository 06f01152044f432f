"""What a sender gets back, and what stands in the inbox when it has its 200."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from cdp.accounts.keys import hash_secret
from cdp.accounts.models import Source, WriteKey
from cdp.common.clock import utc_now
from cdp.events.models import InboxBatch
from tests.collecting import Sender, an_event, basic, inbox_bodies
from tests.serving import Serving

UntilTrue = Callable[..., None]
AtOnce = Callable[[Callable[[int], int], int], list[int]]

CALLS = ("track", "identify", "page", "screen", "group", "alias")
ALIAS = {"groupId": "g", "previousId": "anon-1"}


def test_a_batch_is_one_row_as_received(sender: Sender) -> None:
    body = json.dumps({"batch": [an_event(), an_event(messageId="m2")], "sentAt": "2026-01-01T00:00:00Z"}).encode()
    reply = sender.post("/v1/batch", body, User_Agent="test/1", Sec_GPC="1", sentAt="2026-01-01T00:00:01Z")
    assert (reply.status, reply.json) == (200, {"success": True, "accepted": 2, "refused": []})
    row = InboxBatch.objects.get()
    assert (bytes(row.body), row.call, row.lane, row.refused) == (body, "batch", "live", None)
    assert row.source_id == Source.objects.get().pk
    assert row.meta == {
        "ip": "127.0.0.1",
        "user_agent": "test/1",
        "gpc": True,
        "sent_at": "2026-01-01T00:00:01Z",
    }
    assert abs(row.received_at - utc_now()) < timedelta(seconds=20)


@pytest.mark.parametrize("path", [*(f"/v1/{call}" for call in CALLS), *(f"/v1/{call[0]}" for call in CALLS)])
def test_single_calls(sender: Sender, path: str) -> None:
    event = {"userId": "ada", "event": "Order Completed", **ALIAS}
    assert sender.post(path, event, Content_Type="text/plain").json["accepted"] == 1
    row = InboxBatch.objects.get()
    assert row.call[0] == path.rsplit("/")[-1][0]
    assert json.loads(bytes(row.body)) == event


@pytest.mark.parametrize(
    ("path", "lane"), [("/v1/b", "live"), ("/beacon/v1/batch", "live"), ("/v1/import", "bulk"), ("/v1/batch/", "live")]
)
def test_batch_paths_and_lanes(sender: Sender, path: str, lane: str) -> None:
    assert sender.post(path, {"batch": [an_event()]}).status == 200
    assert (InboxBatch.objects.get().call, InboxBatch.objects.get().lane) == ("batch", lane)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_gzip_under_any_content_type(sender: Sender, content_type: str) -> None:
    body = json.dumps({"batch": [an_event()]}).encode()
    reply = sender.post("/v1/batch", gzip.compress(body), Content_Encoding="gzip", Content_Type=content_type)
    assert reply.json["accepted"] == 1
    assert bytes(InboxBatch.objects.get().body) == body


def test_a_bad_event_leaves_the_others(sender: Sender) -> None:
    reply = sender.post("/v1/batch", {"batch": [an_event(), an_event(messageId="bad", event=""), {"type": 3}]})
    assert reply.status == 200
    assert reply.json["accepted"] == 1
    assert [(one["index"], one["messageId"], one["code"]) for one in reply.json["refused"]] == [
        (1, "bad", "shape"),
        (2, None, "shape"),
    ]
    refused = InboxBatch.objects.get().refused or {}
    assert refused["1"] == {
        "code": "shape",
        "place": "event",
        "reason": "track needs the name of what happened in event.",
    }
    assert set(refused) == {"1", "2"}


def test_an_empty_batch_writes_nothing(sender: Sender) -> None:
    assert sender.post("/v1/batch", {"batch": []}).json == {"success": True, "accepted": 0, "refused": []}
    assert not InboxBatch.objects.exists()


def test_where_the_key_may_be(serving: Serving, sender: Sender) -> None:
    key, batch = sender.key, {"batch": [an_event()]}
    anonymous = Sender(serving.url)
    taken = [
        anonymous.post("/v1/batch", batch, Authorization=basic(key)),
        anonymous.post("/v1/batch", batch, Authorization=f"Bearer {key}"),
        anonymous.post("/v1/batch", batch, X_Write_Key=key),
        anonymous.post(f"/v1/batch?x=1&writeKey={key}", batch),
        anonymous.post("/v1/batch", {**batch, "writeKey": key}),
        anonymous.post("/v1/track", {**an_event(), "writeKey": key}),
        anonymous.post("/v1/batch", {**batch, "writeKey": key}, Authorization=basic("someone-elses")),
    ]
    assert [reply.status for reply in taken] == [200] * len(taken)
    assert InboxBatch.objects.count() == len(taken)


@pytest.mark.parametrize(
    "authorization", ["", "Basic", "Basic !!!", "Basic " + "A" * 400, "Bearer nobody", "Bearer ", "Digest x"]
)
def test_no_live_key(serving: Serving, sender: Sender, authorization: str) -> None:
    reply = Sender(serving.url).post("/v1/batch", {"batch": [an_event()]}, Authorization=authorization)
    assert (reply.status, reply.json["code"]) == (401, "key")
    assert "Basic" in reply.json["message"]
    assert not InboxBatch.objects.exists()


def test_a_revoked_key_ends_and_a_new_one_begins(serving: Serving, sender: Sender, until_true: UntilTrue) -> None:
    assert sender.post("/v1/track", an_event()).status == 200
    WriteKey.objects.update(revoked_at=utc_now())
    until_true(lambda: sender.post("/v1/track", an_event()).status == 401, within_s=5)
    WriteKey.objects.create(source=Source.objects.get(), hash=hash_secret("another"), hint="ther")
    assert Sender(serving.url, "another").post("/v1/track", an_event()).status == 200


def test_a_paused_source_is_refused(sender: Sender, until_true: UntilTrue) -> None:
    Source.objects.update(is_active=False)
    until_true(lambda: sender.post("/v1/track", an_event()).status == 401, within_s=5)


def test_last_use_is_written_soon(sender: Sender, until_true: UntilTrue) -> None:
    sender.post("/v1/track", an_event())
    until_true(lambda: WriteKey.objects.get().last_used_at is not None, within_s=5)


def test_preflight_and_answer_allow_any_website(serving: Serving, sender: Sender) -> None:
    asked = "anonymousid,authorization,content-type,sentat,x-custom"
    reply = Sender(serving.url).ask(
        "OPTIONS",
        "/v1/batch",
        Origin="https://shop.example",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers=asked,
    )
    assert reply.status == 204
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-allow-headers"] == asked
    assert "POST" in reply.headers["access-control-allow-methods"]
    posted = sender.post("/v1/track", an_event(), Origin="https://shop.example")
    assert posted.headers["access-control-allow-origin"] == "*"
    assert "retry-after" in posted.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/batch", 405), ("PUT", "/v1/track", 405), ("POST", "/v1/nothing", 404), ("GET", "/v1/", 404)],
)
def test_other_paths_and_methods(sender: Sender, method: str, path: str, status: int) -> None:
    reply = sender.ask(method, path)
    assert (reply.status, reply.json["success"]) == (status, False)


def test_bodies_from_many_senders_at_once_are_all_there(serving: Serving, sender: Sender, at_once: AtOnce) -> None:
    def send(number: int) -> int:
        own = Sender(serving.url, sender.key)
        return sum(own.post("/v1/track", an_event(messageId=f"{number}-{n}")).json["accepted"] for n in range(20))

    assert sum(at_once(send, 16)) == 320
    assert {body["messageId"] for body in inbox_bodies()} == {f"{a}-{b}" for a in range(16) for b in range(20)}
