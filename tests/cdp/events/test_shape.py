"""The verdict on bodies and events, and that the fast way never accepts what the slow way refuses."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.events.message import Envelope, Sent
from cdp.events.shape import BadBody, check_batch, check_single
from cdp.events.verdict import CALLS, verdict

GOOD = {"type": "track", "userId": "ada", "event": "Order Completed", "messageId": "m"}
NESTED = b"[" * 70 + b"]" * 70
VERY_NESTED = b"[" * 5000 + b"]" * 5000


def event(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changed}.items() if value is not ...}


TAKEN = {
    "plain": event(),
    "anonymous": event(userId=None, anonymousId="a"),
    "number ids": event(userId=7, anonymousId=1.5),
    "zero is an id": event(userId=0),
    "no message id": event(messageId=...),
    "100 characters of message id": event(messageId="x" * 100),
    "emoji as escapes": event(properties={"a": "\U0001f600"}),
    "64 levels": event(properties=json.loads('{"a":' * 62 + "1" + "}" * 62)),
    "brackets in strings": event(properties={"a": "[" * 500, "b": "}{" * 500}),
    "ten years off": event(timestamp="2016-05-01T10:00:00+09:00"),
    "no zone": event(originalTimestamp="2026-05-01T10:00:00"),
    "unknown fields": event(whatever=[1, {"x": None}]),
    "identify": {"type": "identify", "userId": "ada", "traits": {"a": 1}},
    "page without a name": {"type": "page", "anonymousId": "a"},
    "group": {"type": "group", "userId": "ada", "groupId": 5},
    "alias": {"type": "alias", "userId": "ada", "previousId": "a"},
    "alias of the anonymous id": {"type": "alias", "userId": "ada", "anonymousId": "a"},
}
REFUSED = {
    "not an object": (3, "shape", "JSON object"),
    "no type": (event(type=...), "shape", "type must be"),
    "wrong type": (event(type="buy"), "shape", "type must be"),
    "type no string": (event(type=["track"]), "shape", "type must be"),
    "nobody": (event(userId=...), "shape", "userId or an anonymousId"),
    "blank id": (event(userId="  "), "shape", "userId or an anonymousId"),
    "id is a flag": (event(userId=True), "shape", "userId must be"),
    "id is an object": (event(anonymousId={}), "shape", "anonymousId must be"),
    "long id": (event(userId="x" * 501), "size", "userId has 501"),
    "no name": (event(event=...), "shape", "name of what happened"),
    "blank name": (event(event=" \t"), "shape", "name of what happened"),
    "name no string": (event(event=5), "shape", "event must be a string"),
    "long name": (event(event="x" * 201), "size", "event has 201"),
    "message id too long": (event(messageId="x" * 101), "size", "messageId has 101"),
    "message id a number": (event(messageId=5), "shape", "messageId must be"),
    "properties a list": (event(properties=[1]), "shape", "properties must be"),
    "context a string": (event(context="x"), "shape", "context must be"),
    "traits a number": (event(traits=1), "shape", "traits must be"),
    "no time": (event(timestamp="yesterday"), "shape", "timestamp must be ISO 8601"),
    "a number as time": (event(timestamp=1767225600), "shape", "timestamp must be ISO 8601"),
    "absurd time": (event(originalTimestamp="9999-01-01T00:00:00Z"), "shape", "originalTimestamp must be"),
    "before computers": (event(timestamp="1876-01-01T00:00:00Z"), "shape", "timestamp must be"),
    "sentAt a number": (event(sentAt=5), "shape", "sentAt must be"),
    "NUL": (event(properties={"note": ["a\0b"]}), "characters", "properties.note[0] holds a NUL"),
    "NUL in a name": (event(properties={"no\0te": 1}), "characters", "properties holds a NUL"),
    "70 levels": (event(properties={"a": json.loads(NESTED)}), "depth", "properties is nested deeper"),
    "group without group": ({"type": "group", "userId": "a"}, "shape", "groupId"),
    "alias without old id": ({"type": "alias", "userId": "a"}, "shape", "previousId"),
    "alias without new id": ({"type": "alias", "previousId": "a", "anonymousId": "b"}, "shape", "userId"),
    "too large": (event(properties={"a": "x" * 33_000}), "size", "32 KB"),
}
UNREADABLE = {
    "NaN": (b"NaN", "shape", "NaN and Infinity"),
    "minus infinity": (b"-Infinity", "shape", "NaN and Infinity"),
    "too large a number": (b"1e999", "shape", "too large"),
    "a lone surrogate": (b'"\\ud800"', "characters", "lone surrogate"),
    "a lone low surrogate": (b'"x\\udc00y"', "characters", "lone surrogate"),
    "not UTF-8": (b'"\xff"', "characters", "UTF-8"),
    "a surrogate as UTF-8": (b'"\xed\xa0\x80"', "characters", "UTF-8"),
    "5,000 levels": (VERY_NESTED, "depth", "deeper than 64"),
}
BAD_BODIES = {
    "empty": (b"", "json"),
    "blank": (b" \n", "json"),
    "text": (b"hello", "json"),
    "cut off": (b'{"batch":[{"type":"track"', "json"),
    "trailing comma": (b'{"batch":[{"type":"track",}]}', "json"),
    "a list": (b"[]", "shape"),
    "a string": (b'"batch"', "shape"),
    "no batch": (b"{}", "shape"),
    "batch an object": (b'{"batch":{}}', "shape"),
    "sentAt a number": (b'{"batch":[],"sentAt":5}', "shape"),
    "context a list": (b'{"batch":[],"context":[]}', "shape"),
    "too many": (b'{"batch":[' + b",".join([b"{}"] * 2501) + b"]}", "size"),
    "too large": (b'{"batch":["' + b"x" * 512_000 + b'"]}', "size"),
    "levels without end": (b'{"x":' * 20_000, "depth"),
    "quotes without end": (b'{"batch":[' + b'"\\"' * 60_000, "json"),
}


def batch(*events: bytes) -> bytes:
    return b'{"writeKey":"k","batch":[' + b", ".join(events) + b'],"sentAt":"2026-01-01T00:00:00Z"}'


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("taken", TAKEN.values(), ids=TAKEN.keys())
def test_taken(taken: dict[str, Any]) -> None:
    checked = check_batch(batch(encoded(GOOD), encoded(taken)))
    assert (checked.n_accepted, list(checked.refusals), checked.write_key) == (2, [], "k")
    alone = check_single(encoded(taken), str(taken["type"]))
    assert alone.n_accepted == 1


@pytest.mark.parametrize(("refused", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_alone_with_its_reason(refused: Any, code: str, words: str) -> None:
    body = batch(encoded(GOOD), encoded(refused), encoded(GOOD))
    checked = check_batch(body)
    assert checked.body == body
    assert [(one.index, one.code) for one in checked.refusals] == [(1, code)]
    assert words in checked.refusals[0].reason


@pytest.mark.parametrize(("value", "code", "words"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_json_cannot_carry_is_refused_alone_and_kept_readable(value: bytes, code: str, words: str) -> None:
    bad = encoded(event(properties={"a": "HERE"})).replace(b'"HERE"', value)
    checked = check_batch(batch(encoded(GOOD), bad, encoded(GOOD)))
    assert [(one.index, one.code) for one in checked.refusals] == [(1, code)]
    assert words in checked.refusals[0].reason
    kept = json.loads(checked.body)
    assert kept["batch"][0] == kept["batch"][2] == GOOD
    assert list(kept["batch"][1]) == ["unreadable"]
    assert (kept["writeKey"], checked.write_key, kept["sentAt"]) == ("k", "k", "2026-01-01T00:00:00Z")
    assert check_single(bad, "track").refusals[0].code == code


@pytest.mark.parametrize(("body", "code"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_bad_bodies(body: bytes, code: str) -> None:
    with pytest.raises(BadBody) as caught:
        check_batch(body)
    assert caught.value.code == code


def test_the_path_gives_the_type_of_an_event_that_names_none() -> None:
    assert check_single(encoded(event(type=...)), "track").n_accepted == 1
    assert check_single(encoded(event(type=...)), "group").refusals[0].place == "groupId"


ids = st.none() | st.integers() | st.sampled_from(["", " ", "a", "\n a", True, False, 1.5, "x" * 500, "x" * 501, "\0"])
texts = st.none() | st.sampled_from(["", " ", "a", "x" * 100, "x" * 101, "x" * 201, "\0"]) | st.integers()
times = st.none() | st.sampled_from(["", "2026-01-01", "2026-01-01T00:00:60Z", "1969-12-31T23:59:59Z", "2101", 5])
json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
events = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*sorted(CALLS), "x"]) | st.none(),
        **dict.fromkeys(("userId", "anonymousId", "groupId", "previousId"), ids),
        **dict.fromkeys(("messageId", "event", "name", "category", "sentAt"), texts),
        **dict.fromkeys(("timestamp", "originalTimestamp"), times),
        **dict.fromkeys(("properties", "context", "traits", "integrations", "extra"), json_values),
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events, max_size=4))
def test_the_fast_way_and_the_slow_way_agree_and_the_pipeline_reads_what_is_taken(sent: list[dict[str, Any]]) -> None:
    bodies = [json.dumps(one, ensure_ascii=False).encode("utf-8", "surrogatepass") for one in sent]
    slow = [verdict(one, index=index, call=None) for index, one in enumerate(bodies)]
    checked = check_batch(batch(*bodies))
    assert list(checked.refusals) == [refusal for refusal in slow if refusal is not None]
    refused = {one.index for one in checked.refusals}
    for index, raw in enumerate(msgspec.json.decode(checked.body, type=Envelope).batch):
        if index not in refused:
            msgspec.json.decode(raw, type=Sent)
