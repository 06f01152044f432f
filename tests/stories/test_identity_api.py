"""The API of identity: merging and back, the queue, the rules, and what may not be done, said in sentences."""

import json
from typing import Any

import pytest
from django.test import Client

from cdp.profiles.models import Profile, Record
from identity import rule_jobs, snapshots
from identity.models import Candidate, Merge, RuleSet, Separation
from identity.rules import DEFAULTS, to_json
from tests.factories import a_token
from tests.identity.test_reform import people, two_at_one_till
from tests.taking_in import NOW, ago, identify, rows, strays, take_in, track

pytestmark = pytest.mark.django_db


class Api:
    def __init__(self, *scopes: str) -> None:
        self.headers = {"Authorization": f"Bearer {a_token(*scopes)[1]}"}
        self.client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        more = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(self.client, method)(f"/api/{path}", headers=self.headers, **more)
        assert answer.status_code == expect, answer.content
        return answer.json()

    def get(self, path: str, expect: int = 200) -> Any:
        return self.call("get", path, expect=expect)

    def post(self, path: str, body: Any, expect: int = 200) -> Any:
        return self.call("post", path, body, expect)


@pytest.fixture
def api() -> Api:
    return Api("identity:read", "identity:write", "identity_rules:write", "profiles:read")


def uuid_of(key: str) -> str:
    return str(Profile.objects.get(pk=Record.objects.get(key=key).profile_id).uuid)


def two_devices() -> list[str]:
    take_in([identify(anonymousId="d1", traits={"city": "Bern"}, at=ago(days=2)), track("", anonymousId="d2")])
    return [uuid_of("anon:d1"), uuid_of("anon:d2")]


def test_a_merge_is_tried_made_read_in_the_ledger_and_undone(api: Api) -> None:
    one, other = two_devices()
    tried = api.post("identity/merges", {"profiles": [one, other], "dry_run": True})
    assert (tried["dry_run"], tried["merges"], len(tried["before"])) == (True, [], 2)
    assert [facts["traits"] for facts in tried["after"]] == [{"city": "Bern"}]
    assert set(tried["after"][0]["effects"]) >= {"Segments", "Consent"}
    assert len(people()) == 2
    made = api.post("identity/merges", {"profiles": [one, other]})
    assert made["profiles"] == [one]
    assert len(people()) == 1
    merged = api.get(f"profiles/{other}")
    assert (merged["id"], merged["merged_into"]) == (one, one)
    assert api.get(f"profiles/{one}")["merged_into"] is None
    [row] = api.get(f"identity/merges?profile={one}&how=manual")["results"]
    assert (row["id"], row["winner"], row["loser"], row["undone_at"]) == (made["merges"][0], one, other, None)
    assert row["by"].startswith("token:")
    assert api.get("identity/merges?how=fuzzy")["results"] == []
    tried = api.post(f"identity/merges/{row['id']}/unmerge", {"dry_run": True})
    assert [len(tried["before"]), len(tried["after"])] == [1, 2]
    undone = api.post(f"identity/merges/{row['id']}/unmerge", {})
    assert sorted(undone["profiles"]) == sorted([one, other])
    assert len(people()) == 2
    refused = api.post(f"identity/merges/{row['id']}/unmerge", {}, expect=409)
    assert refused["detail"].startswith("This merge was undone already, on ")
    [apart] = api.get("identity/separations")["results"]
    assert apart["id"] == undone["separation"]
    assert sorted(apart["sides"]) == sorted([[one], [other]])
    assert strays() == 0


def test_the_ledger_comes_in_pages(api: Api) -> None:
    for n in range(5):
        Merge.objects.create(winner_id=1, loser_id=2, at=ago(hours=n), xact_id=1)
    first = api.get("identity/merges?limit=3")
    rest = api.client.get(first["next"], headers=api.headers).json()
    assert [len(first["results"]), len(rest["results"]), rest["next"]] == [3, 2, None]
    since = ago(hours=2).isoformat().replace("+00:00", "Z")
    assert len(api.get(f"identity/merges?since={since}")["results"]) == 3


