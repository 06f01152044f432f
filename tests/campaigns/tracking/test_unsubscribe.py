"""Unsubscribing as RFC 8058 wants it: one POST without a cookie, no GET, nobody else's; before the next mail (S10)."""

import re
from email import message_from_bytes, policy
from typing import Any
from uuid import uuid4

import dkim
import pytest
from django.test import Client

from campaigns import audience, links, send
from campaigns.channels.dkim import Signer, new_key, record_of
from campaigns.channels.mailbox import Mailbox
from campaigns.channels.signing import Signed
from campaigns.models import Delivery, DomainKey, MailboxMessage, SenderDomain
from cdp.events.models import Event
from cdp.pipeline import drain
from cdp.privacy.models import Consent, Suppression
from tests.campaigns.test_send import a_campaign, a_topic, delivered, outcomes, says, send_all
from tests.campaigns.tracking.making import again
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SCANNERS = (
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/114.0 Safari/537.36 Edg/114.0",
    "GoogleImageProxy",
    "",
)


def path_of(message: MailboxMessage) -> str:
    parsed = message_from_bytes(bytes(message.source), policy=policy.default)
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(parsed["List-Unsubscribe"])
    assert url.startswith("<https://") and url.endswith(">"), "RFC 8058: an https address"
    return url.strip("<>").removeprefix("https://cdp.example")


def leave(url: str) -> Any:
    return Client(enforce_csrf_checks=True).post(url, ONE_CLICK)


def test_one_post_without_a_cookie_unsubscribes_and_is_an_event_once() -> None:
    delivered()
    path = path_of(MailboxMessage.objects.get())
    assert [leave(path).status_code for _ in range(2)] == [200, 200]
    assert Suppression.objects.values_list("value", "reason").get() == ("ann@x.org", "unsubscribe")
    assert Delivery.objects.get().unsubscribed_at is not None
    drain("live", now=NOW)
    assert Event.objects.filter(name="Unsubscribed").count() == 1


@pytest.mark.parametrize("agent", SCANNERS)
@pytest.mark.parametrize("method", ["get", "head"])
def test_no_scanner_unsubscribes_anybody(agent: str, method: str) -> None:
    delivered()
    path = path_of(MailboxMessage.objects.get())
    for _ in range(3):
        assert getattr(Client(), method)(path, headers={"user-agent": agent}).status_code == 200
    assert not Suppression.objects.exists() and Delivery.objects.get().unsubscribed_at is None


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_no_other_method_does(method: str) -> None:
    url = links.unsubscribe_url("", delivered().ref)
    assert getattr(Client(), method)(url).status_code in (200, 405)
    assert not Suppression.objects.exists()


def test_of_forged_and_borrowed_tokens_none_is_accepted() -> None:
    one = delivered()
    url = links.unsubscribe_url("", one.ref)
    token = url.rstrip("/").rpartition("/")[2]
    forged = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    forged += [token.swapcase(), token[:-1], token + "A", token.partition(":")[0], ":", one.ref.hex]
    forged += [other.rstrip("/").rpartition("/")[2] for other in (
        links.click_url("", one.ref, "https://x.org/"), links.pixel_url("", one.ref)
    )]  # fmt: skip
    assert {leave(url.replace(token, other)).status_code for other in forged} == {404}
    assert not Suppression.objects.exists()


def test_of_a_test_mail_or_somebody_erased_there_is_nobody() -> None:
    assert "Nothing to unsubscribe" in leave(links.unsubscribe_url("", uuid4())).content.decode()


def test_who_leaves_while_the_mail_is_made_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row was claimed and looked through already: what counts is the moment of handing it over."""
    topic = a_topic()
    first = a_campaign("ann", "bob", topic=topic)
    for name in ("ann", "bob"):
        says(name, topic, yes=True, days_ago=1)
    audience.start(first, now=NOW)
    send_all(first)
    url = links.unsubscribe_url("", Delivery.objects.get(address="ann@x.org").ref)
    MailboxMessage.objects.all().delete()
    second = again(first, "Next")
    _leaves_while_composing(monkeypatch, url)
    send_all(second)
    assert list(MailboxMessage.objects.values_list("recipient", flat=True)) == ["bob@x.org"]
    assert outcomes(second) == {"ann": "no_consent", "bob": "accepted"}
    assert Consent.objects.order_by("-at", "-id")[0].how == "unsubscribe"


def _leaves_while_composing(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    made = send._letters

    def then_leave(*given: Any, **more: Any) -> Any:
        found = list(made(*given, **more))
        leave(url)
        return iter(found)

    monkeypatch.setattr(send, "_letters", then_leave)


def test_both_headers_are_covered_by_the_signature_of_the_senders_domain() -> None:
    pem, public = new_key()
    domain = SenderDomain.objects.create(name="x.org", created_at=NOW)
    DomainKey.objects.create(domain=domain, selector="t1", private=b"", public=public, created_at=NOW)
    one = a_campaign("ann")
    audience.start(one, now=NOW)
    send_all(one, Signed(Mailbox(), {"x.org": Signer("x.org", "t1", pem)}))
    source = bytes(MailboxMessage.objects.get().source)
    assert verifies(source, public)
    covered = re.sub(r"\s", "", str(message_from_bytes(source, policy=policy.default)["DKIM-Signature"])).lower()
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(
        re.search(r";h=([^;]+)", covered)[1].split(":")  # type: ignore[index]
    )
    other = links.unsubscribe_url("https://cdp.example", uuid4()).encode()
    assert not verifies(re.sub(rb"(?<=List-Unsubscribe: <)[^>]+", other, source), public)
    assert not verifies(source.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""), public)


def verifies(source: bytes, public: str) -> bool:
    """By dkimpy."""
    return bool(dkim.verify(source, dnsfunc=lambda name, timeout=5: record_of(public).encode()))
