"""The API of segments: what it makes, refuses and tells."""

import json
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client

from cdp.accounts.models import AuditEntry
from cdp.common.keyset import pack
from cdp.profiles.models import Identifier
from cdp.rules.schema import rule_schema
from cdp.rules.tree import UTC
from segments import cuts
from segments.models import Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, rule, trait
from tests.factories import a_token
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db
VIEWED = rule(event(VIEW, window=last(7)))


class Api:
    def __init__(self, *scopes: str) -> None:
        self.headers = {"Authorization": f"Bearer {a_token(*scopes)[1]}"}
        self.client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        text = "" if body is None else json.dumps(body)
        ask = getattr(self.client, method)
        answer = ask(f"/api/{path}", text, content_type="application/json", headers=self.headers)
        assert answer.status_code == expect, answer.content
        return answer.json() if answer.content else None

    def get(self, path: str, *, expect: int = 200, query: Any = None, **more: Any) -> Any:
        answer = self.client.get(f"/api/{path}", {**(query or {}), **more}, headers=self.headers)
        assert answer.status_code == expect, answer.content
        return answer.json()

    def post(self, path: str, body: Any = None, *, expect: int = 200) -> Any:
        return self.call("post", path, body, expect=expect)


@pytest.fixture
def api() -> Api:
    return Api("read", "write")


def refreshed(pk: int) -> int:
    refresh_fully(pk, now=NOW, zone=UTC)
    refresh_changes(now=NOW, zone=UTC)
    return pk


def test_a_segment_is_made_read_changed_archived_and_restored(api: Api) -> None:
    made = api.post("segments", {"name": " V ", "rule": VIEWED, "pace": "cron", "cron": "0  6 * * *"}, expect=201)
    assert (made["name"], made["version"], made["cron"], made["kind"]) == ("V", 1, "0 6 * * *", "rule")
    assert "Product Viewed" in made["english"]
    path = f"segments/{made['id']}"
    assert api.get(path) == made
    changed = api.call("patch", path, {"pace": "live", "folder": "F", "version": 1})
    assert (changed["version"], changed["pace"], changed["cron"], changed["folder"]) == (2, "live", "", "F")
    assert api.call("patch", path, {"name": "W", "version": 1}, expect=409)["detail"].startswith("The segment is at")
    api.call("delete", path, expect=204)
    api.call("delete", path, expect=404)
    api.call("patch", path, {"name": "W"}, expect=409)
    assert [one["id"] for one in api.get("segments", state="archived")["results"]] == [made["id"]]
    assert api.get("segments")["results"] == []
    assert api.post(f"{path}/restore")["archived_at"] is None
    api.post(f"{path}/restore", expect=409)
    assert api.post(f"{path}/duplicate", expect=201)["name"] == "Copy of V"
    told = AuditEntry.objects.filter(actor=None, details__by__startswith="API token").order_by("id")
    verbs = list(told.values_list("verb", flat=True))
    assert verbs == ["created segment", "changed segment", "archived segment", "restored segment", "created segment"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": "X"}, "rule"),
        ({"name": "", "rule": VIEWED}, "name"),
        ({"name": 7, "rule": VIEWED}, "name"),
        ({"name": "x" * 121, "rule": VIEWED}, "name"),
        ({"name": "a\x00", "rule": VIEWED}, "name"),
        ({"name": "X", "rule": VIEWED, "people": []}, "rule"),
        ({"name": "X", "rule": []}, "rule"),
        ({"name": "X", "rule": rule({"kind": "event"})}, "rule.root.of[0].name"),
        ({"name": "X", "rule": rule({"kind": "listed", "id": 1})}, "rule.root"),
        ({"name": "X", "rule": VIEWED, "pace": "often"}, "pace"),
        ({"name": "X", "rule": VIEWED, "pace": "cron"}, "cron"),
        ({"name": "X", "rule": VIEWED, "cron": "* * * * *"}, "cron"),
        ({"name": "X", "people": ["user_id:nobody"]}, "people[0]"),
        ({"name": "X", "people": [7]}, "people"),
        ({"name": "X", "people": [], "pace": "live"}, "pace"),
        ({"name": "X", "snapshot_of": True}, "snapshot_of"),
        ({"name": "X", "rule": VIEWED, "colour": 1}, "colour"),
        ([], "body"),
    ],
)
def test_mistakes_name_their_place(api: Api, body: Any, place: str) -> None:
    told = api.post("segments", body, expect=400)
    assert told["errors"][0]["place"] == place
    assert not Segment.objects.exists()