def test_people_are_kept_apart_and_that_is_taken_back(api: Api) -> None:
    one, other = two_devices()
    assert api.post("identity/separations", {"profiles": [one, other], "dry_run": True})["dry_run"]
    assert not Separation.objects.exists()
    made = api.post("identity/separations", {"profiles": [one, other]})
    take_in([identify(anonymousId=device, traits={"email": "till@shop.example"}) for device in ("d1", "d2")])
    assert len(people()) == 2
    api.call("delete", f"identity/separations/{made['separation']}")
    assert len(people()) == 1
    api.call("delete", f"identity/separations/{made['separation']}", expect=404)
    assert api.post("identity/separations", {"profiles": [one, other]}, expect=409)["detail"] == (
        "They are one person already: split it instead."
    )


def test_a_record_is_split_off(api: Api) -> None:
    two_at_one_till()
    records = {one.key: one.pk for one in Record.objects.all()}
    who = uuid_of("anon:d1")
    other = [records["user:ada"]]
    assert api.post(f"identity/profiles/{who}/split", {"records": other}, expect=400)["errors"][0]["place"] == "records"
    tried = api.post(f"identity/profiles/{who}/split", {"records": [records["anon:d2"]], "dry_run": True})
    assert (len(tried["before"]), len(tried["after"]), len(people())) == (1, 2, 3)
    done = api.post(f"identity/profiles/{who}/split", {"records": [records["anon:d2"]]})
    assert len(done["ambiguous"]) == 1
    assert "till@shop.example" in done["ambiguous"][0]
    assert len(people()) == 4
    whole = api.post(f"identity/profiles/{who}/split", {"records": [records["anon:d1"]]}, expect=409)
    assert whole["detail"] == "These are all records of this person: leave at least one."
    api.post("identity/profiles/user_id:nobody/split", {"records": [1]}, expect=404)


def a_candidate(probability: float, one: str = "anon:d1", other: str = "anon:d2") -> Candidate:
    a, b = sorted(Record.objects.filter(key__in=[one, other]).values_list("pk", flat=True))
    return Candidate.objects.create(record_a=a, record_b=b, weight=3, probability=probability, found_at=NOW)


@pytest.mark.parametrize(("decision", "left"), [("same", 1), ("different", 2), ("later", 2)])
def test_a_pair_is_decided_on(api: Api, decision: str, left: int) -> None:
    one, other = two_devices()
    pair = a_candidate(0.8)
    [row] = api.get("identity/candidates?least=0.5")["results"]
    assert (row["id"], sorted(row["profiles"]), row["state"]) == (pair.pk, sorted([one, other]), "open")
    assert api.get("identity/candidates?least=0.9")["results"] == []
    api.post(f"identity/candidates/{pair.pk}/decision", {"decision": decision})
    assert len(people()) == left
    assert api.get("identity/candidates")["results"] == []
    assert [row["id"] for row in api.get(f"identity/candidates?state={decision}")["results"]] == [pair.pk]
    again = {"decision": "different" if decision == "same" else "same"}
    api.post(f"identity/candidates/{pair.pk}/decision", again, expect=200 if decision == "later" else 409)


