"""Webhooks in the browser and over the API: who may, what is shown, and that a secret is told once."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks import save
from campaigns.webhooks.kinds import TEST
from campaigns.webhooks.post import secrets_of
from campaigns.webhooks.told_to import by_segment
from cdp.accounts.models import AuditEntry
from tests.campaigns.webhooks.making import a_message, a_segment, an_endpoint
from tests.cast import Cast
from tests.cdp.common.outbound.answering import Answering, answer
from tests.factories import NOW, a_token

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")
FILLED = {"name": "CRM", "url": "https://crm.example.com/hooks", "kinds": ["membership", "delivery"]}


@pytest.fixture
def ada(cast: Cast) -> Client:
    return cast.client("ada")


def page(client: Client, name: str, *args: int, **query: str) -> str:
    answered = client.get(reverse(f"campaigns:{name}", args=args), query)
    assert answered.status_code == 200
    return answered.content.decode()


def test_an_admin_sets_one_up_and_sees_the_secret_once(ada: Client, settings: Any) -> None:
    segment = a_segment("Loyal")
    made = ada.post(reverse("campaigns:webhook_new"), {**FILLED, "segments": [segment.pk], "deliveries": ["clicked"]})
    (secret,) = SECRET.findall(made.content.decode())
    endpoint = Endpoint.objects.get()
    assert secrets_of(endpoint, keys=settings.ENCRYPTION_KEYS, now=NOW) == [secret]
    assert "no-store" in made.headers["Cache-Control"]
    shown = page(ada, "webhook", endpoint.pk)
    assert "whsec_" not in shown + page(ada, "webhooks") + page(ada, "webhook_edit", endpoint.pk)
    assert "People who enter or leave segments: Loyal" in shown
    assert "clicked" in shown
    assert [use.name for _, use in by_segment([segment.pk])] == ["CRM"]
    entry = AuditEntry.objects.get(verb="created webhook")
    assert entry.details["address"] == FILLED["url"]
    replaced = ada.post(reverse("campaigns:webhook_rotate", args=[endpoint.pk])).content.decode()
    assert SECRET.findall(replaced) != [secret]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("url", "http://127.0.0.1:8080/", "private or reserved"),
        ("url", "http://[::ffff:10.0.0.1]/", "private or reserved"),
        ("url", "http://169.254.169.254/", "private or reserved"),
        ("url", "http://0x7f000001/", "is a number"),
        ("url", "http://localhost/", "own network"),
        ("url", "https://crm.example.com:22/", "Port 22"),
        ("url", "https://u:p@crm.example.com/", "user name"),
        ("url", "https://crm.example.com/a/../b", "upwards"),
        ("url", "ftp://crm.example.com/", "http://"),
        ("kinds", [], "required"),
        ("kinds", ["everything"], "not one of"),
        ("segments", ["999"], "not one of"),
    ],
)
def test_what_is_refused_stands_at_its_field(ada: Client, field: str, value: Any, message: str) -> None:
    answered = ada.post(reverse("campaigns:webhook_new"), {**FILLED, field: value})
    assert answered.status_code == 422
    assert message in json.dumps(answered.context["form"].errors.get_json_data()[field])
    assert not Endpoint.objects.exists()


def test_names_are_given_once(ada: Client) -> None:
    endpoint, _ = an_endpoint()
    again = ada.post(reverse("campaigns:webhook_new"), {**FILLED, "name": endpoint.name})
    assert "Another webhook has this name" in again.content.decode()
    same = {**FILLED, "name": endpoint.name, "kinds": ["merge"]}
    assert ada.post(reverse("campaigns:webhook_edit", args=[endpoint.pk]), same).status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.wants == {"kinds": ["merge"]}


@contextmanager
def listening(settings: Any, reply: bytes) -> Iterator[tuple[Endpoint, Answering]]:
    with Answering(lambda _: reply) as server:
        settings.OUTBOUND_OWN = [f"http://127.0.0.1:{server.port}/"]
        yield an_endpoint(url=f"http://127.0.0.1:{server.port}/hooks")[0], server


@pytest.mark.parametrize(
    ("reply", "shown"),
    [(answer(b'{"ok": true}'), "Delivered"), (answer(b"<b>no</b>", status="500 No"), "&lt;b&gt;no&lt;/b&gt;")],
)
def test_a_test_shows_what_was_answered(ada: Client, settings: Any, reply: bytes, shown: str) -> None:
    with listening(settings, reply) as (endpoint, server):
        answered = ada.post(reverse("campaigns:webhook_test", args=[endpoint.pk]), follow=True)
    assert shown in answered.content.decode()
    assert len(server.requests) == 1
    assert WebhookMessage.objects.get().kind == TEST


def test_messages_are_listed_by_state_and_sent_again(ada: Client) -> None:
    endpoint, _ = an_endpoint()
    dead = a_message(
        endpoint, state="dead", kind="profile.merged", attempts=10, status=500, answer="x" * 200, settled_at=NOW
    )
    sent = a_message(endpoint, state="delivered", kind="segment.left", attempts=1, status=200, settled_at=NOW)
    a_message(endpoint, kind="segment.entered")
    whole = page(ada, "webhook", endpoint.pk)
    assert all(kind in whole for kind in ("profile.merged", "segment.left", "segment.entered"))
    only = page(ada, "webhook", endpoint.pk, state="dead")
    assert "profile.merged" in only
    assert "segment.left" not in only
    assert "x" * 200 in page(ada, "webhook_message", endpoint.pk, dead.pk)
    url = reverse("campaigns:webhook_again", args=[endpoint.pk])
    ada.post(url)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("waiting", 0)
    ada.post(url, {"message": sent.pk})
    sent.refresh_from_db()
    assert sent.state == "waiting"
    other, _ = an_endpoint()
    assert ada.get(reverse("campaigns:webhook_message", args=[other.pk, dead.pk])).status_code == 404


def test_one_that_was_switched_off_is_said_at_home_and_can_be_switched_on(cast: Cast) -> None:
    endpoint, _ = an_endpoint()
    Endpoint.objects.filter(pk=endpoint.pk).update(state="disabled", disabled_because="It answered 410 Gone.")
    ada = cast.client("ada")
    for shown in (
        ada.get(reverse("home_problems")).content.decode(),
        page(ada, "webhooks"),
        page(ada, "webhook", endpoint.pk),
    ):
        assert "It answered 410 Gone." in shown
    assert "410 Gone" not in cast.client("mara").get(reverse("home_problems")).content.decode()
    ada.post(reverse("campaigns:webhook_resume", args=[endpoint.pk]))
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.disabled_because) == ("on", "")
    ada.post(reverse("campaigns:webhook_pause", args=[endpoint.pk]))
    assert "Paused" in page(ada, "webhook", endpoint.pk)
    verbs = AuditEntry.objects.filter(target=endpoint.name).values_list("verb", flat=True)
    assert {"switched on webhook", "paused webhook"} <= set(verbs)


def test_deleting_takes_its_messages_along(ada: Client) -> None:
    endpoint, _ = an_endpoint()
    a_message(endpoint)
    ada.post(reverse("campaigns:webhook_delete", args=[endpoint.pk]))
    assert not Endpoint.objects.exists()
    assert not WebhookMessage.objects.exists()


def test_pages_ask_as_much_for_many_as_for_one(ada: Client) -> None:
    def queries(name: str, *args: int) -> int:
        with CaptureQueriesContext(connection) as found:
            page(ada, name, *args)
        return len(found)

    endpoint, _ = an_endpoint()
    a_message(endpoint)
    few = queries("webhooks"), queries("webhook", endpoint.pk)
    for _ in range(5):
        an_endpoint()
        a_message(endpoint)
    assert (queries("webhooks"), queries("webhook", endpoint.pk)) == few


def test_secrets_are_sealed_anew(db: None, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = ["old"]
    endpoint, first = an_endpoint()
    second = save.rotate(endpoint, by=save.Doer(None), now=NOW)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    call_command("seal_secrets", stdout=(said := StringIO()))
    assert "1 webhooks" in said.getvalue()
    endpoint.refresh_from_db()
    assert secrets_of(endpoint, keys=["new"], now=NOW) == [second, first]


def test_the_api_creates_lists_and_deletes(db: None) -> None:
    _, text = a_token("webhooks:read", "webhooks:write")
    client = Client(headers={"Authorization": f"Bearer {text}"})
    segment = a_segment()
    made = client.post("/api/webhooks", {**FILLED, "segments": [segment.pk]}, content_type="application/json")
    assert made.status_code == 201
    assert SECRET.fullmatch(made.json()["secret"])
    number = made.json()["id"]
    (listed,) = client.get("/api/webhooks").json()["results"]
    assert listed == {name: value for name, value in made.json().items() if name != "secret"}
    assert (listed["kinds"], listed["segments"]) == (["delivery", "membership"], [segment.pk])
    read = client.get(f"/api/webhooks/{number}").json()
    assert read["last_24_h"] == {"delivered": 0, "failed": 0, "waiting": 0, "dead": 0}
    mistakes: list[dict[str, Any]] = [
        {"url": "http://10.0.0.1/"},
        {"kinds": []},
        {"segments": [0]},
        {"segments": [9_999]},
        {"more": 1},
    ]
    for wrong in mistakes:
        assert (
            client.post("/api/webhooks", {**FILLED, "name": "X", **wrong}, content_type="application/json").status_code
            == 400
        ), wrong
    assert client.delete(f"/api/webhooks/{number}").status_code == 204
    assert client.get(f"/api/webhooks/{number}").status_code == 404
    assert AuditEntry.objects.get(verb="deleted webhook").details["by"].startswith("token:")
