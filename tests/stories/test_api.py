"""The REST API: who may, what it says, and that telling twice counts once."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from cdp.accounts.models import Source
from cdp.events.models import InboxBatch, SeenMessage
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from tests.cast import Cast
from tests.factories import a_token
from tests.taking_in import NOW, ago, identify, source, take_in, track

pytestmark = pytest.mark.django_db
ADA = {"identifiers": {"email": "ada@example.com"}, "traits": {"email": "ada@example.com", "city": "Bern"}}


class Api:
    """A program with a token."""

    def __init__(self, *scopes: str) -> None:
        self.headers = {"Authorization": f"Bearer {a_token(*scopes)[1]}"}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, expect: int = 200, **query: Any) -> Any:
        answer = self.client.get(f"/api/{path}", query, headers=self.headers)
        assert answer.status_code == expect, answer.content
        return answer.json()

    def tell(self, body: Any, expect: int = 202, key: str = "") -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        answer = self.client.post("/api/profiles", text, content_type="application/json", headers=headers)
        assert answer.status_code == expect, answer.content
        return answer.json()


@pytest.fixture
def api() -> Api:
    return Api("read", "write")


def drained() -> None:
    while drain("live", now=NOW).rows:
        pass


def test_people_are_told_and_read_back_by_any_identifier(api: Api) -> None:
    told = api.tell({"people": [ADA, {"user_id": 7, "traits": {"n": 1.5}}]})
    assert (told["source"], told["accepted"], told["refused"]) == ("Tributary", 2, 0)
    drained()
    ada = api.get("profiles/email:Ada@example.com")
    assert ada["traits"] == {"email": "ada@example.com", "city": "Bern"}
    assert ada["trait_sources"]["city"]["source"] == "Tributary"
    assert {one["namespace"] for one in ada["identifiers"]} == {"email", "anonymous_id"}
    assert api.get(f"profiles/{ada['id']}")["id"] == ada["id"]
    assert api.get("profiles/user_id:7")["traits"] == {"n": 1.5}
    assert [one["id"] for one in api.get("profiles", identifier="email:ada@example.com")["results"]] == [ada["id"]]


def test_all_that_is_known_comes_with_events_and_state(api: Api) -> None:
    order = {"order_id": "o1", "total": 12.5}
    take_in([identify("u/1"), track("u/1", "Order Completed", properties=order, at=ago(days=2)), track("u/1", "Seen")])
    known = api.get("profiles/user_id:u/1")
    assert [(one["name"], one["n"], one["sum"]) for one in known["event_state"]] == [
        ("Order Completed", 1, 12.5),
        ("Seen", 1, 0.0),
    ]
    assert [one["name"] for one in known["recent_events"]] == ["Seen", "Order Completed"]
    first = api.get("profiles/user_id:u/1/events", limit=1)
    assert first["results"][0]["name"] == "Seen"
    following = api.client.get(first["next"], headers=api.headers).json()
    assert [one["value"] for one in following["results"]] == [12.5]
    assert following["next"] is None


def test_events_are_filtered_by_name_time_and_person(api: Api) -> None:
    take_in([track(f"u{n % 2}", f"Name {n % 3}", at=ago(hours=n)) for n in range(12)])
    assert len(api.get("events")["results"]) == 12
    assert len(api.get("events", name="Name 1")["results"]) == 4
    assert len(api.get("events", profile="user_id:u1", name="Name 1")["results"]) == 2
    since = (NOW - timedelta(hours=2)).isoformat()
    assert len(api.get("events", since=since, until=NOW.isoformat())["results"]) == 3
    assert api.get("events", 400, profile="user_id:nobody")["errors"][0]["place"] == "profile"


def test_telling_twice_with_a_key_counts_once(api: Api) -> None:
    first = api.tell({"people": [ADA]}, key="import-1")
    again = api.tell({"people": [ADA]}, key="import-1")
    assert first["people"] == again["people"]
    api.tell({"people": [ADA]}, key="import-2")
    drained()
    assert SeenMessage.objects.count() == 2
    assert Profile.objects.count() == 1


def test_a_time_of_its_own_makes_a_person_count_once_and_order_not_matter(api: Api) -> None:
    new = ADA | {"traits": {"city": "Oslo"}, "at": "2026-02-02T00:00:00Z"}
    old = ADA | {"traits": {"city": "Rome"}, "at": "2026-01-01T00:00:00Z"}
    for person in (new, old, new):
        api.tell({"people": [person]})
    drained()
    assert SeenMessage.objects.count() == 2
    assert api.get("profiles/email:ada@example.com")["traits"]["city"] == "Oslo"


def test_without_either_the_last_word_counts_even_if_it_was_said_before(api: Api) -> None:
    for city in ("Bern", "Oslo", "Bern"):
        api.tell({"people": [ADA | {"traits": {"city": city}}]})
    drained()
    assert SeenMessage.objects.count() == 3


@pytest.mark.parametrize(
    ("person", "place"),
    [
        ([], "people[0]"),
        ({}, "people[0]"),
        ({"user_id": ""}, "people[0].user_id"),
        ({"user_id": True}, "people[0].user_id"),
        ({"user_id": "x" * 600}, "people[0].user_id"),
        ({"user_id": "u", "email": "e"}, "people[0]"),
        ({"user_id": "u", "traits": []}, "people[0].traits"),
        ({"user_id": "u", "traits": {"a": "\x00"}}, "people[0].traits.a"),
        ({"user_id": "u", "traits": {"a": ["\ud800"]}}, "people[0].traits.a[0]"),
        ({"user_id": "u", "traits": {"a": 10**30}}, "people[0].traits.a"),
        ({"user_id": "u", "traits": {"a": float("1e300")}}, "people[0].traits.a"),
        ({"user_id": "u", "traits": {"": 1}}, "people[0].traits"),
        ({"user_id": "u", "at": "yesterday"}, "people[0].at"),
        ({"user_id": "u", "at": 5}, "people[0].at"),
        ({"identifiers": {"email": {}}}, "people[0].identifiers.email"),
        ({"user_id": "u", "traits": {"a": "x" * 40_000}}, "people[0]"),
    ],
)
def test_a_refusal_names_its_place_and_the_others_are_taken(api: Api, person: Any, place: str) -> None:
    told = api.tell({"people": [person, ADA]})
    assert (told["accepted"], told["refused"]) == (1, 1)
    assert told["people"][0]["place"] == place
    drained()
    assert Profile.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], "body"),
        ({"people": []}, "people"),
        ({"people": {}}, "people"),
        ({"people": [ADA] * 1_001}, "people"),
        ({"people": [ADA], "source": "nowhere"}, "source"),
        ({"people": [ADA], "source": 7}, "source"),
        ({"people": [ADA], "more": 1}, "body"),
    ],
)
def test_a_wrong_body_is_told_with_its_place(api: Api, body: Any, place: str) -> None:
    assert api.tell(body, 400)["errors"][0]["place"] == place
    assert not InboxBatch.objects.exists()


@pytest.mark.parametrize("body", ["{", "NaN", "[" * 100_000, b"\xff\xfe", "9" * 5_000])
def test_what_is_no_json_is_told(api: Api, body: str | bytes) -> None:
    assert "The body is not JSON" in api.tell(body, 400)["detail"]


def test_a_body_too_large_is_refused_before_it_is_read(api: Api) -> None:
    assert api.tell('"' + "x" * (5 * 1024 * 1024) + '"', 413)["detail"].startswith("The body is larger")


def test_a_named_source_is_the_one_that_says_so(api: Api) -> None:
    assert api.tell({"people": [ADA], "source": source("CRM").name})["source"] == "CRM"
    drained()
    assert api.get("profiles/email:ada@example.com")["trait_sources"]["city"]["source"] == "CRM"


@pytest.mark.parametrize(
    ("path", "query", "place"),
    [
        ("profiles", {"q": "x"}, "q"),
        ("profiles", {"seen_since": "then"}, "seen_since"),
        ("profiles", {"after": "x"}, "after"),
        ("profiles", {"after": "WyIyMDI2LTAxIiwxXQ"}, "after"),
        ("profiles", {"limit": "1000"}, "limit"),
        ("profiles", {"identifier": "a:\x00"}, "identifier"),
        ("profiles", {"seen_until": ""}, "seen_until"),
        ("events", {"limit": "-1"}, "limit"),
        ("events", {"since": "then"}, "since"),
        ("events", {"name": "\x00"}, "name"),
        ("events", {"after": "bnVsbA"}, "after"),
        ("sources", {"limit": "1"}, "limit"),
    ],
)
def test_a_wrong_parameter_is_told_with_its_place(api: Api, path: str, query: dict[str, str], place: str) -> None:
    wrong = api.get(path, 400, **query)
    assert wrong["errors"][0]["place"] == place
    assert wrong["detail"].endswith(".")


def test_lists_go_on_with_next(api: Api) -> None:
    take_in([identify(f"u{n}", at=ago(hours=n)) for n in range(7)])
    found, answer = [], api.get("profiles", limit=3)
    while True:
        found += [one["id"] for one in answer["results"]]
        if answer["next"] is None:
            break
        answer = api.client.get(answer["next"], headers=api.headers).json()
    assert len(found) == len(set(found)) == 7


def test_the_merged_answer_with_the_winner(api: Api) -> None:
    take_in([identify("1", traits={"email": "a@x.org"}, at=ago(days=2)), identify(anonymousId="v1", at=ago(days=1))])
    loser = Profile.objects.latest("id")
    take_in([identify(anonymousId="v1", traits={"email": "a@x.org"})])
    winner = api.get(f"profiles/{loser.uuid}")
    assert winner["id"] == str(Profile.objects.get(merged_into=None).uuid)
    assert len(api.get("profiles")["results"]) == 1


def test_sources_are_listed_without_their_keys(api: Api) -> None:
    source("Shop")
    (only,) = api.get("sources")["results"]
    assert only["name"] == "Shop"
    assert not {name for name in only if "key" in name or "hash" in name}
    assert Source.objects.count() == 1


def test_scopes_are_kept_apart() -> None:
    reader = Api("profiles:read")
    reader.get("profiles")
    assert reader.get("events", 403)["detail"] == "This token lacks the scope events:read."
    reader.tell({"people": [ADA]}, 403)
    assert not InboxBatch.objects.exists()


def test_strangers_and_sessions_get_401(cast: Cast) -> None:
    for path in ("profiles", "profiles/user_id:1", "profiles/user_id:1/events", "events", "sources"):
        assert Client().get(f"/api/{path}").status_code == 401
        assert cast.client("ada").get(f"/api/{path}").status_code == 401


def test_too_many_requests_are_told_when_to_come_again(api: Api, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MIN = 3
    for _ in range(3):
        api.client.get("/api/sources", headers=api.headers)
    answer = api.client.get("/api/sources", headers=api.headers)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert answer.json()["detail"]


def test_an_unknown_method_is_405_and_nobody_is_404(api: Api) -> None:
    assert api.client.delete("/api/profiles", headers=api.headers).status_code == 405
    assert api.get("profiles/user_id:nobody", 404)["detail"] == "Nobody is known by that."


def test_the_description_names_every_call_and_its_page_shows_them(cast: Cast) -> None:
    described = Client().get("/api/schema").json()
    assert set(described["paths"]) >= {
        "/api/profiles",
        "/api/profiles/{who}",
        "/api/profiles/{who}/events",
        "/api/events",
        "/api/sources",
        "/api/items",
        "/api/items/{item_id}",
        "/api/item-aliases",
        "/api/consents",
        "/api/suppressions",
    }
    page = cast.client("vic").get("/api/docs").content.decode()
    assert all(path in page for path in described["paths"])
