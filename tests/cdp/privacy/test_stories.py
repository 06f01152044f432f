"""Consent and suppression over HTTP and through the pipeline."""

import json
from typing import Any

import pytest
from django.test import Client

from cdp.accounts.models import AuditEntry
from cdp.events.models import Event, RejectedMessage
from cdp.privacy.consent import current
from cdp.privacy.models import Consent, Purpose, Suppression, Topic
from cdp.profiles.models import Identifier, Profile
from tests.cast import Cast
from tests.factories import a_token
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db

NO = {"consent": {"categoryPreferences": {"Advertising": False}}, "ip": "1.2.3.4", "locale": "de"}


@pytest.fixture
def _advertising(request: pytest.FixtureRequest) -> None:
    about = {"name": "Advertising", "is_denied_by_gpc": True, "when_denied": request.param}
    Purpose.objects.update_or_create(key="advertising", defaults=about)


@pytest.mark.parametrize("_advertising", ["strip"], indirect=True)
@pytest.mark.usefixtures("_advertising")
def test_a_stripped_event_is_counted_and_says_not_whose_it_was() -> None:
    mine: dict[str, Any] = {
        "anonymousId": "device-1",
        "context": NO,
        "properties": {"price": 5, "email": "ada@example.org"},
    }
    done = take_in([track("ada", **mine), track("ada", **mine), identify("ada", traits={"city": "Ulm"}, context=NO)])
    assert (done.messages, done.rejected) == (3, 1)
    assert [event.properties for event in Event.objects.all()] == [{"price": 5}] * 2
    assert Event.objects.values("profile_id").distinct().count() == 1
    assert Event.objects.first().context == {"consent": NO["consent"], "locale": "de"}  # type: ignore[union-attr]
    (name,) = Identifier.objects.values_list("value", flat=True)
    assert name.startswith("stripped-")
    assert Profile.objects.get().traits == {}
    assert current("user_id", ["ada"], purpose="advertising") == {"ada": False}


@pytest.mark.parametrize("_advertising", ["refuse"], indirect=True)
@pytest.mark.usefixtures("_advertising")
def test_a_refused_event_leaves_a_note_without_its_content() -> None:
    take_in([track("ada", context=NO, properties={"secret": "42"}), track("bob")])
    refused = RejectedMessage.objects.get()
    assert (refused.code, refused.reason) == (
        "consent",
        "The purpose “advertising” is denied by the event's consent.",
    )
    assert b"ada" not in bytes(refused.body)
    assert b"42" not in bytes(refused.body)
    assert Event.objects.count() == 1
    assert Consent.objects.get(namespace="user_id").value == "ada"


@pytest.mark.parametrize("_advertising", ["refuse"], indirect=True)
@pytest.mark.usefixtures("_advertising")
def test_a_guilty_neighbour_does_not_change_whose_denial_was_recorded() -> None:
    """A batch that fails is tried again in parts; the words of its messages are those they came with."""
    Purpose.objects.filter(key="advertising").update(when_denied="strip")
    take_in([track("ada", context=NO), track("eve", properties={"broken": "\0"}), track("bob")])
    assert RejectedMessage.objects.get().code == "error"
    assert set(Consent.objects.values_list("value", flat=True)) == {"ada"}


def test_purposes_and_topics_are_kept_by_stewards(cast: Cast) -> None:
    stew = cast.client("stew")
    new = {"name": "Research", "key": "research", "when_denied": "refuse", "description": ""}
    assert stew.post("/privacy/purposes/new/", new).status_code == 302
    again = stew.post("/privacy/purposes/new/", {**new, "key": "Research"})
    assert "There is one with this key already" in again.content.decode()
    one = Purpose.objects.get(key="research")
    stew.post(f"/privacy/purposes/{one.pk}/", {**new, "key": "other", "when_denied": "strip"})
    one.refresh_from_db()
    assert (one.key, one.when_denied) == ("research", "strip")
    stew.post("/privacy/topics/new/", {"name": "Studies", "key": "studies", "purpose": one.pk, "description": ""})
    assert Topic.objects.get().purpose == one
    assert "Studies" in stew.get("/privacy/purposes/").content.decode()
    assert AuditEntry.objects.filter(verb="changed purpose", target="research").exists()


