"""The API of rules, history and rollbacks."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from cdp.pipeline import drain
from cdp.profiles.models import Profile, ProfileChange, Rollback, SurvivorshipRule
from tests.cdp.connectors.importing import finish as finish_import
from tests.cdp.connectors.importing import uploaded
from tests.cdp.profiles.test_change_rule import disputed, finish
from tests.factories import a_token
from tests.taking_in import NOW, ago, identify, source, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    client, (_, text) = Client(), a_token("identity:read", "identity:write", "profiles:read", "profiles:write")

    def made(method: str, url: str, body: Any = None, *, expect: int = 200) -> Any:
        answer = client.generic(
            method,
            f"/api/{url}",
            "" if body is None else json.dumps(body),
            "application/json",
            headers={"Authorization": f"Bearer {text}"},
        )
        assert answer.status_code == expect, answer.content
        return answer.json()

    return made


def test_a_rule_dry_and_for_good(call: Any) -> None:
    disputed()
    crm = {"strategy": "rank", "sources": ["crm"]}
    dry = call("PUT", "trait-rules/city", {**crm, "dry_run": True})
    assert (dry["foreseen"]["would_change"], dry["foreseen"]["is_exact"], dry["job"]) == (1, True, None)
    assert dry["foreseen"]["examples"][0]["new"] == "Frankfurt"
    assert not SurvivorshipRule.objects.exists()
    assert call("PUT", "trait-rules/city", crm, expect=202)["job"]["state"] == "waiting"
    finish(Job.objects.get(kind="survivorship"))
    person = call("GET", "profiles/email:ada@x.org")
    assert person["traits"]["city"] == "Frankfurt"
    assert person["trait_sources"]["city"]["why"] == "crm ranks above web."
    listed = call("GET", "trait-rules")["results"]
    assert [(one["trait"], one["strategy"], one["sources"]) for one in listed] == [("city", "rank", ["crm"])]
    call("PUT", "trait-rules/city", {"strategy": None}, expect=202)
    assert not SurvivorshipRule.objects.exists()
    assert AuditEntry.objects.filter(details__by__startswith="API token").count() == 2


@pytest.mark.parametrize(
    ("trait", "body"),
    [
        ("city", {}),
        ("city", {"strategy": "best"}),
        ("city", {"strategy": "rank", "sources": ["nobody"]}),
        ("city", {"strategy": "rank", "surprise": 1}),
        ("email", {"strategy": "union"}),
        ("%00", {"strategy": "rank"}),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(call: Any, trait: str, body: Any) -> None:
    assert call("PUT", f"trait-rules/{trait}", body, expect=400)["errors"]


def test_a_person_as_of_a_time_and_the_changes(call: Any) -> None:
    disputed()
    then = call("GET", f"profiles/email:ada@x.org?as_of={ago(days=2):%Y-%m-%dT%H:%M:%SZ}")
    assert (then["is_known"], then["traits"]["city"]) == (True, "Frankfurt")
    assert then["trait_changes"]["city"]["cause"].startswith(f"message:{source('crm').pk}:")
    call("GET", "profiles/email:ada@x.org?as_of=yesterday", expect=400)
    changes = call("GET", "profiles/email:ada@x.org/changes?trait=city")["results"]
    assert [(one["old"], one["new"]) for one in changes] == [("Frankfurt", "Ulm"), (None, "Frankfurt")]


def test_a_trait_goes_back_in_time(call: Any) -> None:
    disputed()
    body = {"trait": "city", "at": ago(hours=47).isoformat()}
    url = "profiles/email:ada@x.org/rollback"
    assert call("POST", url, {**body, "dry_run": True})["new"] == "Frankfurt"
    drain("live", now=NOW)
    assert Profile.objects.get().traits["city"] == "Ulm"
    call("POST", url, body, expect=202)
    drain("live", now=NOW)
    assert Profile.objects.get().traits["city"] == "Frankfurt"
    assert call("POST", url, body)["old"] == "Frankfurt"
    assert ":back-0-" in ProfileChange.objects.latest("id").cause
    call("POST", url, {"trait": "city"}, expect=400)


def test_an_import_goes_back_and_comes_back(call: Any) -> None:
    bad = finish_import(uploaded("e-mail,city\nada@x.org,WRONG\n", of="crm", preset="people"))
    body = {"cause": f"import:{bad.pk}"}
    dry = call("POST", "rollbacks", {**body, "dry_run": True})
    assert (dry["words"], dry["records"], dry["foreseen"]["would_change"]) == (2, 1, 1)
    made = call("POST", "rollbacks", body, expect=202)
    call("POST", f"rollbacks/{made['id']}/undo", expect=409)
    finish(Rollback.objects.get().job)
    assert Profile.objects.get().traits == {}
    assert call("GET", f"rollbacks/{made['id']}")["job"] == {
        "state": "done", "done": 1, "total": 1, "changed": 1, "error": "",
    }  # fmt: skip
    assert call("POST", f"rollbacks/{made['id']}/undo", expect=202)["undo_job"]["state"] == "waiting"
    assert len(call("GET", "rollbacks")["results"]) == 1
    call("GET", "rollbacks/x", expect=404)
    call("POST", "rollbacks", {"cause": "import:999"}, expect=404)
    call("POST", "rollbacks", {**body, "source": "crm"}, expect=400)


def test_a_source_for_a_while(call: Any) -> None:
    take_in([identify("1", traits={"city": "WRONG"})], of="web")
    span = {"source": "web", "since": (NOW - timedelta(minutes=1)).isoformat(), "until": NOW.isoformat()}
    assert call("POST", "rollbacks", {**span, "dry_run": True})["words"] == 0
    span["until"] = (NOW + timedelta(minutes=1)).isoformat()
    assert call("POST", "rollbacks", {**span, "dry_run": True})["words"] == 1
    call("POST", "rollbacks", {**span, "until": span["since"]}, expect=400)
    call("POST", "rollbacks", {"source": "web"}, expect=400)