def test_names_are_taken_once_and_what_is_used_stays(api: Api) -> None:
    lower = api.post("segments", {"name": "A", "rule": VIEWED}, expect=201)["id"]
    built_on = rule({"kind": "segment", "id": lower, "op": "in"})
    upper = api.post("segments", {"name": "B", "rule": built_on}, expect=201)["id"]
    assert api.post("segments", {"name": "A", "rule": VIEWED}, expect=400)["errors"][0]["place"] == "name"
    assert "B" in api.call("delete", f"segments/{lower}", expect=409)["detail"]
    circle = rule({"kind": "segment", "id": upper, "op": "in"})
    told = api.call("patch", f"segments/{lower}", {"rule": circle}, expect=400)
    assert told["errors"][0] == {
        "place": "rule.root",
        "problem": "the segment would depend on itself, through another segment",
    }


def test_versions_and_the_way_back(api: Api) -> None:
    pk = api.post("segments", {"name": "A", "rule": VIEWED}, expect=201)["id"]
    api.call("patch", f"segments/{pk}", {"rule": rule(event(BUY))})
    assert [one["number"] for one in api.get(f"segments/{pk}/versions")["results"]] == [2, 1]
    assert api.post(f"segments/{pk}/versions/1/back")["rule"] == VIEWED
    api.post(f"segments/{pk}/versions/9/back", expect=404)
    assert api.get(f"segments/{pk}/versions")["results"][0]["note"] == "Went back to version 1"


def test_the_language_and_a_preview(api: Api) -> None:
    take_in([track("ann", VIEW), track("bob", BUY)])
    assert api.get("segments/rule-schema") == json.loads(json.dumps(rule_schema()))
    told = api.post("segments/preview", {"rule": rule(event(VIEW))})
    assert (told["count"], told["low"], told["high"], told["is_exact"]) == (1, 1, 1, True)
    assert told["english"].startswith("People who")
    assert api.post("segments/preview", {"rule": {}}, expect=400)["errors"][0]["place"] == "rule.version"


def test_who_is_in_since_when_and_why(api: Api) -> None:
    take_in([track("ann", VIEW, at=ago(days=1)), track("bob", VIEW), identify("cat")])
    pk = refreshed(api.post("segments", {"name": "A", "rule": VIEWED}, expect=201)["id"])
    first = api.get(f"segments/{pk}/members", limit=1)
    assert len(first["results"]) == 1
    rest = api.client.get(first["next"], headers=api.headers).json()
    assert len({one["id"] for one in first["results"] + rest["results"]}) == 2
    later = (NOW + timedelta(seconds=1)).isoformat()
    assert api.get(f"segments/{pk}/members", since=later)["results"] == []
    assert api.get(f"segments/{pk}/members", since="2026-03-01", expect=400)["errors"][0]["place"] == "since"
    assert api.get(f"segments/{pk}/members/user_id:ann")["is_member"] is True
    assert api.get(f"segments/{pk}/members/user_id:cat") == {"is_member": False, "entered_at": None}
    api.get(f"segments/{pk}/members/user_id:nobody", expect=404)
    (only,) = api.get("profiles/user_id:ann/segments")["results"]
    assert (only["segment"], only["name"]) == (pk, "A")
    why = api.get(f"segments/{pk}/explanation/user_id:cat")
    assert (why["is_in"], why["is_member"], why["findings"][0]["holds"], why["findings"][0]["decides"]) == (
        False,
        False,
        False,
        True,
    )


def test_fixed_lists_are_made_and_changed(api: Api) -> None:
    take_in([identify("ann", traits={"email": "ann@x.org"}), identify("bob")])
    bob = api.get("profiles/user_id:bob")["id"]
    made = api.post("segments", {"name": "L", "people": ["email:Ann@x.org"], "description": "d"}, expect=201)
    path = f"segments/{made['id']}"
    refreshed(made["id"])
    assert (made["kind"], made["description"]) == ("static", "d")
    assert api.post(f"{path}/people", {"add": [bob], "remove": ["user_id:ann"]}) == {"added": 1, "removed": 1}
    assert api.post(f"{path}/people", {"add": [bob]}) == {"added": 0, "removed": 0}
    refused = api.post(f"{path}/people", {"add": [bob, "user_id:x"]}, expect=400)
    assert refused["errors"] == [{"place": "add[1]", "problem": "Nobody is known by this."}]
    refresh_changes(now=NOW, zone=UTC)
    assert [one["id"] for one in api.get(f"{path}/members")["results"]] == [bob]
    copy = api.post("segments", {"name": "M", "snapshot_of": made["id"]}, expect=201)["id"]
    refreshed(copy)
    assert Membership.objects.filter(segment_id=copy).count() == 1
    by_rule = api.post("segments", {"name": "R", "rule": VIEWED}, expect=201)["id"]
    api.post(f"segments/{by_rule}/people", {"add": [bob]}, expect=409)
    told = api.call("patch", path, {"rule": VIEWED}, expect=400)
    assert told["errors"][0]["place"] == "rule.root"