def test_suppressions_are_kept_by_stewards(cast: Cast) -> None:
    stew = cast.client("stew")
    assert stew.post("/privacy/suppressions/add/", {"namespace": "email", "value": "nobody"}).status_code == 422
    stew.post("/privacy/suppressions/add/", {"namespace": "email", "value": "Ada@Example.org", "note": "by phone"})
    one = Suppression.objects.get()
    assert (one.value, one.reason) == ("ada@example.org", "manual")
    assert "ada@example.org" in stew.get("/privacy/suppressions/?q=ADA").content.decode()
    assert "ada@example.org" not in stew.get("/privacy/suppressions/?reason=bounce").content.decode()
    stew.post(f"/privacy/suppressions/{one.pk}/remove/")
    assert not Suppression.objects.exists()
    entry = AuditEntry.objects.get(verb="removed suppression")
    assert (entry.target, entry.details["reason"]) == ("ada@example.org", "manual")


@pytest.mark.parametrize("reason", ["erased", "complaint"])
def test_what_its_owner_asked_for_stays_and_an_erased_one_is_not_shown(cast: Cast, reason: str) -> None:
    one = Suppression.objects.create(namespace="email", value="#0123", reason=reason, at=NOW)
    ada = cast.client("ada")
    ada.post(f"/privacy/suppressions/{one.pk}/remove/")
    assert Suppression.objects.exists()
    assert ("#0123" in ada.get("/privacy/suppressions/").content.decode()) == (reason == "complaint")


@pytest.fixture
def api(db: None) -> Any:
    Purpose.objects.get_or_create(key="analytics", defaults={"name": "Analytics"})
    _, text = a_token("consent:read", "consent:write")

    def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {text}"}
        answer = getattr(Client(), method)(url, data, content_type="application/json", headers=headers)
        return answer.status_code, json.loads(answer.content)

    return call


def test_consent_by_api(api: Any) -> None:
    yes = {"namespace": "email", "value": "Ada@b.org", "purpose": "analytics", "is_granted": True}
    words = [yes, {**yes, "value": "bob@b.org", "is_granted": False}]
    assert api("post", "/api/consents", {"consents": words}) == (200, {"recorded": 2})
    assert current("email", ["ada@b.org", "bob@b.org"], purpose="analytics") == {"ada@b.org": True, "bob@b.org": False}
    status, found = api("get", "/api/consents?value=ada@b.org")
    assert (status, [one["is_granted"] for one in found["results"]]) == (200, [True])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"purpose": "nonsense"}, "consents.0.purpose"),
        ({"value": "nobody"}, "consents.0.value"),
        ({"value": "a@b\0"}, "consents.0.value"),
        ({"namespace": "shoe size"}, "consents.0.namespace"),
        ({"is_granted": "perhaps"}, "consents.0.is_granted"),
    ],
)
def test_what_the_api_refuses_names_the_place(api: Any, change: dict[str, Any], place: str) -> None:
    yes = {"namespace": "email", "value": "ada@b.org", "purpose": "analytics", "is_granted": True}
    status, answer = api("post", "/api/consents", {"consents": [yes | change]})
    assert (status, answer["errors"][0]["place"]) == (400, place)
    assert not Consent.objects.exists()


def test_suppression_by_api(api: Any) -> None:
    addresses = [{"namespace": "email", "value": "Ada@b.org"}, {"namespace": "phone", "value": "+49 30 1234567"}]
    Suppression.objects.create(namespace="email", value="#0123", reason="erased", at=NOW)
    assert api("post", "/api/suppressions", {"suppressions": addresses}) == (200, {"added": 2})
    assert api("post", "/api/suppressions", {"suppressions": addresses}) == (200, {"added": 0})
    assert {one["value"] for one in api("get", "/api/suppressions")[1]["results"]} == {"ada@b.org", "+49301234567"}