def test_the_rules_are_read_drafted_tried_and_applied(
    api: Api, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr("identity.api.rules.ring_rules", rung.append)
    two_at_one_till()
    known = api.get("identity/rules")
    assert (known["version"], known["is_in_force"], known["rules"]) == (0, True, to_json(DEFAULTS))
    assert api.call("put", "identity/rules", {"rules": known["rules"]}, 409)["detail"].startswith("These rules are")
    new = {**known["rules"], "blocked": [{"namespace": "email", "value": "till@*"}]}
    draft = api.call("put", "identity/rules", {"rules": new, "note": "tills"}, 201)
    assert (draft["is_in_force"], draft["applied_at"]) == (False, None)
    assert draft["changes"] == ["Blocked: E-mail “till@*”."]
    told = api.post(f"identity/rules/{draft['version']}/try", {})
    assert (told["records"], told["broken"], told["concerned"]) == (4, 1, 1)
    with django_capture_on_commit_callbacks(execute=True):
        applied = api.post(f"identity/rules/{draft['version']}/apply", {}, 202)
    assert applied["job"]["state"] == "waiting"
    rule_jobs.run(rung[0].pk, clock=lambda: NOW)
    now = api.get(f"identity/rules/{draft['version']}")
    assert (now["is_in_force"], now["job"]["state"], now["changes"]) == (True, "done", [])
    assert now["settled_at"]
    assert len(people()) == 4
    assert (
        api.post(f"identity/rules/{draft['version']}/apply", {}, 409)["detail"] == "These rules were applied already."
    )
    api.get("identity/rules/99999", expect=404)
    api.get("identity/rules/x", expect=404)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"namespaces": [{"name": "email", "priority": 0}]}, "namespaces[0].priority"),
        ({"namespaces": [{"name": "email", "priority": 1}]}, "namespaces"),
        ({"blocked": [{"value": "*"}]}, "blocked[0].value"),
        ({"blocked": [{"value": "a", "note": "\0"}]}, "blocked[0].note"),
        ({"fuzzy": {"link": 2}}, "fuzzy.link"),
        ({"fuzzy": {"kinds": {"\ud800": "text"}}}, "fuzzy.kinds"),
        ({"magic": 1}, "rules.magic"),
    ],
)
def test_wrong_rules_are_refused_with_the_place(api: Api, change: Any, place: str) -> None:
    answer = api.call("put", "identity/rules", {"rules": change}, 400)
    assert answer["errors"][0]["place"] == place
    assert not RuleSet.objects.exists()


def test_wrong_bodies_are_refused_with_the_place(api: Api) -> None:
    one, _ = two_devices()
    nobody = "00000000-0000-0000-0000-000000000000"
    for body, place in (
        ({"profiles": [one]}, "profiles"),
        ({"profiles": [one, nobody]}, "profiles.1"),
        ({"profiles": [one, 7]}, "profiles.1"),
        ({"profiles": [one, one], "dry_run": 1}, "dry_run"),
        ({"profiles": [one, one], "magic": 1}, "magic"),
        ([], "body"),
    ):
        assert api.post("identity/merges", body, 400)["errors"][0]["place"] == place
    assert api.post("identity/merges", {"profiles": [one, one]}, 409)["detail"] == "They are one person already."


def test_what_hard_identifiers_forbid_is_a_sentence(api: Api) -> None:
    take_in([track("ada"), track("bob")])
    ids = [uuid_of("user:ada"), uuid_of("user:bob")]
    said = api.post("identity/merges", {"profiles": ids}, 409)["detail"]
    assert said.startswith("They have different values of user_id (ada, bob), and two of these are two people.")
    assert not rows("select 1 from identity_link")


def test_quality_is_what_was_counted(api: Api) -> None:
    assert api.get("identity/quality", 404)["detail"] == "It was not counted yet; that happens every hour."
    two_devices()
    snapshots.take(now=NOW)
    found = api.get("identity/quality")
    assert (found["people"], found["records"], found["strays"]) == (2, 2, 0)
    assert found["figures"]["joined"]["single"]["people"] == 2


def test_a_full_pass_is_a_job_and_twice_is_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity.api.rules.ring_match", lambda job_id: None)
    job = api.post("identity/matching/full-pass", {}, 202)
    assert (job["state"], job["done"]) == ("waiting", 0)
    assert api.post("identity/matching/full-pass", {}, 202)["id"] == job["id"]


def test_each_scope_opens_only_its_own() -> None:
    reader = Api("identity:read")
    reader.get("identity/rules")
    writes = [("post", "identity/merges"), ("post", "identity/separations"), ("put", "identity/rules")]
    for method, path in writes:
        assert "lacks the scope" in reader.call(method, path, {}, 403)["detail"]
    assert (
        "lacks the scope identity_rules:write" in Api("identity:write").call("put", "identity/rules", {}, 403)["detail"]
    )