def test_a_refresh_is_asked_for_and_watched(api: Api) -> None:
    pk = api.post("segments", {"name": "A", "rule": VIEWED}, expect=201)["id"]
    api.get(f"segments/{pk}/refresh", expect=404)
    asked = api.post(f"segments/{pk}/refresh", expect=202)
    assert asked["state"] == "waiting"
    assert api.post(f"segments/{pk}/refresh", expect=202)["id"] == asked["id"]
    assert api.get(f"segments/{pk}/refresh") == asked


def test_cuts_are_read(api: Api) -> None:
    take_in([identify(f"p{n}", traits={"points": n}) for n in range(10)])
    top = {"kind": "percentile", "percent": 20, "of": {"kind": "trait", "name": "points"}}
    api.post("segments", {"name": "A", "rule": rule(top)}, expect=201)
    cuts.publish_all(now=NOW, zone=UTC)
    (cut,) = api.get("cuts")["results"]
    assert (cut["value"], cut["version"], cut["english"]) == ("7", 1, "the top 20 % by points")


def test_the_feed_tells_every_change_once(api: Api) -> None:
    pk = refreshed(api.post("segments", {"name": "A", "rule": VIEWED}, expect=201)["id"])
    other = refreshed(api.post("segments", {"name": "B", "rule": rule(trait("a", "is_set"))}, expect=201)["id"])
    start = api.get("segments/changes", query={"from": "now"})
    assert start["results"] == []
    take_in([track("ann", VIEW), track("bob", VIEW), identify("cat", traits={"a": 1})])
    refresh_changes(now=NOW, zone=UTC)
    # The test's own transaction is still under way: what it wrote is not told before it ends.
    assert api.get("segments/changes", after=start["cursor"])["results"] == []
    MembershipChange.objects.update(xact_id=7)
    first = api.get("segments/changes", limit=2)
    assert first["has_more"]
    second = api.get("segments/changes", limit=2, after=first["cursor"])
    assert not second["has_more"]
    told = first["results"] + second["results"]
    assert [(one["segment"], one["kind"], one["cause"]) for one in told] == [
        (pk, "entered", "event"),
        (pk, "entered", "event"),
        (other, "entered", "trait"),
    ]
    assert api.get("segments/changes", after=second["cursor"]) == {**second, "results": []}
    assert len(api.get("segments/changes", segment=other)["results"]) == 1
    foreign = api.get("segments/changes", after=pack([2**62, 1]), expect=400)
    assert "restored from a backup" in json.dumps(foreign)
    ann = api.get("profiles/user_id:ann")["id"]
    assert ann in {one["profile"] for one in told}


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"after": "x"}, "after"),
        ({"after": "WzEsMl0", "from": "now"}, "from"),
        ({"from": "then"}, "from"),
        ({"segment": "x"}, "segment"),
        ({"after": "WyJhIiwyXQ"}, "after"),
    ],
)
def test_a_wrong_cursor_is_told(api: Api, query: dict[str, str], place: str) -> None:
    assert api.get("segments/changes", expect=400, query=query)["errors"][0]["place"] == place


def test_readers_and_writers_are_kept_apart() -> None:
    reader = Api("segments:read")
    reader.get("segments")
    reader.post("segments/preview", {"rule": VIEWED})
    reader.post("segments", {"name": "A", "rule": VIEWED}, expect=403)
    Api("profiles:read").get("segments", expect=403)


@pytest.mark.django_db(transaction=True)
def test_a_change_whose_transaction_is_slow_is_never_passed_over() -> None:
    """One writer takes its number first and commits last."""
    api = Api("read")
    slow = psycopg2.connect(**_parameters())
    with slow.cursor() as cursor:
        cursor.execute(INSERT)
        MembershipChange.objects.create(segment_id=2, profile_id=2, kind="entered", cause="event", at=NOW)
        before = api.get("segments/changes")
        slow.commit()
    slow.close()
    after = api.get("segments/changes", after=before["cursor"])
    assert before["results"] == []
    assert [one["segment"] for one in after["results"]] == [1, 2]


INSERT = (
    "insert into segments_membershipchange (segment_id, profile_id, kind, cause, at)"
    " values (1, 1, 'entered', 'event', now())"
)


def _parameters() -> dict[str, Any]:
    return {name: value for name, value in connection.get_connection_params().items() if name in CONNECTING}


CONNECTING = ("dbname", "user", "password", "host", "port")


def test_identifiers_of_all_kinds_name_people(api: Api) -> None:
    take_in([identify("u/1:x")])
    known = Identifier.objects.get(namespace="user_id")
    made = api.post("segments", {"name": "L", "people": [f"user_id:{known.value}"]}, expect=201)
    assert made["kind"] == "static"
